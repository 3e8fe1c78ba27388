internal import Primitives

/// What a handler does with a request.
public enum Answer: Sendable {
    /// Answer at once.
    case now(Response)
    /// Answer at once with a response that many requests get.
    case shared(SharedResponse)
    /// Answer later, from any thread; meanwhile no thread waits.
    ///
    /// The server calls the closure on its own thread after it has set the connection aside, or a service with middleware on a
    /// thread of the middleware. So keep it short: hand the responder to the code that will answer. A client that leaves
    /// meanwhile is noticed when the answer is sent, or by ``Responder/whenClientCloses(_:)``.
    case later(@Sendable (Responder) -> Void)
    /// Answer at once with the status and the fields of a response, and with a body that is made while it is sent.
    ///
    /// The body of the response is not sent. A stream that has served another answer gets 500.
    case stream(Response, ResponseStream)
}

/// What a handler does with the header of a request whose body has not come yet.
public enum HeaderAnswer: Sendable {
    /// Answer at once, whatever the body is.
    case now(Response)
    /// Wait for the body, and have a function answer the whole request.
    case afterBody(@Sendable (_ request: borrowing Request) -> Answer)
}

/// The right to answer one request later, once, from any thread.
///
/// A responder that is released without an answer answers 500.
public final class Responder: Sendable {
    private let deliver: @Sendable (Response?) -> Bool
    private let watch: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let limit: @Sendable (Duration?, @escaping @Sendable () -> Void) -> Void
    private let isAnswered = OnceFlag()

    /// Makes a responder for a test that calls a handler without a socket.
    ///
    /// - Parameter deliver: gets the answer once, or nil when the responder is released without one; returns whether it
    ///   was taken.
    public convenience init(deliver: @escaping @Sendable (Response?) -> Bool) {
        self.init(deliver: deliver, watch: { _ in }, limit: { _, _ in })
    }

    /// Makes a responder.
    ///
    /// - Parameters:
    ///   - deliver: gets the answer once, or nil when the responder is released without one; returns whether it was taken.
    ///   - watch: gets what to do when the client closes its side.
    ///   - limit: gets how long the answer may take, and what to do then.
    package init(
        deliver: @escaping @Sendable (Response?) -> Bool,
        watch: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
        limit: @escaping @Sendable (Duration?, @escaping @Sendable () -> Void) -> Void
    ) {
        (self.deliver, self.watch, self.limit) = (deliver, watch, limit)
    }

    /// Makes a responder that sends its answer to a closure and otherwise behaves like `other`.
    ///
    /// - Parameters:
    ///   - other: notices the client and the time.
    ///   - deliver: gets the answer once, or nil when the responder is released without one; returns whether it was taken.
    package convenience init(like other: Responder, deliver: @escaping @Sendable (Response?) -> Bool) {
        self.init(deliver: deliver, watch: other.watch, limit: other.limit)
    }

    deinit { if isAnswered.set() { _ = deliver(nil) } }

    /// Calls a closure when the client closes its side before the answer, so that you can stop working for it.
    ///
    /// The client may still read the answer. A second call replaces what the first one has left.
    ///
    /// - Parameter action: is called once at most, on the server's thread, so it must not wait for anything.
    public func whenClientCloses(_ action: @escaping @Sendable () -> Void) { watch(action) }

    /// How long a client that has closed its side has before it counts as gone.
    private static let closingGrace = Duration.seconds(1)

    /// Calls a closure when the client seems to have left: a second after it has closed its side.
    ///
    /// One that only ends its request so, as `nc -N` does, has got most answers by then.
    ///
    /// - Parameter action: is called once at most, on a thread of Swift's tasks.
    package func whenClientLeaves(_ action: @escaping @Sendable () -> Void) {
        whenClientCloses {
            Task {
                try? await Task.sleep(for: Self.closingGrace)
                action()
            }
        }
    }

    /// Calls a closure when the answer takes longer than a given time.
    ///
    /// A second call replaces what the first one has left.
    ///
    /// - Parameters:
    ///   - duration: how long the answer may take from now on; nil for as long as it likes.
    ///   - action: is called once at most, on the server's thread, so it must not wait for anything; it may send an answer.
    public func whenLate(after duration: Duration?, _ action: @escaping @Sendable () -> Void) {
        limit(duration, action)
    }

    /// Sends the answer.
    ///
    /// It is safe after the client has left, when the answer goes nowhere, and after the server has stopped.
    ///
    /// - Parameter response: the answer.
    /// - Returns: whether this call decided the answer; false if another one did, or if the server has stopped.
    @discardableResult
    public func send(_ response: Response) -> Bool {
        isAnswered.set() && deliver(response)
    }
}

extension Answer {
    /// Returns the answer with a callback that runs when it is given, or when its stream begins.
    ///
    /// - Parameter note: called once, on the thread that answers; not where a request is left without an answer.
    /// - Returns: the answer.
    package func noting(_ note: @escaping @Sendable (Response) -> Void) -> Answer {
        guard case .later(let begin) = self else {
            if let presentResponse { note(presentResponse) }
            return self
        }
        return .later { responder in
            begin(
                Responder(like: responder) { response in
                    guard let response else { return false }
                    // Before it is sent: the client's next request finds what was noted.
                    note(response)
                    return responder.send(response)
                }
            )
        }
    }

    /// Returns the answer with another one in place of that of a responder which is released without an answer.
    ///
    /// - Parameter response: makes the other answer, on the thread that releases the responder.
    /// - Returns: the answer.
    package func replacingNoAnswer(by response: @escaping @Sendable () -> Response) -> Answer {
        guard case .later(let begin) = self else { return self }
        return .later { responder in begin(Responder(like: responder) { responder.send($0 ?? response()) }) }
    }

    /// The response, or the head of a stream; nil where it is made later.
    package var presentResponse: Response? {
        switch self {
        case .now(let response): response
        case .shared(let shared): shared.response
        case .stream(let head, _): head
        case .later: nil
        }
    }
}
