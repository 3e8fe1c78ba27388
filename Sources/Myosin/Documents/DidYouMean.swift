/// The name that was probably meant, or nil when none is close: the nearest within a third of its letters.
package func didYouMean(_ name: String, among names: [String]) -> String? {
    // Of very many names only some are looked at, since a client may ask for one that is not there at any time.
    let candidates = names.prefix(10_000).map { ($0, editDistance(name.lowercased(), $0.lowercased())) }
    guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 <= max(1, best.0.count / 3) else { return nil }
    return best.0
}

/// How many letters must be changed, added, left out or swapped with their neighbour to turn one text into the other
/// (the optimal string alignment distance).
private func editDistance(_ left: String, _ right: String) -> Int {
    // What a client typed may be long, and the work grows with the product of the lengths.
    let (left, right) = (Array(left.prefix(64)), Array(right.prefix(64)))
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (i, letter) in left.enumerated() {
        var row = [i + 1]
        for (j, other) in right.enumerated() {
            var distance = min(last[j] + (letter == other ? 0 : 1), last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other {
                distance = min(distance, beforeLast[j - 1] + 1)
            }
            row.append(distance)
        }
        (beforeLast, last) = (last, row)
    }
    return last[right.count]
}
