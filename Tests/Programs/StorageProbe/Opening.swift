internal import Logging
internal import Myosin
internal import TestSupport

extension Storm {
    /// Opens a state with all models of a storm, and says what the store had.
    ///
    /// - Parameters:
    ///   - directory: where.
    ///   - limits: those of the engine; by default none of its waits ends too early, however busy the machine is.
    ///   - logger: what the state logs to; by default nothing.
    /// - Returns: the state.
    /// - Throws: ``StateError``.
    static func open(
        _ directory: String,
        limits: EngineLimits = .patient,
        logger: Logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> State {
        Output.write(StormLine.opening.text)
        let state = try State(cache: .directory(directory), logger: logger, limits: limits)
        for line in try load(into: state) { Output.write(line.text) }
        try state.load(Passing())
        return state
    }
}
