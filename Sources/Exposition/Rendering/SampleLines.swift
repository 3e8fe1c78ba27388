/// The bytes of a child's lines up to their values, made once for all renderings.
///
/// Samples have the same names, labels and escapes in every text format.
struct SampleLines: ~Copyable, Sendable {
    /// All lines one after another.
    let bytes: [UInt8]
    /// Where the first line ends in `bytes`; most have no other.
    private let firstEnd: Int
    /// Where the others end.
    private let laterEnds: [Int]
    /// Where the labels are in `bytes`, those of the family alone; empty where there are none.
    let labels: Range<Int>

    /// Makes the lines of a child, in the order in which the type's values are rendered:
    /// a summary's count and sum; a histogram's buckets, count and sum.
    init(family: FamilyDescriptor, labelNames: [String], labelValues: LabelValues) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        func add(_ suffix: String, _ ownLabel: (name: String, value: String)? = nil) {
            var labels = Array(zip(labelNames, labelValues.values))
            if let ownLabel { labels.append(ownLabel) }
            Self.append(name: family.name + suffix, labels: labels, to: &bytes)
            ends.append(bytes.count)
        }
        switch family.kind {
        case .counter:
            add("_total")
        case .gauge:
            add("")
        case .summary:
            add("_count")
            add("_sum")
        case .histogram(let upperBounds):
            // `description` keeps the `.0` that `le` has and sample values have not.
            for bound in upperBounds { add("_bucket", ("le", bound.description)) }
            add("_bucket", ("le", "+Inf"))
            add("_count")
            add("_sum")
        case .stateSet(let states):
            for state in states { add("", (family.name, state)) }
        case .info:
            add("_info")
        }
        // The last line is that of one sample, or of a sum, which has no further label.
        let start = ends.count > 1 ? ends[ends.count - 2] : 0
        let name = bytes[start...].prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: " ") }
        // A state set without states has no line.
        labels = name.endIndex..<max(name.endIndex, bytes.count - 1)
        self.bytes = bytes
        firstEnd = ends.first ?? 0
        laterEnds = Array(ends.dropFirst())
    }

    /// How many lines there are.
    var count: Int { 1 + laterEnds.count }

    /// How many bytes they may take at most with their values.
    var maxBytes: Int { bytes.count + count * (Page.maxNumberBytes + 1) }

    /// Writes a line up to its value.
    func write(_ line: Int, to page: inout Page) {
        page.write(bytes, line == 0 ? 0..<firstEnd : (line == 1 ? firstEnd : laterEnds[line - 2])..<laterEnds[line - 1])
    }

    private static func append(name: String, labels: [(name: String, value: String)], to bytes: inout [UInt8]) {
        bytes += name.utf8
        append(labels, to: &bytes)
        bytes.append(UInt8(ascii: " "))
    }

    /// Appends labels in braces; nothing if there are none.
    static func append(_ labels: [(name: String, value: String)], to bytes: inout [UInt8]) {
        for (index, label) in labels.enumerated() {
            bytes.append(UInt8(ascii: index == 0 ? "{" : ","))
            bytes += label.name.utf8
            bytes += "=\"".utf8
            bytes.append(escaping: label.value, quotes: true)
            bytes.append(UInt8(ascii: "\""))
        }
        if !labels.isEmpty { bytes.append(UInt8(ascii: "}")) }
    }
}

extension [UInt8] {
    /// Appends a label's value or a help text with its `\` and line feeds escaped, and its `"` if told.
    ///
    /// Bytes are looked at, not characters: to `String` a carriage return and a line feed are one character. Every
    /// other byte stands for itself, control characters too.
    ///
    /// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information>
    mutating func append(escaping text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): self += #"\\"#.utf8
            case UInt8(ascii: "\n"): self += #"\n"#.utf8
            case UInt8(ascii: "\"") where quotes: self += #"\""#.utf8
            default: append(byte)
            }
        }
    }
}
