internal import HTTPTypes
internal import MicroHTTP
internal import Primitives

/// A request that a task answers, or is going to answer.
///
/// The task and the connection retain it. The connection releases it when it has its answer, and the task when it ends.
final class HandlerCall: Sendable {
    private struct Stage {
        /// The work, or nil once the task has taken it or the call was cancelled before.
        var work: HandlerTasks.Work?
        var task: Task<Void, Never>?
        var isCancelled = false
        var hasEnded = false
    }

    /// The method and the path of the route, as shown in logs.
    let name: String
    /// The place in the queue for a turn, or nil for a call of middleware, which does not wait.
    let number: Int?
    private let request: OwnedRequest
    private let responder: Responder
    private let tasks: HandlerTasks
    private let timeout: Duration
    private let stage: Lock<Stage>

    init(
        _ request: OwnedRequest,
        _ route: String?,
        _ responder: Responder,
        in tasks: HandlerTasks,
        number: Int?,
        timeout: Duration,
        _ work: @escaping HandlerTasks.Work
    ) {
        name = "\(request.method) \(route ?? HTTPMetrics.noRoute)"
        (self.request, self.responder, self.tasks) = (request, responder, tasks)
        (self.number, self.timeout) = (number, timeout)
        stage = Lock(Stage(work: work))
    }

    static let cancelledProblem = Problem(
        .serviceUnavailable,
        "The request was cancelled before it was answered.",
        fields: [.retryAfter: Problem.retrySeconds]
    )

    // MARK: The task

    /// Starts the task.
    ///
    /// - Returns: false if the call was cancelled before.
    func start(on threads: ThreadPool) -> Bool {
        let work = stage.withLock { stage in
            defer { stage.work = nil }
            return stage.work
        }
        guard let work else { return false }
        let task = Task(executorPreference: threads) { [self] in
            let response = await work(request, self)
            tasks.logFailure(of: response, name)
            // False if the time was over before, or the client has left.
            _ = responder.send(response)
            stage.withLock { stage in (stage.hasEnded, stage.task) = (true, nil) }
            tasks.end(self)
        }
        let isCancelled = stage.withLock { stage in
            // The task retains the call, so the call does not keep it beyond its end.
            if !stage.hasEnded { stage.task = task }
            return stage.isCancelled
        }
        if isCancelled { task.cancel() }
        return true
    }

    /// Cancels the task, or prevents it from starting.
    ///
    /// If the call is cancelled before its task is made, ``start(on:)`` cancels the task. Both take the lock, so the later one
    /// sees the result of the earlier one.
    func cancel() {
        let (task, isWaiting) = stage.withLock { stage in
            stage.isCancelled = true
            defer { stage.work = nil }
            return (stage.task, stage.work != nil)
        }
        task?.cancel()
        if isWaiting { end(with: Self.cancelledProblem) }
    }

    /// Answers without a task.
    func end(with problem: Problem) {
        // False if there was an answer before.
        _ = responder.send(problem.response)
        tasks.withdraw(self)
    }

    // MARK: Client and time

    /// Cancels the call when the client has left or the time is over.
    func watch() {
        responder.whenClientLeaves { [self] in cancel() }
        limitTime()
    }

    private func limitTime() {
        responder.whenLate(after: timeout) { [self] in
            if responder.send(tasks.lateProblem("\(request.method) \(request.path)").response) { tasks.logLate(name) }
            cancel()
        }
    }

    // MARK: Answers of routes behind middleware

    /// Waits for the answer of a route on the server's thread.
    ///
    /// The route sets its own time limit, or has none, and the call has its whole time again afterwards. If this task is
    /// cancelled, the route's action for a closing client runs.
    func response(of answer: Answer) async -> Response {
        switch answer {
        case .now(let response): return response
        case .shared(let shared): return shared.response
        case .stream(var head, let stream):
            head.body = .stream(stream)
            return head
        case .later(let begin):
            responder.whenLate(after: nil) {}
            defer { limitTime() }
            let cancellation = CancellationAction()
            return await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    begin(
                        Responder { response in
                            continuation.resume(returning: response ?? Problem.internalError.response)
                            return true
                        } watch: { action in
                            cancellation.set(action)
                        } limit: { [responder] duration, action in
                            responder.whenLate(after: duration, action)
                        }
                    )
                }
            } onCancel: {
                cancellation.run()
            }
        }
    }
}

/// An action that runs once, when a task is cancelled.
private final class CancellationAction: Sendable {
    private let stage = Lock<(isCancelled: Bool, action: (@Sendable () -> Void)?)>((false, nil))

    /// Replaces the action, or runs it if the task is cancelled already.
    func set(_ action: @escaping @Sendable () -> Void) {
        let isCancelled = stage.withLock { stage in
            if !stage.isCancelled { stage.action = action }
            return stage.isCancelled
        }
        if isCancelled { action() }
    }

    /// Runs the present action, and from now on each new one at once.
    func run() {
        let action = stage.withLock { stage in
            stage.isCancelled = true
            defer { stage.action = nil }
            return stage.action
        }
        action?()
    }
}
