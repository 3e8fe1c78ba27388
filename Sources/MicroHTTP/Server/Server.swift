internal import Primitives

/// An HTTP/1.1 server on one thread of its own, over GNU libmicrohttpd.
///
/// Handlers are called on the server's thread: one that waits holds up every other request, so it answers
/// ``Answer/later(_:)`` instead. A server runs once. Releasing it stops it at once.
public final class Server: Sendable {
    /// Answers a request; ``Routes/answer(to:)`` is one.
    public typealias Handler = @Sendable (_ request: borrowing Request) -> Answer

    /// Answers a request with a body by its header, before the body comes, or says what answers it then.
    public typealias HeaderHandler = @Sendable (_ request: borrowing Request) -> HeaderAnswer

    /// What answers the requests.
    struct Handlers: Sendable {
        let whole: Handler
        let byHeader: HeaderHandler?
    }

    private struct Running: Sendable {
        let mailbox: Mailbox
        let thread: WorkerThread
        /// Given by the thread in its last moment.
        let loopHasEnded: OnceSignal
        /// Given when the thread has been joined.
        let hasEnded: OnceSignal
    }

    private enum State: Sendable {
        case idle
        case starting
        case running(Running)
        /// Somebody joins the thread.
        case stopping(Running)
        case stopped
    }

    private let configuration: ServerConfiguration
    private let handlers: Handlers
    private let clock: @Sendable () -> Int64
    private let counted = Lock(ServerStatistics())
    // Whoever moves the state from running to stopping, or finds it running in deinit, joins or detaches the thread, so
    // that happens once.
    private let state = Lock(State.idle)

    /// Makes a server, which listens when it is started.
    ///
    /// - Parameters:
    ///   - configuration: where it listens, and its limits.
    ///   - byHeader: answers requests with a body, whose header it gets before the body comes; ``Routes/answer(toHeaderOf:)`` is one.
    ///     Without it `handler` gets them when they are complete.
    ///   - handler: answers the other requests, on the server's thread.
    public convenience init(
        configuration: ServerConfiguration,
        byHeader: HeaderHandler? = nil,
        handler: @escaping Handler
    ) {
        self.init(configuration: configuration, clock: nil, byHeader: byHeader, handler: handler)
    }

    /// Makes a server with a clock of its own for all deadlines, which a test moves by hand.
    ///
    /// - Parameters:
    ///   - configuration: where it listens, and its limits.
    ///   - clock: reads milliseconds that never go backwards; the loop reads it once per round, and does not wake up for it. Nil for
    ///     the system's.
    ///   - byHeader: answers requests with a body.
    ///   - handler: answers the other requests, on the server's thread.
    package init(
        configuration: ServerConfiguration,
        clock: (@Sendable () -> Int64)?,
        byHeader: HeaderHandler? = nil,
        handler: @escaping Handler
    ) {
        self.configuration = configuration
        self.clock = clock ?? LoopClock.read
        handlers = Handlers(whole: handler, byHeader: byHeader)
    }

    /// What the server has done so far, at most a round of its loop ago; called from any thread.
    public var statistics: ServerStatistics { counted.withLock { $0 } }

    /// Calls an action on the server's thread, once that has done what came before; never where the server does not run.
    ///
    /// - Parameter action: short, as a handler.
    package func whenResponsive(_ action: @escaping @Sendable () -> Void) {
        switch state.withLock({ $0 }) {
        // False where it has just ended.
        case .running(let running), .stopping(let running): _ = running.mailbox.post(.call(action))
        case .idle, .starting, .stopped: break
        }
    }

    deinit {
        // Nobody else has a reference, so nobody is in `start` or `stop`.
        guard case .running(let running) = state.withLock({ $0 }) else { return }
        running.mailbox.postStop(by: clock())
        // The last reference may go in a handler, on the very thread, which does not join itself and frees everything anyway.
        running.thread.join()
    }

    /// Binds the addresses and serves.
    ///
    /// - Returns: the addresses in the configuration's order, with the ports that were picked.
    /// - Throws: ``ServerError`` with `addressInUse`, `addressNotAvailable`, `permissionDenied`, `badAddress` or
    ///   `systemError`, after which it may be tried again; `alreadyStarted`; or `stopped`.
    @discardableResult
    public func start() throws(ServerError) -> [BoundAddress] {
        try beginStarting()
        do throws(ServerError) {
            return try open()
        } catch {
            state.withLock { if case .starting = $0 { $0 = .idle } }
            throw error
        }
    }

    /// Stops gracefully: it accepts nothing more, lets running requests finish, and closes everything.
    ///
    /// Requests that are unfinished when the bound is over are answered 503 or cut off. On return the thread has ended and
    /// everything is closed, unless a handler called it, on the server's own thread: then it only asks for the stop. It may
    /// be called several times and from several threads; the earliest bound counts. It blocks its thread, so in an asynchronous
    /// function call the other form, with `await`.
    ///
    /// - Parameter bound: how long running requests may take; a handler that does not return cannot be cut short.
    public func stop(within bound: Duration) {
        switch claimStop(within: bound) {
        case .none, .ask: break
        case .wait(let running): running.hasEnded.wait()
        case .join(let running): join(running)
        }
    }

    /// Stops gracefully, and blocks no thread while running requests finish.
    ///
    /// It waits to the end even if its task is cancelled.
    ///
    /// - Parameter bound: how long running requests may take; a handler that does not return cannot be cut short.
    public func stop(within bound: Duration) async {
        switch claimStop(within: bound) {
        case .none, .ask: break
        case .wait(let running): await running.hasEnded.wait()
        case .join(let running):
            // After it the thread has nothing left to do, so that joining it takes no time.
            await running.loopHasEnded.wait()
            join(running)
        }
    }

    private func join(_ running: Running) {
        running.thread.join()
        state.withLock { $0 = .stopped }
        running.hasEnded.give()
    }

    /// Asks the loop to stop, and returns the remaining step.
    private func claimStop(within bound: Duration) -> StopClaim {
        let claim = state.withLock { Self.claimStop(&$0) }
        let deadline = clock() + bound.loopMilliseconds
        switch claim {
        case .none: break
        case .ask(let running), .wait(let running), .join(let running): running.mailbox.postStop(by: deadline)
        }
        return claim
    }

    private enum StopClaim: Sendable {
        case none
        case ask(Running)
        case wait(Running)
        case join(Running)
    }

    private static func claimStop(_ state: inout State) -> StopClaim {
        switch state {
        case .idle, .starting:
            state = .stopped
            return .none
        case .stopped:
            return .none
        case .running(let running), .stopping(let running):
            if running.thread.isCurrent { return .ask(running) }
            if case .stopping = state { return .wait(running) }
            state = .stopping(running)
            return .join(running)
        }
    }

    private func beginStarting() throws(ServerError) {
        let refusal: ServerError? = state.withLock { state in
            switch state {
            case .idle:
                state = .starting
                return nil
            case .starting, .running:
                return ServerError(.alreadyStarted, "the server was started before; make another one")
            case .stopping, .stopped:
                return Self.stoppedError
            }
        }
        if let refusal { throw refusal }
    }

    private func open() throws(ServerError) -> [BoundAddress] {
        guard !configuration.addresses.isEmpty else {
            throw ServerError(.badAddress, "the server has no address to listen on; give it at least one")
        }
        let mailbox = try Mailbox()
        let loop = EventLoop(
            configuration: configuration,
            handlers: handlers,
            mailbox: mailbox,
            statistics: counted,
            clock: clock
        )
        let addresses: [BoundAddress]
        let thread: WorkerThread
        let loopHasEnded = OnceSignal()
        do throws(ServerError) {
            try loop.open()
            addresses = loop.acceptor.addresses
            thread = try Self.makeThread(running: loop, loopHasEnded)
        } catch {
            loop.close()
            throw error
        }
        let running = Running(mailbox: mailbox, thread: thread, loopHasEnded: loopHasEnded, hasEnded: OnceSignal())
        let isWanted = state.withLock { state in
            guard case .starting = state else { return false }
            state = .running(running)
            return true
        }
        guard isWanted else {
            mailbox.postStop(by: clock())
            thread.join()
            throw Self.stoppedError
        }
        return addresses
    }

    private static func makeThread(
        running loop: EventLoop,
        _ hasEnded: OnceSignal
    ) throws(ServerError) -> WorkerThread {
        // Starting the thread hands the loop over: the caller does not touch it any more, and `pthread_create` orders all
        // that was done to it before all that the new thread does.
        nonisolated(unsafe) let loop = loop
        do {
            return try WorkerThread {
                loop.run()
                hasEnded.give()
            }
        } catch {
            throw .systemError("starting the server's thread", errno: error.errno)
        }
    }

    private static let stoppedError = ServerError(.stopped, "the server was stopped; make another one")
}
