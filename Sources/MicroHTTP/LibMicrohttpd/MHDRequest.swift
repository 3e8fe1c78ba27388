internal import CMicrohttpd

/// The arguments of one handler callback; the pointers are valid while it runs.
struct MHDRequest {
    /// libmicrohttpd's name of the connection.
    let mhdConnection: OpaquePointer
    let url: UnsafePointer<CChar>
    let method: UnsafePointer<CChar>
    let piece: UnsafeRawBufferPointer

    /// What libmicrohttpd counts for the request line and the fields.
    var headerBytes: Int {
        cmhd_connection_info(mhdConnection, .CONNECTION_INFO_REQUEST_HEADER_SIZE)?.pointee.header_size ?? 0
    }

    /// Where the request line begins.
    var start: UnsafePointer<UInt8> { UnsafeRawPointer(method).assumingMemoryBound(to: UInt8.self) }

    /// Where the target begins, whose query libmicrohttpd has split off.
    var target: UnsafePointer<UInt8> { UnsafeRawPointer(url).assumingMemoryBound(to: UInt8.self) }
}
