/// A format that a registry's metrics are exposed in.
///
/// Later versions may add formats.
public struct ExpositionFormat: Hashable, Sendable {
    enum Version: CaseIterable {
        case text0_0_4, text1_0_0, openMetrics1_0_0
    }

    let version: Version
    /// How names that are no classic ones would be escaped, as the client has asked for; names here are all classic.
    let escaping: EscapingScheme?

    /// Prometheus' classic text format, which every scraper understands.
    ///
    /// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>
    public static let text0_0_4 = ExpositionFormat(version: .text0_0_4, escaping: nil)

    /// The text format of Prometheus 3, whose lines are those of the classic one where names are classic.
    ///
    /// Source: <https://prometheus.io/docs/instrumenting/escaping_schemes/>
    public static let text1_0_0 = ExpositionFormat(version: .text1_0_0, escaping: nil)

    /// OpenMetrics, which has units, infos, state sets and exemplars.
    ///
    /// Source: <https://prometheus.io/docs/specs/om/open_metrics_spec/>
    public static let openMetrics1_0_0 = ExpositionFormat(version: .openMetrics1_0_0, escaping: nil)

    /// What the `Content-Type` field of a page in this format says.
    public var contentType: String {
        switch version {
        case .text0_0_4: "text/plain; version=0.0.4; charset=utf-8"
        // The version has to name a scheme; this one is what a client gets that does not care.
        case .text1_0_0: "text/plain; version=1.0.0; charset=utf-8; escaping=\((escaping ?? .underscores).rawValue)"
        case .openMetrics1_0_0:
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
                + (escaping.map { "; escaping=\($0.rawValue)" } ?? "")
        }
    }
}

/// How names that are no classic ones are made classic for clients that know no others.
///
/// The scheme `dots` is not among them: it changes classic names too.
///
/// Source: <https://prometheus.io/docs/instrumenting/escaping_schemes/>
enum EscapingScheme: String, Sendable {
    case allowUTF8 = "allow-utf-8"
    case underscores
    case values
}
