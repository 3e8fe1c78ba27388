internal import CMicrohttpd
internal import HTTPTypes

extension Response {
    /// Hands the response to libmicrohttpd.
    ///
    /// - Parameters:
    ///   - connection: a connection whose handler callback runs.
    ///   - closing: whether the connection is closed after it.
    /// - Returns: what the callback returns: NO closes the connection, since there is no memory even for a response.
    func queue(on connection: OpaquePointer, closing: Bool) -> MHD_Result {
        guard let wire = makeWireBody() else { return .NO }
        // Queueing takes a reference of its own; the body is freed with the last one.
        defer { MHD_destroy_response(wire) }
        for field in fields where !Self.isWrittenByServer(field.name) && !field.value.isEmpty {
            // Only a lack of memory makes it fail here: such a response would lie about its body.
            guard MHD_add_response_header(wire, field.name.rawName, field.value) == .YES else {
                return .NO
            }
        }
        if closing || fields[.connection]?.lowercased() == "close" {
            guard MHD_add_response_header(wire, "Connection", "close") == .YES else { return .NO }
        }
        let code = (200...599).contains(status.code) ? status.code : 500
        return MHD_queue_response(connection, UInt32(code), wire)
    }

    private static func isWrittenByServer(_ name: HTTPField.Name) -> Bool {
        name == .contentLength || name == .transferEncoding || name == .connection
    }

    private func makeWireBody() -> OpaquePointer? {
        switch body {
        case .empty: MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
        case .bytes(let bytes): Self.makeWireBody(SharedBody(bytes))
        case .shared(let body): Self.makeWireBody(body)
        }
    }

    /// Lends the bytes of a body to libmicrohttpd.
    ///
    /// The pointer outlives the closure that yields it: the elements of an array of `UInt8` are in the heap object that the
    /// array refers to (it is never bridged), `bytes` is a `let` of the retained body, so they neither move nor change nor
    /// go away before ``releaseBody(_:)`` has run.
    private static func makeWireBody(_ body: SharedBody) -> OpaquePointer? {
        let (start, count) = body.bytes.withUnsafeBufferPointer { ($0.baseAddress, $0.count) }
        // Released by releaseBody, or four lines below if libmicrohttpd did not take it.
        let retained = Unmanaged.passRetained(body)
        let wire = MHD_create_response_from_buffer_with_free_callback_cls(
            count,
            UnsafeMutableRawPointer(mutating: start),
            releaseBody,
            retained.toOpaque()
        )
        if wire == nil { retained.release() }
        return wire
    }
}
