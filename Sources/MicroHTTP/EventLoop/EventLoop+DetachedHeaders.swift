internal import CLinux
internal import CMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The way of a header for which a connection's memory has no room (``DetachedHeader``).
///
/// Most of them are still in the system's buffer when they are judged. They are taken out of it, and libmicrohttpd reads the
/// substitute from a socket that stands in for the client's until the header is complete (``StandInSocket``). A later header may be in
/// libmicrohttpd's memory instead, behind which a body or another request may follow. There the substitute has the same length.
extension EventLoop {
    /// Has libmicrohttpd read a substitute for a header that is in ``headerRoom`` and in the system's buffer.
    ///
    /// - Returns: false where the system has no descriptors for that.
    func feedSubstitute(of head: RequestHead, to connection: Connection, _ location: PendingHeader.Location) -> Bool {
        guard let room = headerRoom.baseAddress else { return false }
        switch location {
        case .accepted:
            let line = room + head.start
            let detached = DetachedHeader(head, at: line)
            let lineBytes = DetachedHeader.lineBytes(of: head, at: line)
            DetachedHeader.hideParameters(in: UnsafeMutableBufferPointer(start: line, count: lineBytes))
            let bytes = UnsafeMutableBufferPointer(start: line, count: lineBytes) + detached.substitute(atLeast: 0)
            connection.head = head.substituted(start: 0, bytes: bytes.count)
            return feed(Array(bytes), to: connection, detached, insteadOf: head.start + head.bytes)
        case .memory(let begun, _):
            let fields = RequestHead.Bytes(start: room, count: head.bytes - begun.lineBytes)
            let detached =
                begun.hiddenQuery?
                .withUnsafeBufferPointer { DetachedHeader(head, query: $0, fields: fields) }
                ?? DetachedHeader(head, query: nil, fields: fields)
            let known = begun.fields.count
            // One byte more: an uncounted NUL behind the known bytes would then lengthen the header.
            let substitute = detached.substitute(atLeast: known + 1)
            connection.head = head.substituted(start: head.start, bytes: begun.lineBytes + substitute.count)
            _ = UnsafeMutableBufferPointer(mutating: begun.fields).update(fromContentsOf: substitute[..<known])
            return feed(Array(substitute[known...]), to: connection, detached, insteadOf: fields.count - known)
        }
    }

    /// Takes some bytes of the client's out of the system's buffer and has libmicrohttpd read others.
    private func feed(_ bytes: [UInt8], to connection: Connection, _ header: DetachedHeader, insteadOf count: Int)
        -> Bool
    {
        var left = count
        while left > 0 {
            let taken = recv(connection.descriptor, headerRoom.baseAddress, left, Int32(MSG_DONTWAIT))
            guard taken > 0 else { return false }
            left -= taken
        }
        // The descriptor must be in no epoll instance when it refers to another socket.
        pendingHeaders.remove(connection)
        guard let feed = StandInSocket(at: connection.descriptor, bytes) else { return false }
        header.feed = feed
        connection.detachedHeader = header
        return true
    }

    /// Puts the client's socket back when libmicrohttpd has read a substitute; it then calls back again.
    func endFeed(of connection: Connection, _ feed: StandInSocket, _ mhdConnection: OpaquePointer) -> MHD_Result {
        connection.detachedHeader?.feed = nil
        // It takes the descriptor out of its epoll instance.
        MHD_suspend_connection(mhdConnection)
        let isBack = feed.end(at: connection.descriptor)
        letRun(mhdConnection)
        return isBack ? .YES : .NO
    }

    /// Writes a substitute over a header in libmicrohttpd's memory, which has read the line only.
    ///
    /// - Throws: a refusal if there is no room for it, which the shortest fields of a header always have.
    func substitute(_ head: RequestHead, in memory: UnsafeMutablePointer<UInt8>, of connection: Connection)
        throws(Refusal)
    {
        let line = memory + head.start
        let detached = DetachedHeader(head, at: line)
        let lineBytes = DetachedHeader.lineBytes(of: head, at: line)
        let fields = UnsafeMutableBufferPointer(start: line + lineBytes, count: head.bytes - lineBytes)
        let substitute = detached.substitute(atLeast: fields.count)
        guard substitute.count == fields.count else { throw .hasNoMemory }
        DetachedHeader.hideParameters(in: UnsafeMutableBufferPointer(start: line, count: lineBytes))
        _ = fields.update(fromContentsOf: substitute)
        connection.detachedHeader = detached
    }
}
