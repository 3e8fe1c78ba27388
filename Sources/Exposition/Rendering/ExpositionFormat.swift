internal import Primitives

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

extension ExpositionFormat {
    /// Selects the format that an Accept field prefers.
    ///
    /// For each format the most specific media range of the field counts. The format with the highest weight wins, then the one with
    /// the first range, then the classic text. Malformed ranges, unknown types and unknown versions are ignored. A client that accepts
    /// none of the formats gets the classic text, because a page in another format is worth more than an error.
    ///
    /// Source: RFC 9110, section 12.5.1.
    ///
    /// - Parameter accept: the field's value; nil where there is none.
    public init(accepting accept: String?) {
        let ranges = WeightedList(accept).elements.compactMap { MediaRange($0) }
        var best: (format: ExpositionFormat, weight: Double, place: Int)?
        for version in Version.allCases {
            let fitting = ranges.enumerated().filter { $0.element.specificity(for: version) != nil }
            guard
                let (place, range) = fitting.max(by: {
                    // The first of those that are alike.
                    ($0.element.specificity(for: version) ?? 0, -$0.offset)
                        < ($1.element.specificity(for: version) ?? 0, -$1.offset)
                }), range.weight > 0
            else { continue }
            if let best, best.weight > range.weight || best.weight == range.weight && best.place <= place { continue }
            let escaping = version == .text0_0_4 ? nil : range.escaping
            best = (ExpositionFormat(version: version, escaping: escaping), range.weight, place)
        }
        self = best?.format ?? .text0_0_4
    }
}

/// One of the media ranges of an Accept field.
private struct MediaRange {
    private let type: String
    private let version: String?
    let weight: Double
    let escaping: EscapingScheme?

    init?(_ element: WeightedList.Element) {
        guard element.name.contains("/"), let weight = element.weight,
            element.parameters["charset"] ?? "utf-8" == "utf-8"
        else { return nil }
        (type, version, self.weight) = (element.name, element.parameters["version"], weight)
        escaping = element.parameters["escaping"].flatMap { EscapingScheme(rawValue: $0) }
    }

    /// How specific it is where it has a format; nil where it has not.
    func specificity(for format: ExpositionFormat.Version) -> Int? {
        let (type, version) =
            switch format {
            case .text0_0_4: ("text/plain", "0.0.4")
            case .text1_0_0: ("text/plain", "1.0.0")
            case .openMetrics1_0_0: ("application/openmetrics-text", "1.0.0")
            }
        if self.type == type { return self.version == nil ? 2 : self.version == version ? 3 : nil }
        if self.version != nil { return nil }
        return self.type == "*/*" ? 0 : self.type == type.prefix { $0 != "/" } + "/*" ? 1 : nil
    }
}
