/// The name that was probably meant, or nil when none is close: the nearest within a third of its bytes.
package func didYouMean(_ name: String, among names: [String]) -> String? {
    NameSuggestions().name(meantBy: name, among: names)
}

/// Finds the names that were probably meant by others, with bounded work for all of a request together.
///
/// A client may send very many names, and there may be very many that they are compared with. When the work is done, no further
/// name is found.
package final class NameSuggestions {
    /// The remaining work: one unit for each pair of bytes, and for each name.
    private var workLeft = 200_000
    /// The longest name that is compared.
    private static let maxBytes = 255

    /// Makes a finder with all of its work before it.
    package init() {}

    /// The name that was probably meant, or nil when none is close.
    package func name(meantBy text: String, among names: [String]) -> String? {
        guard text.utf8.count <= Self.maxBytes else { return nil }
        let typed = SpelledName(text)
        var best: String?
        var bestDistance = Int.max
        for name in names {
            guard workLeft > 0 else { break }
            workLeft -= 1
            let count = name.utf8.count
            // It looks the same, and has other code points.
            if count <= Self.maxBytes, name == text { return name }
            let limit = min(max(1, count / 3), bestDistance - 1)
            guard count <= Self.maxBytes, abs(count - typed.bytes.count) <= limit else { continue }
            let candidate = SpelledName(name)
            workLeft -= count / 8
            guard typed.differs(from: candidate, byAtMost: limit),
                let distance = typed.distance(to: candidate, limit: limit, &workLeft)
            else { continue }
            (best, bestDistance) = (name, distance)
            if distance == 0 { break }
        }
        return best
    }
}

/// A name without the case of its ASCII letters, to be compared byte by byte.
private struct SpelledName {
    let bytes: [UInt8]
    /// A bit for the bytes that it has, two bytes to some of the bits.
    private let bits: UInt64

    init(_ text: String) {
        bytes = text.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        bits = bytes.reduce(0) { $0 | 1 << UInt64($1 & 63) }
    }

    /// Whether the bytes may be the same but for so many: false only if they cannot.
    func differs(from other: SpelledName, byAtMost limit: Int) -> Bool {
        (bits & ~other.bits).nonzeroBitCount <= limit && (other.bits & ~bits).nonzeroBitCount <= limit
    }

    /// How many bytes must be changed, added, left out or swapped with their neighbour to turn one name into the other (the optimal
    /// string alignment distance).
    ///
    /// - Parameters:
    ///   - other: the other name.
    ///   - limit: the greatest distance that is looked for.
    ///   - workLeft: from which the work is taken.
    /// - Returns: the distance; nil if it is greater than the limit.
    func distance(to other: SpelledName, limit: Int, _ workLeft: inout Int) -> Int? {
        let (left, right) = (bytes, other.bytes)
        let far = limit + 1
        var beforeLast: [Int] = []
        var last = (0...right.count).map { min($0, far) }
        for (i, letter) in left.enumerated() {
            // Further from the diagonal than the limit nothing can be within it.
            let (start, end) = (max(0, i - limit), min(right.count, i + limit + 1))
            guard start < end else { return nil }
            workLeft -= end - start
            var row = [Int](repeating: far, count: right.count + 1)
            if i < limit { row[0] = i + 1 }
            for j in start..<end {
                var distance = min(last[j] + (letter == right[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, letter == right[j - 1], left[i - 1] == right[j] {
                    distance = min(distance, beforeLast[j - 1] + 1)
                }
                row[j + 1] = min(distance, far)
            }
            if row.allSatisfy({ $0 > limit }) { return nil }
            (beforeLast, last) = (last, row)
        }
        return last[right.count] <= limit ? last[right.count] : nil
    }
}
