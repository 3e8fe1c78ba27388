internal import Primitives

/// The state that a process, or a task of a test, shares.
extension State {
    private static let processState = Lock<State?>(nil)
    @TaskLocal private static var taskState: State?

    /// The state of this process, kept in the directory that the variable `MYOSIN_CACHE_BASE_PATH` names.
    ///
    /// It is opened at first use, so set the variable before. Without the variable, the state keeps nothing.
    /// ``withShared(_:_:)`` replaces it for a task.
    public static var shared: State {
        get throws(StateError) {
            if let taskState { return taskState }
            // Opening does I/O under this lock on purpose: it happens once, and later callers need its result.
            return try processState.withLock { (state) throws(StateError) in
                if let state { return state }
                let new = try State(cache: .fromEnvironment)
                state = new
                return new
            }
        }
    }

    /// Replaces ``shared`` while a closure runs, for this task and its child tasks.
    ///
    /// Detached tasks and other threads, including those that call subscribers, see the state of the process.
    ///
    /// - Parameters:
    ///   - state: the state to share.
    ///   - body: the closure.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error.
    public static func withShared<Result>(_ state: State, _ body: () throws -> Result) rethrows -> Result {
        try $taskState.withValue(state, operation: body)
    }

    /// Replaces ``shared`` while a closure runs, for this task and its child tasks.
    ///
    /// - Parameters:
    ///   - state: the state to share.
    ///   - isolation: the actor that the closure runs on; leave it out.
    ///   - body: the closure.
    /// - Returns: the closure's result.
    /// - Throws: the closure's error.
    public static func withShared<Result>(
        _ state: State,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await $taskState.withValue(state, operation: body, isolation: isolation)
    }
}
