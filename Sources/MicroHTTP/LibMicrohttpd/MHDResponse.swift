internal import CMicrohttpd
internal import HTTPTypes

/// A response in libmicrohttpd's memory, for one connection or for many.
final class MHDResponse: Sendable {
    // Sendable: libmicrohttpd counts the references to a response under a mutex of its own, and nothing else of it changes
    // after `init`. It is destroyed when this goes, and when the last connection has sent it.
    nonisolated(unsafe) private let pointer: OpaquePointer

    /// Makes a response from a value; nil when there is no memory, also for only some of it: such a response would lie.
    ///
    /// - Parameters:
    ///   - response: the value.
    ///   - closing: whether the connection is closed after it.
    init?(_ response: Response, closing: Bool) {
        guard let pointer = Self.makePointer(response.body) else { return nil }
        // From here on `deinit` frees it, also when this fails.
        self.pointer = pointer
        guard add(response.fields, closing: closing) else { return nil }
    }

    /// Makes a response whose body comes from a stream.
    ///
    /// For HEAD libmicrohttpd 0.9.75 sends the last chunk of the body that it otherwise leaves out, so such an answer is not
    /// chunked, and closes the connection.
    init?(_ response: Response, streaming sending: StreamSending, isHead: Bool) {
        // Released by releaseStream, which libmicrohttpd calls when the response goes, or here if it did not take it.
        let retained = Unmanaged.passRetained(sending)
        let pointer = MHD_create_response_from_callback(
            UInt64.max,
            Self.streamBlockBytes,
            readStream,
            retained.toOpaque(),
            releaseStream
        )
        guard let pointer else {
            retained.release()
            return nil
        }
        self.pointer = pointer
        if isHead { cmhd_set_response_flags(pointer, .RF_HTTP_1_0_COMPATIBLE_STRICT) }
        guard add(response.fields, closing: false) else { return nil }
    }

    deinit { MHD_destroy_response(pointer) }

    /// What a stream is asked for at once when the client speaks HTTP/1.0; in HTTP/1.1 it is what the pool has left.
    private static let streamBlockBytes = 256

    /// Queues the response, which takes a reference of its own.
    ///
    /// - Parameters:
    ///   - status: the status; one outside 200...599 becomes 500.
    ///   - mhdConnection: a connection whose handler callback runs.
    /// - Returns: what the callback returns.
    func queue(_ status: HTTPResponse.Status, on mhdConnection: OpaquePointer) -> MHD_Result {
        MHD_queue_response(mhdConnection, UInt32((200...599).contains(status.code) ? status.code : 500), pointer)
    }

    private func add(_ fields: HTTPFields, closing: Bool) -> Bool {
        var closing = closing
        var protection = ProtectionFields.all
        for field in fields {
            let value = field.value
            if field.isWrittenByServer {
                closing = closing || (field.name == .connection && value.lowercased() == "close")
            } else if !value.isEmpty {
                protection.subtract(field.protection)
                if !add(field.name.rawName, value) { return false }
            }
        }
        return add(protection) && (!closing || add("Connection", "close"))
    }

    /// Adds the fields of each response; their texts are static.
    private func add(_ protection: ProtectionFields) -> Bool {
        func add(_ field: ProtectionFields, _ name: StaticString, _ value: StaticString) -> Bool {
            guard protection.contains(field) else { return true }
            return name.withUTF8Buffer { name in
                value.withUTF8Buffer { value in
                    name.withMemoryRebound(to: CChar.self) { name in
                        value.withMemoryRebound(to: CChar.self) { value in
                            // A static string ends with NUL.
                            MHD_add_response_header(pointer, name.baseAddress, value.baseAddress) == .YES
                        }
                    }
                }
            }
        }
        return add(.nosniff, "X-Content-Type-Options", "nosniff")
            && add(.policy, "Cross-Origin-Resource-Policy", "same-origin")
    }

    /// Adds a field; libmicrohttpd copies the texts, so theirs are made on the stack.
    ///
    /// - Returns: false when there is no memory: names and values without control characters are never refused.
    private func add(_ name: String, _ value: String) -> Bool {
        let (nameBytes, valueBytes) = (name.utf8.count, value.utf8.count)
        return withUnsafeTemporaryAllocation(byteCount: nameBytes + valueBytes + 2, alignment: 1) { room in
            func write(_ text: String, _ count: Int, at start: Int) {
                var text = text
                text.withUTF8 { bytes in
                    UnsafeMutableRawBufferPointer(rebasing: room[start..<(start + count)])
                        .copyMemory(from: UnsafeRawBufferPointer(bytes))
                }
                room[start + count] = 0
            }
            write(name, nameBytes, at: 0)
            write(value, valueBytes, at: nameBytes + 1)
            return room.withMemoryRebound(to: CChar.self) { texts in
                guard let start = texts.baseAddress else { return false }
                return MHD_add_response_header(pointer, start, start + nameBytes + 1) == .YES
            }
        }
    }

    private static func makePointer(_ body: ResponseBody) -> OpaquePointer? {
        switch body {
        case .empty: MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
        case .bytes(let bytes): makePointer(SharedBody(bytes))
        case .shared(let body): makePointer(body)
        }
    }

    /// Lends the bytes of a body to libmicrohttpd.
    ///
    /// The pointer outlives the closure that yields it: the elements of an array of `UInt8` are in the heap object that the
    /// array refers to (it is never bridged), `bytes` is a `let` of the retained body, so they neither move nor change nor
    /// go away before ``releaseBody(_:)`` has run.
    private static func makePointer(_ body: SharedBody) -> OpaquePointer? {
        let (start, count) = body.bytes.withUnsafeBufferPointer { ($0.baseAddress, $0.count) }
        // Released by releaseBody, or below if libmicrohttpd did not take it.
        let retained = Unmanaged.passRetained(body)
        let pointer = MHD_create_response_from_buffer_with_free_callback_cls(
            count,
            UnsafeMutableRawPointer(mutating: start),
            releaseBody,
            retained.toOpaque()
        )
        if pointer == nil { retained.release() }
        return pointer
    }
}
