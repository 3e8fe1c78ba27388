internal import MicroHTTP
internal import Myosin
internal import Primitives

/// Threads for what takes long because a document or a body is large, so that the server's one thread goes on with the others.
///
/// Small work is done at once, as handing it over would take longer. Only a few changes are made at a time: a large body needs many
/// times its size once it is read, until its change is over. They do not hold up those who read.
final class LargeWork: Sendable {
    /// Up to so many bytes are worked on at once.
    static let maxBytesAtOnce = 8 << 10
    /// Holding a document against a rule takes about as long as reading so many bytes.
    private static let bytesPerRule = 2
    private static let maxThreads = 2
    /// Changes may wait for a lock or for the disk, while others are made.
    private static let maxChanges = 4

    /// Called when the work is over.
    private typealias Done = @Sendable () -> Void
    private typealias Job = @Sendable (_ done: @escaping Done) -> Void

    private struct Queue {
        var running = 0
        /// Never more than there are connections.
        var waiting: ArraySlice<Job> = []
    }

    private let pool = ThreadPool(maxThreads: maxThreads)
    private let changes = Lock(Queue())

    /// Makes a place to work, without threads.
    init() {}

    deinit { pool.close() }

    /// How long a piece of work counts.
    enum Span: Sendable {
        /// Until the answer is given: a change.
        case toAnswer
        /// While a thread makes the answer: what only reads.
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
            switch span {
            case .toAnswer: change { done in Self.give(make(), by: responder, done) }
            case .toDecision:
                run {
                    let answer = make()
                    if case .later(let begin) = answer { return begin(responder) }
                    Self.give(answer, by: responder) {}
                }
            }
        }
    }

    private static func give(_ answer: Answer, by responder: Responder, _ done: @escaping Done) {
        if case .later(let begin) = answer {
            begin(
                Responder { response in
                    defer { done() }
                    // Without a response the responder reports that when it goes.
                    guard let response else { return false }
                    return responder.send(response)
                }
            )
        } else {
            // False when the client has left, who needs no answer.
            _ = responder.send(answer.presentResponse ?? Problem.internalError.response)
            done()
        }
    }

    private func change(_ job: @escaping Job) {
        let isFirst = changes.withLock { changes in
            if changes.running >= Self.maxChanges {
                changes.waiting.append(job)
                return false
            }
            changes.running += 1
            return true
        }
        if isFirst { run { [self] in job { [self] in end() } } }
    }

    private func end() {
        let next: Job? = changes.withLock { changes in
            if let next = changes.waiting.popFirst() {
                if changes.waiting.isEmpty { changes.waiting = [] }
                return next
            }
            changes.running -= 1
            return nil
        }
        if let next { run { [self] in next { [self] in end() } } }
    }

    private func run(_ work: @escaping @Sendable () -> Void) {
        do {
            try pool.start()
            if pool.run(work) { return }
        } catch {
            // Without a thread the caller's own has to do.
        }
        work()
    }
}
