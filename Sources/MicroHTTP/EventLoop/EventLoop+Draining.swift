internal import CMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The graceful stop: it finishes requests while handlers work and clients read.
extension EventLoop {
    /// Rounds that the end gives the last responses; each writes what the kernel takes without waiting.
    private static let maxLastRounds = 64

    /// Accepts what has arrived, then nothing more, and has all streams end.
    func drain() {
        phase = .draining
        acceptor.close(at: now, admit: admit, refuse: noteLimit)
        for connection in table.connections where connection.phase == .suspended && connection.exchange?.stream != nil {
            resume(connection)
        }
    }

    /// Whether nothing runs and nothing that the kernel has received waits to be read.
    var isDrained: Bool {
        guard requestsRunning == 0, !wantsToRunAtOnce, !hasResumed else { return false }
        var polled = [epollNumber, pendingHeaders.number].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return poll(&polled, nfds_t(polled.count), 0) == 0
    }

    /// Whether the server waits only for clients that neither take nor send anything.
    var isStalled: Bool {
        guard phase == .draining, drainProgress.nextLook <= now else { return false }
        var mark = DrainProgress.Mark(requestsRunning: requestsRunning, requestsHandled: requestsHandled)
        for connection in table.connections {
            switch connection.phase {
            // A handler works on it.
            case .suspended: mark.isWorking = true
            case .body: mark.bytes &+= UInt64(connection.exchange?.receivedBytes ?? 0)
            case .writing: mark.bytes &+= ConnectionSocket.bytesMoved(on: connection.descriptor)
            case .new, .idle, .head: break
            }
        }
        return drainProgress.isStalled(mark, at: now)
    }

    /// Answers what is still suspended with 503, writes what the kernel takes, and closes everything.
    func end() {
        phase = .ending
        // After the mailbox is closed no message comes any more, so this is the last mail.
        mailbox.close()
        readMail()
        resumeStreams()
        for connection in table.connections where connection.phase == .suspended {
            if connection.exchange?.stream == nil { note(.isStopping, on: connection) }
            connection.exchange?.answer = configuration.response(to: .isStopping)
            resume(connection)
        }
        for connection in pendingHeaders.connections {
            if connection.phase == .new { leave(connection) } else { dismiss(connection, .isStopping) }
        }
        for _ in 0..<Self.maxLastRounds {
            hasResumed = false
            if let daemon { _ = MHD_run(daemon) }
            if !wantsToRunAtOnce && !hasResumed { break }
        }
        // None is suspended: all were resumed, and this phase suspends none.
        close()
    }
}

/// Notices that a stop makes no progress any more.
struct DrainProgress {
    /// What changes while something goes on.
    struct Mark: Equatable {
        let requestsRunning: Int
        let requestsHandled: Int
        /// Those of bodies that have come, and of answers that were taken.
        var bytes: UInt64 = 0
        /// Whether a handler has not answered yet.
        var isWorking = false
    }

    /// When to look again.
    private(set) var nextLook: Int64 = 0
    private var last: Mark?
    private var lastChange: Int64 = 0

    private static let lookMilliseconds: Int64 = 100
    /// So long nothing may go on: TCP acknowledges what a client takes in steps of 64 KiB or more.
    private static let patienceMilliseconds: Int64 = 1_500

    /// Whether nothing has gone on for a while.
    mutating func isStalled(_ mark: Mark, at now: Int64) -> Bool {
        nextLook = now + Self.lookMilliseconds
        if mark != last || mark.isWorking { (last, lastChange) = (mark, now) }
        return now - lastChange >= Self.patienceMilliseconds
    }
}
