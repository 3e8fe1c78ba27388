internal import Primitives

/// What a handler does with a request.
public enum Answer: Sendable {
    /// Answer at once.
    case now(Response)
    /// Answer at once with a response that many requests get.
    case shared(SharedResponse)
    /// Answer later, from any thread; meanwhile no thread waits.
    ///
    /// The server calls the closure on its own thread after it has set the connection aside; a service with middleware calls it
    /// on a middleware thread. So keep it short: hand the responder to the code that will answer. The server notices that a
    /// client has left when it sends the answer, or by ``Responder/whenClientCloses(_:)``.
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
    ///   - watch: gets the action for when the client closes its side.
    ///   - limit: gets the time limit of the answer, and the action for when it is over.
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

    /// The time from the moment a client closes its side until it counts as gone.
    private static let closingGrace = Duration.seconds(1)

    /// Calls a closure when the client seems to have left: one second after it closes its side.
    ///
    /// A client that closes its side to end the request, such as `nc -N`, has most answers by then.
    ///
    /// - Parameter action: a closure that is called at most once, on a thread of Swift's tasks.
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
    /// A second call replaces the remaining time and the action of the first.
    ///
    /// - Parameters:
    ///   - duration: the maximum time for the answer from now on, or nil for no limit.
    ///   - action: a closure that is called at most once, on the server's thread, so it must not wait for anything; it may send
    ///     an answer.
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
                    // Before it is sent, so that the client's next request finds the note.
                    note(response)
                    return responder.send(response)
                }
            )
        }
    }

    /// Returns the answer with another response for a responder that is released without an answer.
    ///
    /// - Parameter response: makes that response, on the thread that releases the responder.
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
