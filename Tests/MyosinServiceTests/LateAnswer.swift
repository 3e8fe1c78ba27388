import MicroHTTP
import Primitives
import TestSupport

/// A responder without a server, and the answer that it is given.
final class LateAnswer: Sendable {
    struct NoAnswer: Error {}

    private let answer = Monitor<Response??>(nil)

    func makeResponder() -> Responder {
        Responder { [answer] response in
            answer.withLock { $0 = .some(response) }
            answer.notifyAll()
            return true
        }
    }

    /// Whether the answer was sent.
    var isThere: Bool { answer.withLock { $0 != nil } }

    /// Waits for the answer.
    func wait() throws -> Response {
        guard let response = answer.wait(upTo: patience, until: { $0 }), let response else { throw NoAnswer() }
        return response
    }
}
