internal import CMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

// Every function that C calls. They are global and not closures, since a closure written in an isolated context checks its
// executor and dies on a C thread. Each only unwraps, forwards and maps the result.
//
// `context` is the event loop, unretained: whoever runs the loop owns it until MHD_stop_daemon has returned, and
// libmicrohttpd calls none of these after that.

/// The log callback for a request's target, which is called when the request line was read; what it returns becomes the
/// context of the request.
func noteTarget(
    _ context: UnsafeMutableRawPointer?,
    _ target: UnsafePointer<CChar>?,
    _ mhdConnection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let context, let target, let mhdConnection, let connection = ConnectionContext.ofSocket(mhdConnection) else {
        return nil
    }
    withLoop(context, connection) { $0.lineArrived(UnsafeMutablePointer(mutating: target), mhdConnection, on: $1) }
    return connection
}

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
    guard let context, let connection, let url, let method, let pieceBytes, let own = requestContext?.pointee else {
        return .NO
    }
    let call = MHDRequest(
        mhdConnection: connection,
        url: url,
        method: method,
        piece: UnsafeRawBufferPointer(start: piece, count: pieceBytes.pointee)
    )
    pieceBytes.pointee = 0
    return withLoop(context, own) { $0.handle(call, on: $1) }
}

/// MHD_RequestCompletedCallback: a request whose line was read is over, answered or not.
func requestCompleted(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ reason: MHD_RequestTerminationCode
) {
    guard let context, let own = requestContext?.pointee else { return }
    requestContext?.pointee = nil
    withLoop(context, own) { $0.requestEnded(on: $1) }
}

/// MHD_NotifyConnectionCallback: a connection was taken over or is closed.
func connectionChanged(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ connectionContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ change: MHD_ConnectionNotificationCode
) {
    guard let context, let connection, let connectionContext else { return }
    Unmanaged<EventLoop>.fromOpaque(context)
        ._withUnsafeGuaranteedRef { loop in
            if change == .CONNECTION_NOTIFY_STARTED {
                let descriptor = cmhd_connection_info(connection, .CONNECTION_INFO_CONNECTION_FD)?.pointee.connect_fd
                connectionContext.pointee = descriptor.flatMap { loop.connectionBegan(connection, $0) }
                    .map(ConnectionContext.retain)
            } else if let own = connectionContext.pointee {
                connectionContext.pointee = nil
                loop.connectionEnded(ConnectionContext.release(own))
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

/// MHD_KeyValueIteratorN for ``ConnectionFields``; the context is its window.
func seePair(
    _ context: UnsafeMutableRawPointer?,
    _ kind: MHD_ValueKind,
    _ name: UnsafePointer<CChar>?,
    _ nameBytes: Int,
    _ value: UnsafePointer<CChar>?,
    _ valueBytes: Int
) -> MHD_Result {
    guard let context else { return .NO }
    context.assumingMemoryBound(to: ConnectionFields.Window.self).pointee
        .see((bytes(name, nameBytes) ?? RequestHead.Bytes(start: nil, count: 0), bytes(value, valueBytes)))
    return .YES
}

/// MHD_ContentReaderCallback: the client has taken what a stream has sent; the context is its ``StreamSending``.
func readStream(
    _ context: UnsafeMutableRawPointer?,
    _ position: UInt64,
    _ room: UnsafeMutablePointer<CChar>?,
    _ roomBytes: Int
) -> Int {
    guard let context else { return ConnectionContext.endOfStream }
    return Unmanaged<StreamSending>.fromOpaque(context)
        ._withUnsafeGuaranteedRef { sending in
            sending.loop.fill(UnsafeMutableRawBufferPointer(start: room, count: roomBytes), from: sending)
        }
}

/// MHD_ContentReaderFreeCallback for streams; releases what ``MHDResponse`` retained.
func releaseStream(_ sending: UnsafeMutableRawPointer?) {
    guard let sending else { return }
    Unmanaged<StreamSending>.fromOpaque(sending).release()
}

/// MHD_ContentReaderFreeCallback: libmicrohttpd has sent a body, or will not; releases what ``MHDResponse`` retained.
func releaseBody(_ body: UnsafeMutableRawPointer?) {
    guard let body else { return }
    Unmanaged<SharedBody>.fromOpaque(body).release()
}

/// Lends the loop that is a callback's context, and one of its connections; libmicrohttpd's reference keeps that alive.
@inline(__always)
private func withLoop<Result>(
    _ context: UnsafeMutableRawPointer,
    _ connection: UnsafeMutableRawPointer,
    _ body: (EventLoop, Connection) -> Result
) -> Result {
    Unmanaged<EventLoop>.fromOpaque(context)
        ._withUnsafeGuaranteedRef { loop in
            Unmanaged<Connection>.fromOpaque(connection)._withUnsafeGuaranteedRef { body(loop, $0) }
        }
}

private func bytes(_ start: UnsafePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8>? {
    start.map { UnsafeBufferPointer(start: UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self), count: count) }
}

/// The pointer to a ``Connection`` that libmicrohttpd keeps.
enum ConnectionContext {
    /// Retains a connection; ``release(_:)`` releases it, which libmicrohttpd brings about once for each connection.
    static func retain(_ connection: Connection) -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(connection).toOpaque()
    }

    static func release(_ pointer: UnsafeMutableRawPointer) -> Connection {
        Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
    }

    static func ofSocket(_ mhdConnection: OpaquePointer) -> UnsafeMutableRawPointer? {
        cmhd_connection_info(mhdConnection, .CONNECTION_INFO_SOCKET_CONTEXT)?.pointee.socket_context
    }

    /// `MHD_CONTENT_READER_END_OF_STREAM`, a macro that is not imported.
    static let endOfStream = -1
}
