/// One request that needs more than one callback's memory: its body arrives in pieces, or it is answered later.
///
/// Not Sendable: only the loop's thread touches it. libmicrohttpd keeps it in the request's context pointer, which for an
/// ordinary request holds a sentinel instead, so that such a request costs no allocation.
final class Exchange {
    enum State {
        /// The handler has not been called.
        case reading
        /// The connection is suspended and waits for an answer.
        case suspended
        /// The answer to queue when the connection has been resumed.
        case answered(Response)
    }

    let connection: OpaquePointer
    var state = State.reading
    private(set) var body: [UInt8] = []
    private let bodyBytesMax: Int
    /// A client's announcement is trusted this far; more room is made when the bytes come.
    private static let reserveMax = 16 << 10

    /// - Parameters:
    ///   - connection: the connection, which outlives its exchange.
    ///   - bodyBytes: the announced length of the body.
    init(connection: OpaquePointer, bodyBytes: Int = 0) {
        self.connection = connection
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

/// The context pointer of a request, which libmicrohttpd carries from callback to callback.
enum RequestContext {
    /// Marks a request that has begun and has no exchange.
    ///
    /// No object is at address 1, and nobody reads there.
    static var begun: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

    /// Puts an exchange into the context.
    ///
    /// The retain is released in ``release(_:)``, which libmicrohttpd brings about once
    /// for every request that has begun.
    static func retain(_ exchange: Exchange) -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(exchange).toOpaque()
    }

    static func exchange(in context: UnsafeMutableRawPointer?) -> Exchange? {
        guard let context, context != begun else { return nil }
        return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    }

    static func release(_ context: UnsafeMutableRawPointer?) {
        guard let context, context != begun else { return }
        Unmanaged<Exchange>.fromOpaque(context).release()
    }
}
