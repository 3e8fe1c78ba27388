/// What an Accept field asks for, RFC 9110 section 12.5.1.
struct MediaRanges {
    private struct Range {
        /// `application/json`, `application/*` or `*/*`, in lower case.
        let type: String
        let quality: Double
    }

    private let ranges: [Range]

    /// Reads a field's value; what is malformed is left out.
    init(_ value: String) {
        ranges = value.items(separatedBy: ",")
            .compactMap { item in
                let parts = item.items(separatedBy: ";").map { $0.trimmed.lowercased() }
                guard let type = parts.first, type.contains("/") else { return nil }
                let weight = parts.dropFirst().last { $0.hasPrefix("q=") }
                return Range(type: type, quality: weight.flatMap { Double(String($0.dropFirst(2))) } ?? 1)
            }
    }

    /// Whether one of the media types may be sent: the most specific range that has it decides.
    func accept(anyOf types: [String]) -> Bool {
        // A field without a single range that can be read asks for nothing.
        ranges.isEmpty || types.contains { quality(of: $0) > 0 }
    }

    /// Whether one media type is named, and wanted more than another one.
    func name(_ type: String, before other: String) -> Bool {
        ranges.contains { $0.type == type } && quality(of: type) > quality(of: other)
    }

    private func quality(of type: String) -> Double {
        let family = type.prefix { $0 != "/" } + "/*"
        for wanted in [type, String(family), "*/*"] {
            if let range = ranges.first(where: { $0.type == wanted }) { return range.quality }
        }
        return 0
    }
}
