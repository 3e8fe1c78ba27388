/// The right to answer one request later, once, from any thread.
///
/// A responder that is released without an answer answers 500.
public final class Responder: Sendable {
    private let mailbox: Mailbox
    private let exchange: Mailbox.ExchangeID

    init(mailbox: Mailbox, exchange: Mailbox.ExchangeID) {
        self.mailbox = mailbox
        self.exchange = exchange
    }

    deinit {
        // Does nothing if the answer was sent: the mailbox takes one letter an exchange.
        _ = mailbox.post(nil, for: exchange)
    }

    /// Sends the answer.
    ///
    /// It is safe after the client has left, when the answer goes nowhere, and after the server has stopped.
    ///
    /// - Parameter response: the answer.
    /// - Returns: whether this call decided the answer; false if another one did, or if the server has stopped.
    @discardableResult
    public func send(_ response: Response) -> Bool {
        mailbox.post(response, for: exchange)
    }
}
