/// A text format that a registry can be rendered in.
///
/// Later versions may add formats.
public struct TextFormat: Hashable, Sendable {
    enum Version {
        case v0_0_4
    }

    let version: Version

    /// Prometheus' classic text format, which every scraper understands.
    ///
    /// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>
    public static let v0_0_4 = TextFormat(version: .v0_0_4)

    /// What the `Content-Type` header of a page in this format says.
    public var contentType: String {
        switch version {
        case .v0_0_4: "text/plain; version=0.0.4; charset=utf-8"
        }
    }
}
