internal import Primitives
internal import Synchronization

/// Labels that link a bucket of a histogram, or a counter, to an example: most often the identity of a trace.
///
/// OpenMetrics pages show them, with the value and the time of the last observation that had an exemplar.
///
/// Source: <https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars>
public struct Exemplar: Sendable {
    /// How many characters the names and values of an exemplar's labels may have together.
    public static let maxCharacters = 128

    /// The labels as they are written.
    let text: [UInt8]

    /// Makes an exemplar; nil for too many characters, a malformed name or a repeated one.
    ///
    /// - Parameter labels: names of labels and their values, with ``maxCharacters`` characters together at most.
    public init?(labels: KeyValuePairs<String, String>) {
        let count = labels.reduce(0) { $0 + $1.key.unicodeScalars.count + $1.value.unicodeScalars.count }
        guard count <= Self.maxCharacters, !labels.isEmpty,
            Set(labels.map(\.key)).count == labels.count, labels.allSatisfy({ NameRules.isLabelName($0.key) })
        else { return nil }
        var text: [UInt8] = []
        SampleLines.append(labels.map { ($0.key, $0.value) }, to: &text)
        self.text = text
    }

    /// Makes an exemplar of a `traceparent` field, with the labels `trace_id` and `span_id`; nil for a malformed field and for a
    /// trace that is not sampled.
    ///
    /// The sampled flag is bit 0 of the flags. Without it no backend has the trace, so a link would lead nowhere.
    ///
    /// Source: W3C Trace Context, sections 3.2.2 and 4.3.
    ///
    /// - Parameter traceparent: the field's value.
    public init?(traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        func isHex(_ text: Substring, _ count: Int) -> Bool {
            text.utf8.count == count
                && text.utf8.allSatisfy { $0.isHexDigit && !$0.isCapital }
        }
        guard parts.count >= 4, isHex(parts[0], 2), parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            isHex(parts[1], 32), isHex(parts[2], 16), isHex(parts[3], 2),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }),
            let flags = UInt8(parts[3], radix: 16), flags & 1 == 1
        else { return nil }
        self.init(labels: ["trace_id": String(parts[1]), "span_id": String(parts[2])])
    }
}

/// The last exemplar of a counter, or of each bucket of a histogram.
final class ExemplarStore: Sendable {
    /// An exemplar with its value and its time, in seconds since boot, so that it stays right when the wall clock is set.
    struct Entry: Sendable {
        let exemplar: Exemplar
        let value: Double
        let time: Double
    }

    // Most metrics never have any, and then this is an empty array.
    private let entries = Lock<[Entry?]>([])
    private let use: ExemplarUse

    init(_ use: ExemplarUse) { self.use = use }

    func set(_ exemplar: Exemplar, value: Double, at place: Int, of count: Int) {
        let entry = Entry(exemplar: exemplar, value: value, time: BootTime.system.now)
        entries.withLock { entries in
            if entries.isEmpty { entries = Array(repeating: nil, count: count) }
            entries[place] = entry
        }
        use.begin()
    }

    /// The exemplars there are; empty where there never was one.
    var all: [Entry?] { entries.withLock { $0 } }
}

/// Whether any metric of a family ever had an exemplar, so that those of others need not be looked at for every page.
final class ExemplarUse: Sendable {
    private let hasBegun = Atomic(false)

    /// Relaxed: a page that misses the first exemplar is made as if before it.
    var isInUse: Bool { hasBegun.load(ordering: .relaxed) }

    func begin() { hasBegun.store(true, ordering: .relaxed) }
}
