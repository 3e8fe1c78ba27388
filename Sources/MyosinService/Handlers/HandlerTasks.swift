internal import HTTPTypes
internal import Logging
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// Runs the program's own handlers in tasks, off the server's thread.
///
/// The tasks run on a few threads of the service, so that one that blocks its thread keeps neither the server nor Swift's pool waiting.
/// Only some run at a time, and the others wait in order. Each has a deadline, and is cancelled when its client closes its side of
/// the connection and when the service stops.
final class HandlerTasks: Sendable {
    /// Makes the response to a request, in its task.
    typealias Work = @Sendable (OwnedRequest, HandlerCall) async -> Response

    /// How many threads there are for all handlers.
    static let maxThreads = 8

    private struct Queue {
        /// How many tasks have begun, without those that wait for an answer of the service itself.
        var running = 0
        /// Never more than there are connections: those whose client has left, or whose time is up, are taken out.
        var waiting: ArraySlice<HandlerCall> = []
        var begun: [ObjectIdentifier: HandlerCall] = [:]
        var isClosed = false

        /// Takes the one whose turn it is, if there is room.
        mutating func takeNext(_ maxRunning: Int) -> HandlerCall? {
            guard running < maxRunning, let next = waiting.popFirst() else { return nil }
            // The slice keeps what it has lost for as long as its storage is in use.
            if waiting.isEmpty { waiting = [] }
            running += 1
            begun[ObjectIdentifier(next)] = next
            return next
        }
    }

    private let pool = ThreadPool(maxThreads: maxThreads)
    private let queue = Lock(Queue())
    private let maxRunning: Int
    private let timeout: Duration
    private let logger: Logger

    /// Makes a place for handlers, without threads.
    init(_ configuration: ServiceConfiguration, logger: Logger) {
        (maxRunning, timeout, self.logger) = (max(1, configuration.maxHandlers), configuration.handlerTimeout, logger)
    }

    // Each task holds this, so none is left that could need a thread.
    deinit { pool.close() }

    /// How many tasks have begun and not ended.
    var count: Int { queue.withLock { $0.begun.count } }

    // MARK: Answering

    /// Answers a request by a task.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - path: the path of the route; nil where there is none.
    ///   - work: makes the response.
    /// - Returns: the answer.
    func answer(to request: OwnedRequest, by path: String?, _ work: @escaping Work) -> Answer {
        .later { [self] responder in
            let name = "\(request.method) \(path ?? request.path)"
            let call = HandlerCall(named: name, responder, in: self, timeout: timeout) { call in
                await work(request, call)
            }
            do {
                try pool.start()
            } catch {
                return call.end(with: Self.noThread)
            }
            let isTaken = queue.withLock { queue in
                if !queue.isClosed { queue.waiting.append(call) }
                return !queue.isClosed
            }
            guard isTaken else { return call.end(with: Self.isStopping) }
            call.watch()
            startNext()
        }
    }

    /// The response that is made, or that of the error which keeps it from being made.
    func response(for call: HandlerCall, _ make: () async throws -> Response) async -> Response {
        do {
            let response = try await make()
            if let error = response.body.failure { log(error, call.name) }
            return response
        } catch {
            return problem(error, call.name).response
        }
    }

    /// Logs why a response on the server's own thread could not be made, if so.
    func logFailure(of answer: Answer, _ name: @autoclosure () -> String) {
        if let error = answer.presentResponse?.body.failure { log(error, name()) }
    }

    private func problem(_ error: any Error, _ name: String) -> Problem {
        let problem: Problem
        switch error {
        case let error as Problem: return error
        case let error as ValidationError: return Problem(error)
        case let error as StateError: problem = Problem(error)
        case is CancellationError: return HandlerCall.isCancelled
        default: problem = .internalError
        }
        if problem.status == .internalServerError { log(error, name) }
        return problem
    }

    private func log(_ error: any Error, _ name: String) {
        logger.error("A route has failed", metadata: ["http.route": "\(name)", "error": "\(error)"])
    }

    func logLate(_ name: String) {
        logger.warning("A route has not answered in time", metadata: ["http.route": "\(name)"])
    }

    private static let noThread = Problem(
        .serviceUnavailable,
        "The system has no thread for this request. Try again in a moment.",
        fields: [.retryAfter: Problem.retrySeconds]
    )
    private static let isStopping = Problem(
        .serviceUnavailable,
        "The service is stopping. Try again in a moment.",
        fields: [.retryAfter: Problem.retrySeconds]
    )

    // MARK: Turns

    private func startNext() {
        while let call = queue.withLock({ $0.takeNext(maxRunning) }) {
            // It has been cancelled since.
            if !call.start(on: pool) { remove(call) }
        }
    }

    private func remove(_ call: HandlerCall) {
        queue.withLock { queue in
            if queue.begun.removeValue(forKey: ObjectIdentifier(call)) != nil { queue.running -= 1 }
        }
    }

    /// Notes that a task has ended.
    func end(_ call: HandlerCall) {
        remove(call)
        startNext()
    }

    /// Takes a call out that has not begun.
    func withdraw(_ call: HandlerCall) {
        queue.withLock { queue in
            queue.waiting.removeAll { $0 === call }
            if queue.waiting.isEmpty { queue.waiting = [] }
        }
    }

    /// Lets another task run while one waits for an answer of the service itself, which has limits of its own.
    func pause() {
        queue.withLock { $0.running -= 1 }
        startNext()
    }

    /// Counts a task again; there may be more than the limit for a while.
    func resume() { queue.withLock { $0.running += 1 } }

    /// Cancels all tasks, and takes no further requests.
    func close() {
        let calls = queue.withLock { queue in
            queue.isClosed = true
            return Array(queue.waiting) + queue.begun.values
        }
        for call in calls { call.cancel() }
    }
}
