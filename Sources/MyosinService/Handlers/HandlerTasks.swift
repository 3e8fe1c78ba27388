internal import HTTPTypes
internal import Logging
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// Runs the program's own handlers and middleware in tasks, off the server's thread.
///
/// Handlers run on a few threads of the service, so a handler that blocks its thread delays neither the server nor Swift's pool.
/// A limited number run at a time, and the others wait in order. Middleware has other threads, which also run the service's own
/// routes behind it: handlers that take all their places or threads delay no scrape. Each task has a deadline, and is cancelled
/// when its client has left and when the service stops.
final class HandlerTasks: Sendable {
    /// Makes the response to a request, in its task.
    typealias Work = @Sendable (OwnedRequest, HandlerCall) async -> Response

    /// The number of threads for all handlers, and also the number for all middleware.
    static let maxThreads = 8

    /// An entry that waits for a place among the handlers.
    private enum Waiting {
        /// A request with a task that begins once it has a place.
        case call(HandlerCall)
        /// The task of a request that has passed the middleware.
        case task(CheckedContinuation<Void, any Error>)
    }

    private struct Calls {
        /// There are never more entries than connections, because clients that have left and calls past their time are taken out.
        var turns: TurnQueue<Waiting>
        /// The calls with tasks that have begun and not ended.
        var begun: [ObjectIdentifier: HandlerCall] = [:]
        var isClosed = false

        /// Takes the next entry; a call counts as begun then, so that a stop finds it in one of the two places.
        mutating func takeNext() -> Waiting? {
            let next = turns.takeNext()
            if case .call(let call) = next { begin(call) }
            return next
        }

        mutating func begin(_ call: HandlerCall) { begun[ObjectIdentifier(call)] = call }

        /// Forgets a call with a task that has ended or will not begin, and returns its place if it has waited for one.
        mutating func end(_ call: HandlerCall) {
            begun[ObjectIdentifier(call)] = nil
            if call.number != nil { turns.leave() }
        }

        /// Takes no further calls; returns those to cancel, which take themselves out of the queue.
        mutating func close() -> [HandlerCall] {
            isClosed = true
            var calls = Array(begun.values)
            for case .call(let call) in turns.waiting { calls.append(call) }
            return calls
        }
    }

    private let state: State
    private let handlerThreads = ThreadPool(maxThreads: maxThreads)
    private let middlewareThreads = ThreadPool(maxThreads: maxThreads)
    private let calls: Lock<Calls>
    private let timeout: Duration
    private let logger: Logger

    /// Makes a place for handlers, without threads.
    init(_ state: State, _ configuration: ServiceConfiguration, logger: Logger) {
        self.state = state
        calls = Lock(Calls(turns: TurnQueue(places: configuration.maxHandlers)))
        (timeout, self.logger) = (configuration.handlerTimeout, logger)
    }

    // Each task retains this object, so no task is left that could need a thread.
    deinit {
        handlerThreads.close()
        middlewareThreads.close()
    }

    /// The number of tasks that have begun and not ended.
    var count: Int { calls.withLock { $0.begun.count } }

    // MARK: Answering

    /// Answers a request by the task of a handler, in its turn.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - route: the path of the route.
    ///   - work: makes the response.
    /// - Returns: the answer.
    func answer(to request: OwnedRequest, by route: String, _ work: @escaping Work) -> Answer {
        .later { [self] responder in
            let number = calls.withLock { $0.turns.makeNumber() }
            let call = HandlerCall(request, route, responder, in: self, number: number, timeout: timeout, work)
            guard start(handlerThreads) else { return call.end(with: Self.noThread) }
            let isTaken = calls.withLock { calls in
                if !calls.isClosed { calls.turns.append(.call(call), number) }
                return !calls.isClosed
            }
            guard isTaken else { return call.end(with: Self.stoppingProblem) }
            call.watch()
            startNext()
        }
    }

    /// Answers a request by a task of middleware, at once.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - route: the path of the route, or nil if there is none.
    ///   - work: makes the response.
    /// - Returns: the answer.
    func answerByMiddleware(to request: OwnedRequest, by route: String?, _ work: @escaping Work) -> Answer {
        .later { [self] responder in
            let call = HandlerCall(request, route, responder, in: self, number: nil, timeout: timeout, work)
            guard start(middlewareThreads) else { return call.end(with: Self.noThread) }
            let isTaken = calls.withLock { calls in
                if !calls.isClosed { calls.begin(call) }
                return !calls.isClosed
            }
            guard isTaken else { return call.end(with: Self.stoppingProblem) }
            call.watch()
            // False if it has been cancelled since.
            if !call.start(on: middlewareThreads) { calls.withLock { $0.end(call) } }
        }
    }

    private func start(_ threads: ThreadPool) -> Bool {
        do {
            try threads.start()
            return true
        } catch {
            return false
        }
    }

    /// The response, or that of the error that prevents it.
    func response(for call: HandlerCall, _ make: () async throws -> Response) async -> Response {
        do {
            return try await make()
        } catch {
            return problem(error, call.name).response
        }
    }

    /// Runs a handler within a task of middleware, on the threads of handlers, in its turn.
    ///
    /// - Parameter handle: the handler.
    /// - Returns: its response.
    /// - Throws: the handler's error; `CancellationError` if the task is cancelled before its turn; a ``Problem`` if the system
    ///   has no thread for it.
    func inTurn(_ handle: () async throws -> Response) async throws -> Response {
        guard start(handlerThreads) else { throw Self.noThread }
        try await waitForTurn()
        defer { leave() }
        return try await withTaskExecutorPreference(handlerThreads, operation: handle)
    }

    private func problem(_ error: any Error, _ name: String) -> Problem {
        let problem: Problem
        switch error {
        case let error as Problem:
            if let cause = error.cause { log(cause, name) }
            return error
        case let error as ValidationError: return Problem(state.located(error))
        case let error as StateError: problem = Problem(error)
        // The error of a task group that the handler itself cancels is an error like any other.
        case is CancellationError where Task.isCancelled: return HandlerCall.cancelledProblem
        default: problem = .internalError
        }
        if problem.status == .internalServerError { log(error, name) }
        return problem
    }

    // MARK: Answers of routes on the server's thread

    /// An answer with the time limit of handlers and a log of failures; an answer that never comes is a failure, too.
    ///
    /// - Parameters:
    ///   - answer: the answer.
    ///   - name: the method and the path of the route.
    ///   - logsFailure: whether the error of a response that could not be encoded is logged here.
    /// - Returns: the answer.
    func watching(_ answer: Answer, _ name: String, logsFailure: Bool) -> Answer {
        let answer = answer.replacingNoAnswer { [self] in
            log("its responder was released without an answer", name)
            return Problem.internalError.response
        }
        let noted = logsFailure ? answer.noting { [self] in logFailure(of: $0, name) } : answer
        guard case .later(let begin) = noted else { return noted }
        return .later { [self] responder in
            // Weak, because a responder that the route releases answers at once.
            responder.whenLate(after: timeout) { [self, weak responder] in
                if responder?.send(lateProblem(name).response) == true { logLate(name) }
            }
            begin(responder)
        }
    }

    // MARK: The log

    /// Logs the error of a response that could not be encoded, if there is one.
    func logFailure(of response: Response, _ name: @autoclosure () -> String) {
        if let error = response.body.failure { log(error, name()) }
    }

    private func log(_ error: Any, _ name: String) {
        logger.error("A route has failed", metadata: ["http.route": "\(name)", "error": "\(error)"])
    }

    func logLate(_ name: String) {
        logger.warning("A route has not answered in time", metadata: ["http.route": "\(name)"])
    }

    /// 503 for a request that has taken too long.
    func lateProblem(_ name: String) -> Problem {
        let detail = "\(name) has not answered within \(timeout). Try again later."
        return Problem(.serviceUnavailable, detail, fields: [.retryAfter: Problem.retrySeconds])
    }

    private static let noThread = Problem(
        .serviceUnavailable,
        "The system has no thread for this request. Try again in a moment.",
        fields: [.retryAfter: Problem.retrySeconds]
    )
    private static let stoppingProblem = Problem(
        .serviceUnavailable,
        "The service is stopping. Try again in a moment.",
        fields: [.retryAfter: Problem.retrySeconds]
    )

    // MARK: Turns

    private func startNext() {
        while let next = calls.withLock({ $0.takeNext() }) {
            switch next {
            case .task(let continuation): continuation.resume()
            // False if it has been cancelled since.
            case .call(let call): if !call.start(on: handlerThreads) { calls.withLock { $0.end(call) } }
            }
        }
    }

    /// Waits for a place among the handlers.
    private func waitForTurn() async throws {
        let number = calls.withLock { $0.turns.makeNumber() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isCancelled = calls.withLock { calls in
                    // This sees an earlier cancellation; a later one finds the entry, because it takes the lock after this.
                    let isCancelled = Task.isCancelled
                    if !isCancelled { calls.turns.append(.task(continuation), number) }
                    return isCancelled
                }
                if isCancelled { return continuation.resume(throwing: CancellationError()) }
                startNext()
            }
        } onCancel: {
            if case .task(let continuation) = calls.withLock({ $0.turns.remove(number) }) {
                continuation.resume(throwing: CancellationError())
            }
        }
    }

    private func leave() {
        calls.withLock { $0.turns.leave() }
        startNext()
    }

    /// Notes that a task has ended.
    func end(_ call: HandlerCall) {
        calls.withLock { $0.end(call) }
        startNext()
    }

    /// Takes out a call that has not begun.
    func withdraw(_ call: HandlerCall) {
        guard let number = call.number else { return }
        calls.withLock { _ = $0.turns.remove(number) }
    }

    /// Cancels all tasks, and takes no further requests.
    func close() {
        for call in calls.withLock({ $0.close() }) { call.cancel() }
    }
}
