internal import MicroHTTP
internal import Myosin
internal import Primitives

/// Threads for what takes long because a document or a body is large, so that the server's one thread goes on with the others.
///
/// What is small is done at once, as handing it over would take longer. Few pieces of work are done at a time: what a large body
/// becomes in memory is many times as large, and is held until the change that it makes is over.
final class LargeWork: Sendable {
    /// Up to so many bytes are worked on at once.
    static let maxBytesAtOnce = 8 << 10
    /// Holding a document against a rule takes about as long as reading so many bytes.
    private static let bytesPerRule = 2
    private static let maxThreads = 2
    /// Changes may wait for a lock or for the disk, while others are worked on.
    private static let maxRunning = 4

    /// Called when the work is over.
    private typealias Done = @Sendable () -> Void
    private typealias Job = @Sendable (_ done: @escaping Done) -> Void

    private struct Line {
        var running = 0
        /// Never more than there are connections.
        var waiting: ArraySlice<Job> = []
    }

    private let pool = ThreadPool(maxThreads: maxThreads)
    private let line = Lock(Line())

    /// Makes a place to work, without threads.
    init() {}

    deinit { pool.close() }

    /// How long the work is another's, once the answer is made.
    enum Span: Sendable {
        /// Until the answer is given.
        case toAnswer
        /// Until it is known what the answer is: what waits for news takes no place.
        case toDecision
    }

    /// How much work it is to read, check and write a document, as bytes that are read and written.
    static func weight(ofBytes bytes: Int, _ cost: CheckCost) -> Int {
        max(bytes, cost.rules(forBytes: bytes) * bytesPerRule)
    }

    /// Answers a request at once, or by a thread of its own.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - bytes: about how many bytes are read or written for it.
    ///   - span: how long it counts as being worked on.
    ///   - make: makes the answer; no stream.
    /// - Returns: the answer.
    func answer(
        to request: borrowing Request,
        bytes: Int,
        _ span: Span,
        _ make: @escaping @Sendable (borrowing Request) -> Answer
    ) -> Answer {
        if bytes <= Self.maxBytesAtOnce { return make(request) }
        let owned = request.owned()
        return later(span) { make(Request(owned)) }
    }

    /// Answers at once, or by a thread of its own.
    func answer(bytes: Int, _ span: Span, _ make: @escaping @Sendable () -> Answer) -> Answer {
        bytes <= Self.maxBytesAtOnce ? make() : later(span, make)
    }

    private func later(_ span: Span, _ make: @escaping @Sendable () -> Answer) -> Answer {
        .later { [self] responder in
            begin { done in
                let answer = make()
                switch (answer, span) {
                case (.later(let begin), .toAnswer):
                    begin(
                        Responder { response in
                            defer { done() }
                            // Without a response the responder reports that when it goes.
                            guard let response else { return false }
                            return responder.send(response)
                        }
                    )
                case (.later(let begin), .toDecision):
                    done()
                    begin(responder)
                default:
                    // False when the client has left, who needs no answer.
                    _ = responder.send(answer.presentResponse ?? Problem.internalError.response)
                    done()
                }
            }
        }
    }

    private func begin(_ job: @escaping Job) {
        let isFirst = line.withLock { line in
            if line.running >= Self.maxRunning {
                line.waiting.append(job)
                return false
            }
            line.running += 1
            return true
        }
        if isFirst { run(job) }
    }

    private func run(_ job: @escaping Job) {
        let work: @Sendable () -> Void = { [self] in job { [self] in end() } }
        do {
            try pool.start()
            if pool.run(work) { return }
        } catch {
            // Without a thread the caller's own has to do.
        }
        work()
    }

    private func end() {
        let next: Job? = line.withLock { line in
            if let next = line.waiting.popFirst() {
                if line.waiting.isEmpty { line.waiting = [] }
                return next
            }
            line.running -= 1
            return nil
        }
        if let next { run(next) }
    }
}
