/// What a handler does with a request.
public enum Answer: Sendable {
    /// Answer at once.
    case now(Response)
    /// Answer at once with a response that many requests get.
    case shared(SharedResponse)
    /// Answer later, from any thread; meanwhile no thread waits.
    ///
    /// The server calls the closure on its own thread after it has set the connection aside, so keep it short: hand the
    /// responder to whoever will answer. A client that leaves meanwhile is noticed only when the answer is sent, so wait
    /// for a bounded time.
    case later(@Sendable (Responder) -> Void)
    /// Answer at once with the status and the fields of a response, and with a body that is made while it is sent.
    ///
    /// The body of the response is not sent. A stream that has served another answer gets 500.
    case stream(Response, ResponseStream)
}
