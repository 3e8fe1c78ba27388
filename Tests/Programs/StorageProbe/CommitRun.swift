internal import Glibc
internal import Myosin
internal import TestSupport

/// What one run on an open state has acknowledged.
struct CommitRun {
    private let state: State
    private var single: Int
    private var pair: Int
    private var inMemory = 0
    /// What the store may show later, though the commit was not acknowledged: it did not respond in time.
    private var late: (single: Int?, pair: Int?)
    /// Whether the last commits of both kinds have succeeded.
    private(set) var works = false

    init(_ state: State) {
        self.state = state
        do {
            single = try state.checkout(Storm.First.self).value
            pair = try state.checkout(Storm.Left.self).value
        } catch {
            Self.breakPromise("reading has thrown \(error)")
        }
    }

    mutating func commitSingle() {
        do {
            let next = single + 1
            try state.update(Storm.First.self, cache: true) { $0.value = next }
            single = next
            works = true
            let revision = try state.checkout(Storm.First.self).checkedOutRevision
            Output.write(StormLine.durable("First", value: next, revision: revision).text)
        } catch {
            works = false
            if (error as? StateError)?.code == .storeNotResponding { late.single = single + 1 }
            Self.tell("First", error)
        }
        look()
    }

    /// Commits a document of so many bytes more.
    mutating func commitLarge(bytes: Int) {
        do {
            let note = String(repeating: "x", count: bytes)
            try state.update(Storm.First.self, cache: true) { $0.note = note }
            works = true
        } catch {
            works = false
            Self.tell("First", error)
        }
        look()
    }

    mutating func commitPair() {
        do {
            let next = pair + 1
            try state.update(Storm.Left.self, Storm.Right.self, cache: true) { ($0.0.value, $0.1.value) = (next, next) }
            pair = next
            let revision = try state.checkout(Storm.Left.self).checkedOutRevision
            Output.write(StormLine.durable("Left+Right", value: next, revision: revision).text)
        } catch {
            works = false
            if (error as? StateError)?.code == .storeNotResponding { late.pair = pair + 1 }
            Self.tell("Left+Right", error)
        }
        look()
    }

    /// Commits on disk until that works, and prints so; gives up at the end.
    mutating func commitUntilItWorks(by end: SuspendingClock.Instant) {
        while !works, SuspendingClock.now < end {
            usleep(2_000)
            commitSingle()
            if works { commitPair() }
        }
        if works { Output.write(StormLine.works.text) }
    }

    mutating func commitInMemory() {
        do {
            inMemory += 1
            let next = inMemory
            try state.update(Storm.Passing.self) { $0.value = next }
            let revision = try state.checkout(Storm.Passing.self).checkedOutRevision
            Output.write(StormLine.passing("Passing", value: next, revision: revision).text)
        } catch {
            Self.breakPromise("a commit in memory has thrown \(error)")
        }
        look()
    }

    /// Reads everything: it is what was acknowledged last.
    func look() {
        do {
            let (first, left, right, passing) = try state.checkout(
                Storm.First.self,
                Storm.Left.self,
                Storm.Right.self,
                Storm.Passing.self
            )
            guard first.value == single || first.value == late.single, left.value == right.value,
                left.value == pair || left.value == late.pair, passing.value == inMemory
            else {
                Self.breakPromise(
                    "visible: \(first) \(left) \(right) \(passing), acknowledged: \(single) \(pair) \(inMemory)"
                )
            }
        } catch {
            Self.breakPromise("reading has thrown \(error)")
        }
    }

    /// Writes down an error of the engine; any other breaks a promise.
    static func tell(_ call: String, _ error: any Error) {
        guard let error = error as? StateError else { breakPromise("\(call) has thrown \(error)") }
        Output.write(StormLine.failed(call, code: error.code.description).text)
        Output.complain("\(call): \(error)")
    }

    /// Ends the process.
    static func breakPromise(_ what: String) -> Never {
        Output.complain(what)
        exit(3)
    }
}
