/// What a request needs that has a body, is answered later or streams.
///
/// Not Sendable, like the connection that owns it.
final class Exchange {
    /// libmicrohttpd's name of the connection.
    let wire: OpaquePointer
    private(set) var body: [UInt8] = []
    private let bodyBytesMax: Int
    /// The answer to queue when the connection has been resumed.
    var answer: Response?
    var stream: StreamSending?
    /// A client's announcement is trusted this far; more room is made when the bytes come.
    private static let reserveMax = 16 << 10

    /// - Parameters:
    ///   - wire: libmicrohttpd's name of the connection, which outlives the exchange.
    ///   - bodyBytes: the announced length of the body.
    init(wire: OpaquePointer, bodyBytes: Int = 0) {
        self.wire = wire
        bodyBytesMax = bodyBytes
        body.reserveCapacity(min(bodyBytes, Self.reserveMax))
    }

    /// Takes a piece of the body; false if it exceeds what was announced, and so what was allowed.
    func receive(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard body.count + piece.count <= bodyBytesMax else { return false }
        body.append(contentsOf: piece)
        return true
    }
}
