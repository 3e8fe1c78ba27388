/// The path in a request's target, which may be a whole URL (RFC 9112, section 3.2).
struct RequestTarget {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// The raw path without the query.
    let path: Bytes
    /// What names the server in a target such as `http://host/path`; nil in a mere path.
    let authority: Bytes?

    private static let scheme = Array("http://".utf8)
    private static let root = StaticString("/")

    /// - Parameter target: the target without its query; its memory is lent.
    init(_ target: Bytes) {
        guard target.first != UInt8(ascii: "/"), target.count > Self.scheme.count,
            Bytes(rebasing: target.prefix(Self.scheme.count)).equalsLowercase(Self.scheme)
        else {
            (path, authority) = (target, nil)
            return
        }
        let rest = Bytes(rebasing: target.dropFirst(Self.scheme.count))
        let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        authority = Bytes(rebasing: rest[..<end])
        // `http://host` asks for the root; the literal lives for ever.
        path = end < rest.endIndex ? Bytes(rebasing: rest[end...]) : Bytes(start: Self.root.utf8Start, count: 1)
    }
}
