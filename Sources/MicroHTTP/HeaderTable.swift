internal import CMicrohttpd

/// The header fields of the request whose handler runs, looked up in libmicrohttpd's list when the first one is asked for.
///
/// There is one for the whole server, as one handler runs at a time: a handler asks for many fields, and a walk through the list
/// for each would be most of its work. Not Sendable: only the loop's thread touches it.
final class HeaderTable {
    typealias Pair = ConnectionFields.Pair

    private let room: UnsafeMutableBufferPointer<Pair>
    private var fields: UnsafeBufferPointer<Pair>?

    /// - Parameter limits: no request that is accepted has more fields, nor can more be kept in a connection's memory.
    init(_ limits: ServerLimits) {
        room = .allocate(capacity: min(max(0, limits.headerFieldsMax), limits.poolBytes / ServerLimits.pairBytes))
    }

    deinit { room.deallocate() }

    /// Forgets the fields; to be called before a handler, as what they point to is gone then.
    func clear() { fields = nil }

    /// The fields of a connection, in the order in which they came.
    func fields(of wire: OpaquePointer) -> UnsafeBufferPointer<Pair> {
        if let fields { return fields }
        let count = ConnectionFields.Window.fill(room, from: 0, .HEADER_KIND, of: wire)
        precondition(count <= room.count, "libmicrohttpd has \(count) fields of a request with \(room.count) at most")
        let filled = UnsafeBufferPointer(rebasing: room[..<count])
        fields = filled
        return filled
    }
}
