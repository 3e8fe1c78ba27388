internal import Glibc
internal import Logging
internal import Myosin
internal import TestSupport

/// Commits on disk until it is killed, whatever becomes of the files, and says what came of it and what its log has.
///
/// It ends with status 3 when a promise is broken, as ``FaultsCommand``.
struct KeepCommand {
    private let directory: String

    init(directory: String) { self.directory = directory }

    func run() throws {
        let limits = EngineLimits(
            storeLockWait: .milliseconds(10),
            reopeningPause: .milliseconds(2),
            maxReopeningPause: .milliseconds(20)
        )
        let state: State
        do {
            state = try Storm.open(directory, limits: limits, logger: Logger(label: "keep") { _ in WarningsHandler() })
        } catch {
            return CommitRun.tell("open", error)
        }
        var run = CommitRun(state)
        while true {
            run.commitSingle()
            run.commitPair()
            usleep(500)
            answerMark()
        }
    }

    /// Says that what comes now has begun after somebody has written a byte to standard input.
    private func answerMark() {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        var byte: UInt8 = 0
        if poll(&input, 1, 0) == 1, read(STDIN_FILENO, &byte, 1) == 1 { Output.write(StormLine.marked.text) }
    }

    /// Says that there was a line, where it is a warning or an error.
    private struct WarningsHandler: LogHandler {
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            Output.complain("\(event.level): \(event.message) \(event.metadata ?? [:])")
            Output.write(StormLine.warned.text)
        }
    }
}
