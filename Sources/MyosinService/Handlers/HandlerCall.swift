internal import HTTPTypes
internal import MicroHTTP
internal import Primitives

/// A request that a task answers, or is going to answer.
///
/// The task and the connection hold it. The server lets go of it when the connection has its answer, and the task when it ends.
final class HandlerCall: Sendable {
    private struct Stage {
        /// What to do; nil once the task has taken it, and for a call that was cancelled before.
        var work: (@Sendable (HandlerCall) async -> Response)?
        var task: Task<Void, Never>?
        var isCancelled = false
        var hasEnded = false
        /// Whether the client has closed its side.
        var hasLeft = false
        /// What the service itself does when the client closes its side.
        var clientClosed: (@Sendable () -> Void)?
    }

    /// The method and the path of the route.
    let name: String
    private let responder: Responder
    private let tasks: HandlerTasks
    private let timeout: Duration
    private let stage: Lock<Stage>

    init(
        named name: String,
        _ responder: Responder,
        in tasks: HandlerTasks,
        timeout: Duration,
        _ work: @escaping @Sendable (HandlerCall) async -> Response
    ) {
        (self.name, self.responder, self.tasks, self.timeout) = (name, responder, tasks, timeout)
        stage = Lock(Stage(work: work))
    }

    static let isCancelled = Problem(
        .serviceUnavailable,
        "The request was cancelled before it was answered.",
        fields: [.retryAfter: Problem.retrySeconds]
    )

    // MARK: The task

    /// Starts the task.
    ///
    /// - Returns: false if the call was cancelled before.
    func start(on pool: ThreadPool) -> Bool {
        let work = stage.withLock { stage in
            defer { stage.work = nil }
            return stage.work
        }
        guard let work else { return false }
        let task = Task(executorPreference: pool) { [self] in
            // False where the time was up before, or the client has left.
            _ = responder.send(await work(self))
            stage.withLock { stage in
                (stage.hasEnded, stage.task, stage.clientClosed) = (true, nil, nil)
            }
            tasks.end(self)
        }
        let isCancelled = stage.withLock { stage in
            // The task holds the call, so it is not kept beyond its end.
            if !stage.hasEnded { stage.task = task }
            return stage.isCancelled
        }
        if isCancelled { task.cancel() }
        return true
    }

    /// Cancels the task, or has it never begin.
    ///
    /// A call that was cancelled before its task was made is cancelled by ``start(on:)``: of the two, one comes second under the lock,
    /// and sees what the other one has left there.
    func cancel() {
        let (task, isWaiting) = stage.withLock { stage in
            stage.isCancelled = true
            defer { stage.work = nil }
            return (stage.task, stage.work != nil)
        }
        task?.cancel()
        if isWaiting { end(with: Self.isCancelled) }
    }

    /// Answers without a task.
    func end(with problem: Problem) {
        // False where there was an answer before.
        _ = responder.send(problem.response)
        tasks.withdraw(self)
    }

    // MARK: Client and time

    /// Has the call cancelled when the client closes its side, and when the time is up.
    func watch() {
        responder.whenClientCloses { [self] in
            let action = stage.withLock { stage in
                stage.hasLeft = true
                defer { stage.clientClosed = nil }
                return stage.clientClosed
            }
            action?()
            cancel()
        }
        limitTime()
    }

    private func limitTime() {
        responder.whenLate(after: timeout) { [self] in
            let detail = "\(name) has not answered within \(timeout). Try again later."
            let isLate = responder.send(
                Problem(.serviceUnavailable, detail, fields: [.retryAfter: Problem.retrySeconds]).response
            )
            if isLate { tasks.logLate(name) }
            cancel()
        }
    }

    private func whenClientCloses(_ action: @escaping @Sendable () -> Void) {
        let hasLeft = stage.withLock { stage in
            if !stage.hasLeft { stage.clientClosed = action }
            return stage.hasLeft
        }
        if hasLeft { action() }
    }

    // MARK: The service's own answers

    /// Waits for an answer of the service itself, which has its own limits of number and time.
    func response(of answer: Answer) async -> Response {
        switch answer {
        case .now(let response): return response
        case .shared(let shared): return shared.response
        case .stream(var head, let stream):
            head.body = .stream(stream)
            return head
        case .later(let begin):
            responder.whenLate(after: nil) {}
            tasks.pause()
            let response = await withCheckedContinuation { continuation in
                begin(
                    Responder { response in
                        continuation.resume(returning: response ?? Problem.internalError.response)
                        return true
                    } watch: { [self] action in
                        whenClientCloses(action)
                    } limit: { _, _ in
                        // No route of the service limits the time of its answer.
                    }
                )
            }
            tasks.resume()
            limitTime()
            return response
        }
    }
}
