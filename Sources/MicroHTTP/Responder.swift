/// The right to answer one request later, once, from any thread.
///
/// A responder that is released without an answer answers 500.
public final class Responder: Sendable {
    private let deliver: @Sendable (Response?) -> Bool
    private let claim = Claim()

    /// Makes a responder for a test that calls a handler without a socket.
    ///
    /// - Parameter deliver: gets the answer once, or nil when the responder is released without one; returns whether it
    ///   was taken.
    public init(deliver: @escaping @Sendable (Response?) -> Bool) {
        self.deliver = deliver
    }

    deinit { if claim.take() { _ = deliver(nil) } }

    /// Sends the answer.
    ///
    /// It is safe after the client has left, when the answer goes nowhere, and after the server has stopped.
    ///
    /// - Parameter response: the answer.
    /// - Returns: whether this call decided the answer; false if another one did, or if the server has stopped.
    @discardableResult
    public func send(_ response: Response) -> Bool {
        claim.take() && deliver(response)
    }
}
