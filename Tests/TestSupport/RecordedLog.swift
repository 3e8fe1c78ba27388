package import Logging
internal import Primitives

/// Keeps the lines of a log for tests.
package final class RecordedLog: Sendable {
    /// One line.
    package struct Line: Equatable, Sendable {
        package let level: Logger.Level
        package let message: String
        package let metadata: Logger.Metadata

        /// Makes the line that a test expects.
        package init(level: Logger.Level, message: String, metadata: Logger.Metadata) {
            (self.level, self.message, self.metadata) = (level, message, metadata)
        }
    }

    private let recorded = Lock<[Line]>([])

    /// Makes an empty log.
    package init() {}

    /// The lines so far.
    package var lines: [Line] { recorded.withLock { $0 } }

    /// A logger that writes here.
    package var logger: Logger { Logger(label: "test") { [self] _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        /// A test of the trace of commits lowers it.
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(level: event.level, message: "\(event.message)", metadata: event.metadata ?? [:])
            log.recorded.withLock { $0.append(line) }
        }
    }
}
