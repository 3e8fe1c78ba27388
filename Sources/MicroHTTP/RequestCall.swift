internal import CMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The arguments of one handler callback; the pointers are valid while it runs.
struct RequestCall {
    /// libmicrohttpd's name of the connection.
    let wire: OpaquePointer
    let url: UnsafePointer<CChar>
    let method: UnsafePointer<CChar>
    let piece: UnsafeRawBufferPointer

    /// The target without its query as it came; libmicrohttpd has split the query off.
    var target: RequestHead.Bytes { Self.bytes(url) }
    var methodBytes: RequestHead.Bytes { Self.bytes(method) }

    /// What libmicrohttpd counts for the request line and the fields.
    var headerBytes: Int {
        cmhd_connection_info(wire, .CONNECTION_INFO_REQUEST_HEADER_SIZE)?.pointee.header_size ?? 0
    }

    /// Where the request line begins.
    var start: UnsafePointer<UInt8> { UnsafeRawPointer(method).assumingMemoryBound(to: UInt8.self) }

    private static func bytes(_ text: UnsafePointer<CChar>) -> RequestHead.Bytes {
        RequestHead.Bytes(start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: strlen(text))
    }
}
