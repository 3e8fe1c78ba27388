internal import Primitives

/// Identities that are the same in each run, for tests.
extension ModelID {
    /// Has ``init()`` count instead of making random UUIDs, while a closure runs.
    ///
    /// The first is `00000000-0000-4000-8000-000000000001`. The closure's tasks and child tasks share the sequence; detached
    /// tasks and threads that it starts do not. States and stores that the closure makes have the same incarnations in each run,
    /// too.
    ///
    /// - Parameter body: the closure.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error.
    public static func withSequence<Result>(_ body: () throws -> Result) rethrows -> Result {
        try IDSequence.$current.withValue(IDSequence(), operation: body)
    }

    /// Has ``init()`` count instead of making random UUIDs, while a closure runs.
    ///
    /// - Parameters:
    ///   - isolation: the actor that the closure runs on; leave it out.
    ///   - body: the closure.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error.
    public static func withSequence<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await IDSequence.$current.withValue(IDSequence(), operation: body, isolation: isolation)
    }
}

/// The numbers of identities and incarnations that a task makes.
final class IDSequence: Sendable {
    /// The sequence of the current task, or nil for random identities.
    @TaskLocal static var current: IDSequence?

    private let last = Lock<(identity: UInt64, incarnation: UInt64)>((0, 0))

    /// The two halves that take the place of a UUID's random part.
    func nextIdentity() -> (UInt64, UInt64) {
        let number = last.withLock { last in
            last.identity += 1
            return last.identity
        }
        return (number >> 48, number)
    }

    /// Four characters or more.
    func nextIncarnation() -> String {
        let number = last.withLock { last in
            last.incarnation += 1
            return last.incarnation
        }
        return "t" + number.padded(to: 3, radix: 10)
    }
}
