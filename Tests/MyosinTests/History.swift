/// Something that does one operation after the other: what the histories of a concurrent thing are compared with.
protocol SequentialObject: Hashable {
    /// What was done and what came of it.
    associatedtype Operation

    /// The object after an operation; nil when the operation could not have had its outcome here.
    func after(_ operation: Operation) -> Self?
}

/// Operations that overlapped in time, with the moments at which each was called and returned.
///
/// Moments are numbers from one counter. An operation without an end never returned, or nobody knows how it ended:
/// it may have taken effect at any moment after its call, or never.
///
/// Whether a history is linearizable, that is, whether its operations can be put into one order that the sequential
/// object allows and in which none comes before one that had returned when it was called, is found by the search of
/// J. M. Wing and C. Gong, "Testing and verifying concurrent objects", Journal of Parallel and Distributed Computing
/// 17 (1993): take any operation that no other one must precede, apply it, go on, go back where that leads nowhere.
/// What makes it quick is from G. Lowe, "Testing for linearizability", Concurrency and Computation: Practice and
/// Experience 29 (2017): the same set of operations that leads to the same object again need not be tried again.
struct History<Object: SequentialObject> {
    /// One operation.
    struct Entry {
        var operation: Object.Operation
        var call: Int
        var end: Int?
    }

    /// How many operations a history may have, so that a set of them is one number.
    static var maxEntries: Int { 64 }

    var entries: [Entry]

    init(_ entries: [Entry]) {
        precondition(entries.count <= Self.maxEntries, "a history has \(Self.maxEntries) operations at most")
        self.entries = entries.sorted { $0.call < $1.call }
    }

    /// Whether there is an order of the operations that explains what each gave.
    func isLinearizable(from start: Object) -> Bool {
        var seen: Set<Position> = []
        return canGoOn(from: Position(object: start, done: 0), &seen)
    }

    /// Where a search is: the operations that were applied, and the object after them.
    private struct Position: Hashable {
        var object: Object
        var done: UInt64

        func has(_ index: Int) -> Bool { done & 1 << UInt64(index) != 0 }
    }

    private func canGoOn(from position: Position, _ seen: inout Set<Position>) -> Bool {
        guard seen.insert(position).inserted else { return false }
        let open = entries.indices.filter { !position.has($0) }
        // Those without an end may stay out.
        guard let firstEnd = open.compactMap({ entries[$0].end }).min() else { return true }
        for index in open where entries[index].call < firstEnd {
            guard let object = position.object.after(entries[index].operation) else { continue }
            let next = Position(object: object, done: position.done | 1 << UInt64(index))
            if canGoOn(from: next, &seen) { return true }
        }
        return false
    }
}

extension History: CustomStringConvertible {
    /// A line an operation, in the order of the calls.
    var description: String {
        entries.map { "\($0.call)…\($0.end.map { "\($0)" } ?? "?"): \($0.operation)" }.joined(separator: "\n")
    }
}
