extension ExpositionFormat {
    /// The format that a client wants most, as its Accept field says (RFC 9110, section 12.5.1).
    ///
    /// Of the media ranges of the field the most specific one counts for each format, and the format with the highest weight is
    /// taken; of several the one whose range comes first, and of those the classic text. Whatever is malformed, unknown or of a version
    /// that there is not, is left out, and who accepts nothing that there is gets the classic text: a page in a format that is not
    /// asked for is worth more than an error.
    ///
    /// - Parameter accept: the field's value; nil where there is none.
    public init(accepting accept: String?) {
        // Bytes are looked at: to `String` a comma that an accent follows is none.
        let ranges = (accept ?? "").utf8.split(separator: UInt8(ascii: ",")).prefix(Self.rangesMax)
            .compactMap { MediaRange($0) }
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

    /// More of them are not looked at.
    private static let rangesMax = 64
}

/// One of the media ranges of an Accept field.
private struct MediaRange {
    private let type: String
    private let version: String?
    let weight: Double
    let escaping: EscapingScheme?

    init?(_ text: Substring.UTF8View) {
        var parts = text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { Self.trimmed($0).lowercased() }
        type = parts.removeFirst()
        guard type.contains("/") else { return nil }
        var parameters: [String: String] = [:]
        for part in parts {
            let pair = part[...].utf8.split(separator: UInt8(ascii: "="), maxSplits: 1).map { Self.trimmed($0) }
            guard pair.count == 2, parameters[pair[0]] == nil else { continue }
            parameters[pair[0]] = pair[1].filter { $0 != "\"" }
        }
        if let charset = parameters["charset"], charset != "utf-8" { return nil }
        version = parameters["version"]
        escaping = parameters["escaping"].flatMap { EscapingScheme(rawValue: $0) }
        let weight = parameters["q"].map { Double($0) ?? -1 } ?? 1
        guard weight >= 0, weight <= 1 else { return nil }
        self.weight = weight
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

    private static func trimmed(_ text: Substring.UTF8View) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let tail = text.drop(while: isSpace)
        guard let last = tail.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(Substring(tail[...last]))
    }
}
