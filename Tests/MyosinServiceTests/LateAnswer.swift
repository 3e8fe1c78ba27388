import Glibc
@testable import MicroHTTP

/// A responder without a server, and the answer that it is given.
final class LateAnswer {
    struct NoAnswer: Error {}

    private let mailbox: Mailbox
    private var response: Response?

    init() throws { mailbox = try Mailbox() }

    func makeResponder() -> Responder {
        mailbox.expectAnswer(for: 1)
        return Responder(mailbox: mailbox, exchange: 1)
    }

    /// Whether the answer was sent.
    var isThere: Bool {
        if let letter = mailbox.takeMail().letters.first { response = letter.response }
        return response != nil
    }

    /// Waits for the answer, at most ten seconds.
    func wait() throws -> Response {
        while !isThere {
            guard mailbox.prepareToSleep(knownStop: nil) else { continue }
            var polled = pollfd(fd: mailbox.eventNumber, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 10_000) > 0 else { throw NoAnswer() }
            mailbox.clearEvent()
        }
        guard let response else { throw NoAnswer() }
        return response
    }
}
