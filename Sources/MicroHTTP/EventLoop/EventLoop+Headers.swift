internal import CLinux
internal import CMicrohttpd
internal import HTTPTypes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The way of a header before libmicrohttpd reads it.
///
/// libmicrohttpd 0.9.75 lets much through that is not a request, and hides what it was. So the first header of a connection
/// is looked at in the system's buffer, and libmicrohttpd is given the connection when it was accepted. The headers after
/// that, nearly all, are read in libmicrohttpd's memory as soon as their line was (``ReceivedHeader``), which costs no system
/// call. If one has not come completely then, the connection is suspended and the rest is looked at as for a first header.
extension EventLoop {
    /// Looks at the held connections of which more has come.
    func readHeaders() {
        for ready in pendingHeaders.takeReady() { readHeader(of: ready.connection, isOver: ready.isOver) }
    }

    private func readHeader(of connection: Connection, isOver: Bool) {
        guard let location = connection.pendingHeader?.location else { return }
        var known = 0
        if case .memory(let begun, _) = location { known = begun.fields.copy(to: headerRoom) }
        let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(headerRoom)[known...])
        let count = peek(connection.descriptor, room)
        guard count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR) && !isOver) else {
            return leave(connection)
        }
        guard count > 0 else { return }
        connection.phase = .head
        let bytes = RequestHead.Bytes(UnsafeMutableBufferPointer(rebasing: headerRoom[..<(known + count)]))
        let limits = configuration.limits
        let (judgement, isHead) =
            switch location {
            case .accepted: (RequestHead.judge(bytes, limits: limits), bytes.starts(with: Self.head))
            case .memory(let begun, _): (begun.judge(bytes, limits: limits), begun.line.isHead)
            }
        switch judgement {
        case .accepted(let head): accept(connection, head)
        case .refused(let refusal): refuse(connection, refusal, isHead: isHead)
        case .incomplete(let hasLine):
            if bytes.count >= headerRoom.count {
                refuse(connection, hasLine ? .headerTooLong(limits) : .targetTooLong(limits), isHead: isHead)
            } else if isOver {
                leave(connection)
            }
        }
    }

    private static let head = Array("HEAD ".utf8)

    /// Lets libmicrohttpd read a header that was accepted, and that is in ``headerRoom``; of a later one, the line is not.
    private func accept(_ connection: Connection, _ head: RequestHead) {
        connection.head = head
        if let location = connection.pendingHeader?.location, !location.hasRoom(for: head),
            !feedSubstitute(of: head, to: connection, location)
        {
            return refuse(connection, .hasNoMemory, isHead: head.method == .head)
        }
        switch release(connection) {
        case .accepted(let accepted): handOver(connection, from: accepted)
        case .memory(_, let mhdConnection): letRun(mhdConnection)
        case nil: break
        }
    }

    func refuse(_ connection: Connection, _ refusal: Refusal, isHead: Bool) {
        statistics.requestsRefused += 1
        if let limit = refusal.limit { statistics.count(limit) }
        dismiss(connection, refusal, isHead: isHead)
    }

    /// Tells of a refusal, while the connection is open.
    func note(_ refusal: Refusal, on connection: Connection) {
        configuration.note(refusal, from: connection.peer, at: connection.listener, of: summary(of: connection))
    }

    /// Counts a connection that was refused, and tells of it.
    func noteLimit(_ limit: ServerLimit, _ peer: PeerAddress, _ listener: BoundAddress) {
        statistics.count(limit)
        configuration.note(.tooManyConnections, from: peer, at: listener)
    }

    /// Answers without libmicrohttpd, which has sent nothing for the request, and has the connection closed.
    func dismiss(_ connection: Connection, _ refusal: Refusal, isHead: Bool = false) {
        note(refusal, on: connection)
        cutShort(connection, with: configuration.response(to: refusal), isHead: isHead)
    }

    /// Answers without libmicrohttpd, and takes the connection away from it.
    ///
    /// The server discards further input for a while, so that the client gets the answer.
    func cutShort(_ connection: Connection, with response: Response, isHead: Bool = false) {
        connection.isRefused = true
        connection.deadline = LoopClock.never
        let answer = response.rawBytes(isHead: isHead)
        let location = release(connection)
        if case .accepted = location {
            table.remove(connection)
            lingering.add(connection.descriptor, answering: answer, at: now)
            return
        }
        guard let mhdConnection = connection.mhdConnection else { return }
        if location == nil { MHD_suspend_connection(mhdConnection) }
        // Where the client's socket does not come back, nothing can be answered.
        let isClient = connection.detachedHeader?.feed.map { $0.end(at: connection.descriptor) } ?? true
        if isClient, let deadEnd, let taken = ConnectionSocket.take(connection.descriptor, leaving: deadEnd) {
            lingering.add(taken, answering: answer, at: now)
        } else {
            if isClient { RawResponse.send(answer, to: connection.descriptor) }
            shutdown(connection.descriptor, Int32(SHUT_RDWR))
        }
        letRun(mhdConnection)
    }

    /// Resumes a connection, also within one of libmicrohttpd's callbacks, after which it does not say that it has something to do.
    func letRun(_ mhdConnection: OpaquePointer) {
        MHD_resume_connection(mhdConnection)
        hasResumed = true
    }

    /// Closes a held connection without an answer.
    func leave(_ connection: Connection) {
        connection.isRefused = true
        connection.deadline = LoopClock.never
        switch release(connection) {
        case .accepted:
            table.remove(connection)
            // Closes it, as nobody else has it.
            _ = Descriptor(connection.descriptor)
        case .memory(_, let mhdConnection):
            shutdown(connection.descriptor, Int32(SHUT_RDWR))
            letRun(mhdConnection)
        case nil: break
        }
    }

    /// Holds a connection no longer.
    private func release(_ connection: Connection) -> PendingHeader.Location? {
        defer { connection.pendingHeader = nil }
        if connection.pendingHeader != nil { pendingHeaders.remove(connection) }
        return connection.pendingHeader?.location
    }
}

/// Reads what has come and leaves it there.
private func peek(_ descriptor: Int32, _ room: UnsafeMutableRawBufferPointer) -> Int {
    recv(descriptor, room.baseAddress, room.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
}

extension RequestHead.Bytes {
    /// - Returns: how many were copied.
    fileprivate func copy(to room: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let part = Self(rebasing: prefix(room.count))
        return room.update(fromContentsOf: part)
    }
}
