internal import CMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

// Every function that C calls. They are global and not closures, since a closure written in an isolated context checks its
// executor and dies on a C thread. Each only unwraps, forwards and maps the result.
//
// `context` is the listener, unretained: the event loop owns its listeners until MHD_stop_daemon has returned, and
// libmicrohttpd calls none of these after that.

/// MHD_AccessHandlerCallback: a request has begun, brings a piece of its body, is complete, or was resumed.
func handleRequest(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?,
    _ piece: UnsafePointer<CChar>?,
    _ pieceBytes: UnsafeMutablePointer<Int>?,
    _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let url, let method, let version, let pieceBytes, let requestContext else {
        return .NO
    }
    let call = RequestCall(
        connection: connection,
        url: url,
        method: method,
        version: version,
        piece: UnsafeRawBufferPointer(start: piece, count: pieceBytes.pointee),
        context: requestContext
    )
    pieceBytes.pointee = 0
    return Unmanaged<Listener>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.loop.handle(call, at: $0) }
}

/// MHD_RequestCompletedCallback: a request that has begun is over, answered or not.
func requestCompleted(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ reason: MHD_RequestTerminationCode
) {
    guard let context, let requestContext else { return }
    Unmanaged<Listener>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.loop.requestEnded(requestContext) }
}

/// MHD_NotifyConnectionCallback: a connection was accepted or is closed.
func connectionChanged(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ connectionContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ change: MHD_ConnectionNotificationCode
) {
    guard let context else { return }
    Unmanaged<Listener>.fromOpaque(context)
        ._withUnsafeGuaranteedRef { listener in
            if change == .CONNECTION_NOTIFY_STARTED {
                connectionContext?.pointee = listener.loop.connectionBegan() ? nil : RequestContext.begun
            } else {
                listener.loop.connectionEnded()
            }
        }
}

/// The unescape callback, which leaves everything as it came: libmicrohttpd's own decodes NUL and ends strings with it.
func leaveEscaped(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ text: UnsafeMutablePointer<CChar>?
) -> Int {
    text.map { strlen($0) } ?? 0
}

/// MHD_KeyValueIteratorN for ``ConnectionFields``; the context is its visitor.
func visitPair(
    _ context: UnsafeMutableRawPointer?,
    _ kind: MHD_ValueKind,
    _ name: UnsafePointer<CChar>?,
    _ nameBytes: Int,
    _ value: UnsafePointer<CChar>?,
    _ valueBytes: Int
) -> MHD_Result {
    guard let context else { return .NO }
    context.assumingMemoryBound(to: ConnectionFields.Visitor.self).pointee
        .visit(bytes(name, nameBytes) ?? RequestHead.Bytes(start: nil, count: 0), bytes(value, valueBytes))
    return .YES
}

/// MHD_KeyValueIteratorN for ``RequestHead``; the context is the head.
func noteHeadPair(
    _ context: UnsafeMutableRawPointer?,
    _ kind: MHD_ValueKind,
    _ name: UnsafePointer<CChar>?,
    _ nameBytes: Int,
    _ value: UnsafePointer<CChar>?,
    _ valueBytes: Int
) -> MHD_Result {
    guard let context else { return .NO }
    let empty = RequestHead.Bytes(start: nil, count: 0)
    let head = context.assumingMemoryBound(to: RequestHead.self)
    if kind == .HEADER_KIND {
        head.pointee.note(name: bytes(name, nameBytes) ?? empty, value: bytes(value, valueBytes) ?? empty)
    } else {
        head.pointee.noteQuery(name: bytes(name, nameBytes) ?? empty, value: bytes(value, valueBytes))
    }
    return .YES
}

/// MHD_ContentReaderFreeCallback: libmicrohttpd has sent a body, or will not; releases what makeWireBody retained.
func releaseBody(_ body: UnsafeMutableRawPointer?) {
    guard let body else { return }
    Unmanaged<SharedBody>.fromOpaque(body).release()
}

private func bytes(_ start: UnsafePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8>? {
    start.map { UnsafeBufferPointer(start: UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self), count: count) }
}
