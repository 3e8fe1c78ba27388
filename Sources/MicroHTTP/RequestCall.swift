internal import CMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The arguments of one handler callback; the pointers are valid while it runs.
struct RequestCall {
    let connection: OpaquePointer
    let url: UnsafePointer<CChar>
    let method: UnsafePointer<CChar>
    let version: UnsafePointer<CChar>
    let piece: UnsafeRawBufferPointer
    let context: UnsafeMutablePointer<UnsafeMutableRawPointer?>

    /// The raw path; libmicrohttpd has split the query off.
    var path: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: UnsafeRawPointer(url).assumingMemoryBound(to: UInt8.self), count: strlen(url))
    }

    /// Summarizes the head of the request for the decision whether it is refused.
    func readHead() -> RequestHead {
        var head = RequestHead()
        withUnsafeMutablePointer(to: &head) { head in
            _ = MHD_get_connection_values_n(connection, .HEADER_KIND, noteHeadPair, head)
            _ = MHD_get_connection_values_n(connection, .GET_ARGUMENT_KIND, noteHeadPair, head)
        }
        return head
    }

    /// What libmicrohttpd counts for the request line and the fields.
    var headerBytes: Int {
        cmhd_connection_info(connection, .CONNECTION_INFO_REQUEST_HEADER_SIZE)?.pointee.header_size ?? 0
    }

    /// Whether the connection was accepted above the limit of connections.
    var isAboveConnectionLimit: Bool {
        cmhd_connection_info(connection, .CONNECTION_INFO_SOCKET_CONTEXT)?.pointee.socket_context != nil
    }

    /// The request for the handler; the head was accepted before, else nil.
    func makeRequest(body: [UInt8], listener: BoundAddress) -> Request? {
        guard let method = RequestMethod.parse(String(cString: method)), let segments = PathSegments.parse(path) else {
            return nil
        }
        return Request(
            method: method,
            path: String(cString: url),
            segments: segments,
            body: body,
            listener: listener,
            fields: ConnectionFields(connection: connection)
        )
    }
}
