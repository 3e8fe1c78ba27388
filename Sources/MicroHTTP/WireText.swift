internal import CMicrohttpd
internal import HTTPTypes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Answers that are written without libmicrohttpd, to clients that are disconnected afterwards.
enum WireText {
    /// Sends what the system takes at once: a client that does not read gets less, or nothing.
    static func send(_ bytes: [UInt8], to descriptor: Int32) {
        _ = call(send: descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    }
}

// The member above hides the C function of the same name.
private func call(send descriptor: Int32, _ bytes: [UInt8], _ count: Int, _ flags: Int32) -> Int {
    send(descriptor, bytes, count, flags)
}

extension Response {
    /// The whole response as bytes, for a client that is answered without libmicrohttpd and then disconnected.
    ///
    /// - Parameter isHead: whether it answers HEAD, so that only the length of the body is told (RFC 9110, section 9.3.2).
    /// - Returns: the bytes.
    func wireBytes(isHead: Bool = false) -> [UInt8] {
        let bytes = body.bytes
        var head = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
        for field in fields where !field.isWrittenByServer && !field.value.isEmpty {
            head += "\(field.name.rawName): \(field.value)\r\n"
        }
        return Array("\(head)Content-Length: \(bytes.count)\r\nConnection: close\r\n\r\n".utf8) + (isHead ? [] : bytes)
    }
}
