internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Writes lines to a standard stream from a thread of its own, so that no thread waits for a reader that does not read.
///
/// A limited number of lines waits. What finds no room or cannot be written, for a full disk or a reader that has gone, is
/// dropped and counted. The next line that can be written says how many were dropped.
final class LogWriter: Sendable {
    /// The log, on standard error.
    static let log: LogWriter = {
        atexit { LogWriter.log.flush(within: LogWriter.maxFlush) }
        return LogWriter(STDERR_FILENO)
    }()
    /// What the program says on standard output.
    static let output: LogWriter = {
        atexit { LogWriter.output.flush(within: LogWriter.maxFlush) }
        return LogWriter(STDOUT_FILENO)
    }()

    /// How long the end of the process waits for lines to be written.
    static let maxFlush = Duration.seconds(1)
    /// The lines and the bytes that may wait.
    static let (maxLines, maxBytes) = (4_096, 1 << 20)
    /// The system writes this much to a pipe in one piece (`PIPE_BUF`), so that lines of other processes do not come between.
    private static let maxPiece = 4_096

    private enum Entry {
        case line([UInt8])
        /// The line that says how many were dropped, made when it is written.
        case gap(Int)
    }

    private struct Queue {
        var entries: ArraySlice<Entry> = []
        var bytes = 0
        /// All that were dropped, and those that no entry speaks of.
        var (dropped, unreported) = (0, 0)
        var hasThread = false
        var isWriting = false
        /// Whether the last attempt has failed, in the middle of a line perhaps.
        var (hasFailed, isMidLine) = (false, false)
        var makeGap: @Sendable (Int) -> [UInt8] = { Array("\($0) lines were dropped.\n".utf8) }

        var isIdle: Bool { entries.isEmpty && !isWriting }
    }

    private let descriptor: Int32
    private let queue = Monitor(Queue())

    /// Makes a writer for a descriptor, which stays open and may be shared with other processes.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// How many lines were dropped so far.
    var droppedLines: Int { queue.withLock { $0.dropped } }

    /// Has the line that reports dropped ones made like the others.
    func reportGaps(_ makeGap: @escaping @Sendable (Int) -> [UInt8]) { queue.withLock { $0.makeGap = makeGap } }

    /// Has a line written, without waiting for it.
    ///
    /// - Parameters:
    ///   - line: the line with its end.
    ///   - isLast: whether it is the reason why the process ends, which gets room in any case.
    func write(_ line: [UInt8], isLast: Bool = false) {
        let needsThread = queue.withLock { queue in
            let isFull = queue.entries.count >= Self.maxLines || queue.bytes + line.count > Self.maxBytes
            if isFull, !isLast {
                queue.dropped += 1
                queue.unreported += 1
            } else {
                if queue.unreported > 0 { queue.entries.append(.gap(queue.unreported)) }
                queue.unreported = 0
                queue.entries.append(.line(line))
                queue.bytes += line.count
            }
            defer { queue.hasThread = true }
            return !queue.hasThread
        }
        if needsThread { startThread() } else { queue.notifyAll() }
    }

    /// Waits until everything is written or dropped, but not for a reader that does not read.
    ///
    /// - Parameter bound: how long to wait at most.
    func flush(within bound: Duration) {
        let end = SuspendingClock.now + bound
        if !queue.withLock({ $0.hasThread || $0.isIdle }) { startThread() }
        // Where there is no thread, this one writes, as long as it need not wait.
        while !queue.withLock({ $0.hasThread }), let piece = takePiece() {
            let isReady = Self.isWritable(descriptor, upTo: end - .now)
            note(isReady ? put(piece.bytes) : Outcome(written: 0, hasFailed: true), of: piece)
        }
        _ = queue.wait(upTo: end - .now) { $0.isIdle || !$0.hasThread ? true : nil }
    }

    // MARK: The thread

    private func startThread() {
        do {
            queue.withLock { $0.hasThread = true }
            _ = try WorkerThread { [self] in run() }
        } catch {
            // The next line tries again, and the end of the process writes what waits.
            queue.withLock { $0.hasThread = false }
        }
    }

    private func run() {
        while true {
            _ = queue.wait { $0.entries.isEmpty && !Self.mayReport($0) ? nil : true }
            guard let piece = takePiece() else { continue }
            note(put(piece.bytes), of: piece)
        }
    }

    /// Whether lines were dropped that are to be reported now, when nothing else waits.
    private static func mayReport(_ queue: Queue) -> Bool {
        queue.entries.isEmpty && queue.unreported > 0 && !queue.hasFailed
    }

    /// Lines that are written at once.
    private struct Piece {
        var bytes: [UInt8] = []
        /// Where each entry ends, and how many lines are lost with it.
        var ends: [(end: Int, lines: Int, isGap: Bool)] = []
    }

    private func takePiece() -> Piece? {
        let (entries, makeGap, isMidLine) = queue.withLock { queue in
            if Self.mayReport(queue) {
                queue.entries.append(.gap(queue.unreported))
                queue.unreported = 0
            }
            var (taken, bytes) = ([Entry](), 0)
            while let first = queue.entries.first {
                if case .line(let line) = first {
                    if !taken.isEmpty, bytes + line.count > Self.maxPiece { break }
                    bytes += line.count
                    queue.bytes -= line.count
                } else if !taken.isEmpty {
                    break
                }
                taken.append(first)
                queue.entries.removeFirst()
            }
            if queue.entries.isEmpty { queue.entries = [] }
            queue.isWriting = !taken.isEmpty
            return (taken, queue.makeGap, queue.isMidLine)
        }
        if entries.isEmpty { return nil }
        var piece = Piece(bytes: isMidLine ? [UInt8(ascii: "\n")] : [])
        for entry in entries {
            switch entry {
            case .line(let line):
                piece.bytes += line
                piece.ends.append((piece.bytes.count, 1, false))
            case .gap(let count):
                piece.bytes += makeGap(count)
                piece.ends.append((piece.bytes.count, count, true))
            }
        }
        return piece
    }

    private struct Outcome {
        var written = 0
        var hasFailed = false
    }

    private func note(_ outcome: Outcome, of piece: Piece) {
        queue.withLock { queue in
            for entry in piece.ends where entry.end > outcome.written {
                queue.unreported += entry.lines
                if !entry.isGap { queue.dropped += 1 }
            }
            queue.hasFailed = outcome.hasFailed
            let isBroken = piece.ends.contains { $0.end == outcome.written } == false
            if outcome.written > 0 { queue.isMidLine = isBroken }
            queue.isWriting = false
        }
        queue.notifyAll()
    }

    /// Writes all of it, in several steps where the system takes less at a time.
    private func put(_ bytes: [UInt8]) -> Outcome {
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = writeOnce(descriptor, rest.baseAddress, rest.count)
                if count > 0 {
                    written += count
                } else if count < 0, errno == EAGAIN {
                    // The description does not block, since another process wants that.
                    _ = Self.isWritable(descriptor, upTo: nil)
                } else if count == 0 || errno != EINTR {
                    return Outcome(written: written, hasFailed: true)
                }
            }
            return Outcome(written: written)
        }
    }

    /// Waits until something can be written, or never will be.
    private static func isWritable(_ descriptor: Int32, upTo duration: Duration?) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let milliseconds = duration.map { Int32(clamping: Int(max($0, .zero) / .milliseconds(1))) }
        return poll(&polled, 1, milliseconds ?? -1) > 0
    }
}

// Outside of the class, whose member hides the C function of the same name.
private func writeOnce(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
