/// Numbers, one after the other by index, of which several are read and written at once.
struct Registers: SequentialObject {
    /// What one context, or one reader, found and left.
    struct Operation: Sendable, CustomStringConvertible {
        /// What was found, by index.
        var reads: [Int: Int] = [:]
        /// What was left, by index.
        var writes: [Int: Int] = [:]
        /// What it was, for whoever reads the history.
        var note = ""

        var description: String {
            func list(_ numbers: [Int: Int]) -> String {
                numbers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            }
            return "read [\(list(reads))] wrote [\(list(writes))] \(note)"
        }
    }

    var numbers: [Int]

    init(_ numbers: [Int]) { self.numbers = numbers }

    func after(_ operation: Operation) -> Registers? {
        for (index, number) in operation.reads where numbers[index] != number { return nil }
        var next = self
        for (index, number) in operation.writes { next.numbers[index] = number }
        return next
    }
}
