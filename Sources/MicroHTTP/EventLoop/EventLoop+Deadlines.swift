internal import HTTPTypes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension EventLoop {
    /// Ends the connections whose deadline is over; called when one may be.
    ///
    /// All are looked at, since most deadlines move with every request and an order of them would cost each request more
    /// than looking costs, which happens a few times a second at most: every deadline from now on is at least the shortest
    /// timeout away, or brings ``nextSweep`` forward.
    func sweep() {
        var (earliest, earliestLimit) = (LoopClock.never, LoopClock.never)
        for connection in table.connections {
            if connection.deadline <= now { endInTime(connection) }
            if connection.phase == .suspended {
                earliestLimit = min(earliestLimit, connection.deadline)
            } else {
                earliest = min(earliest, connection.deadline)
            }
        }
        let soonest = now + timeouts.granularity
        nextSweep = table.count == 0 ? LoopClock.never : max(soonest, min(earliest, now + timeouts.shortest))
        // The time of a handler has nothing to do with those of clients.
        nextSweep = min(nextSweep, max(earliestLimit, now + ConnectionTimeouts.finest))
    }

    /// Shuts a connection down, unless its client does take its answer; libmicrohttpd then closes it.
    private func endInTime(_ connection: Connection) {
        let limit: ServerLimit
        switch connection.phase {
        case .suspended:
            connection.deadline = LoopClock.never
            let action = connection.exchange?.timeIsUp
            connection.exchange?.timeIsUp = nil
            action?()
            return
        case .idle:
            // The end may have come after the first request, and together with others.
            if connection.hasLeft || ConnectionSocket.isAtEnd(connection.descriptor) { return close(connection) }
            if connection.idleDeadline > now {
                connection.deadline = connection.idleDeadline
                return
            }
            limit = .idleTime
        case .new:
            statistics.count(.headerTime)
            return leave(connection)
        case .head:
            statistics.count(.headerTime)
            return dismiss(connection, Refusal(.requestTimeout, "the header took too long", hitting: .headerTime))
        case .body:
            // An unwanted body gets no further time.
            if let answer = connection.exchange?.answer { return cutShort(connection, with: answer) }
            if connection.hasLeft { return close(connection) }
            statistics.count(.bodyTime)
            return dismiss(connection, Refusal(.requestTimeout, "the body took too long", hitting: .bodyTime))
        case .writing:
            if let deadline = deadlineOfProgress(of: connection) {
                connection.deadline = deadline
                return
            }
            limit = .writeTime
            ConnectionSocket.discardUnsent(connection.descriptor)
        }
        statistics.count(limit)
        close(connection)
    }

    /// Has libmicrohttpd close a connection; the system goes on with what it has not sent yet.
    func close(_ connection: Connection) {
        connection.deadline = LoopClock.never
        shutdown(connection.descriptor, Int32(SHUT_RDWR))
    }

    /// When to look again at a client that takes its answer; nil for one that does not.
    private func deadlineOfProgress(of connection: Connection) -> Int64? {
        guard let taken = ConnectionSocket.bytesTaken(by: connection.descriptor) else {
            // A Unix socket: the first look is early, then there is the time for the answer's size.
            guard !connection.isProgressKnown else { return nil }
            connection.isProgressKnown = true
            return now - timeouts.firstWrite + timeouts.write * Int64(1 + connection.answerBytes >> 20)
        }
        defer { connection.bytesTaken = taken }
        if !connection.isProgressKnown {
            connection.isProgressKnown = true
            return now - timeouts.firstWrite + timeouts.write
        }
        return taken - connection.bytesTaken >= ConnectionSocket.progressBytes ? now + timeouts.write : nil
    }
}
