internal import Foundation

/// The outcome of a scenario: a figure of each side in each round.
struct Comparison {
    /// Where the ratio of ours to the peer's must be.
    enum Bar {
        case atLeast(Double)
        case atMost(Double)

        func isMet(by ratio: Double) -> Bool {
            switch self {
            case .atLeast(let bar): ratio >= bar
            case .atMost(let bar): ratio <= bar
            }
        }

        var text: String {
            switch self {
            case .atLeast(let bar): "≥ \(Comparison.text(bar))"
            case .atMost(let bar): "≤ \(Comparison.text(bar))"
            }
        }
    }

    let name: String
    let unit: String
    let peer: String
    let pairs: [(ours: Double, peer: Double)]
    let bar: Bar

    static let header = """
        | scenario | ours | peer | unit | ratio (min–max) | bar | met |
        |---|---|---|---|---|---|---|
        """

    /// The ratios of ours to the peer's, in order.
    private var ratios: [Double] { pairs.map { $0.ours / $0.peer }.sorted() }

    /// The median of the rounds' ratios.
    private var ratio: Double { Self.median(ratios) }

    /// Whether the bar is met.
    var isMet: Bool { bar.isMet(by: ratio) }

    /// The line of a scenario that gave no figure.
    static func voidRow(_ name: String, because error: any Error) -> String {
        let reason = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
        return "| \(name) | – | – | – | – | – | void: \(reason) |"
    }

    /// A line of the table.
    var row: String {
        let range = "\(Self.text(ratio)) (\(Self.text(ratios.first ?? 0))–\(Self.text(ratios.last ?? 0)))"
        let (ours, others) = (Self.median(pairs.map(\.ours)), Self.median(pairs.map(\.peer)))
        let verdict = isMet ? "yes" : "NO"
        return "| \(name) | \(Int(ours)) | \(Int(others)) (\(peer)) | \(unit) | \(range) | \(bar.text) | \(verdict) |"
    }

    /// The middle one of some numbers, or the mean of the two in the middle; 0 of none.
    static func median(_ numbers: [Double]) -> Double {
        let sorted = numbers.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    private static func text(_ number: Double) -> String { String(format: "%.2f", number) }
}
