internal import Logging
internal import Myosin
internal import TestSupport

extension Storm {
    /// Opens a state with all models of a storm, and says what the store had.
    ///
    /// - Parameters:
    ///   - directory: where.
    ///   - limits: those of the engine; by default none of its waits ends too early, however busy the machine is.
    /// - Returns: the state, which logs nothing.
    /// - Throws: ``StateError``.
    static func open(_ directory: String, limits: EngineLimits = .patient) throws -> State {
        Output.write(StormLine.opening.text)
        let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let state = try State(cache: .directory(directory), logger: quiet, limits: limits)
        for line in try load(into: state) { Output.write(line.text) }
        try state.load(Passing())
        return state
    }
}
