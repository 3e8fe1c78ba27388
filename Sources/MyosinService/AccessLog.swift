internal import HTTPTypes
internal import Logging
internal import MicroHTTP

/// Writes a line a request: what was asked, from where it was asked, and what was answered after how long; never a body or a query.
struct AccessLog: Sendable {
    let logger: Logger

    /// Has a line written when an answer is given.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - make: makes the answer.
    /// - Returns: the answer that logs itself.
    func log(_ request: borrowing Request, _ make: (borrowing Request) -> Answer) -> Answer {
        let entry = Entry(request)
        let answer = make(request)
        switch answer {
        case .now(let response): write(entry, response)
        case .shared(let shared): write(entry, shared.response)
        case .stream(let head, _): write(entry, head)
        case .later(let begin):
            return .later { responder in
                begin(
                    Responder { response in
                        guard let response else { return false }
                        write(entry, response)
                        return responder.send(response)
                    }
                )
            }
        }
        return answer
    }

    private struct Entry: Sendable {
        let method: String
        let path: String
        let listener: String
        let start = SuspendingClock.now

        init(_ request: borrowing Request) {
            (method, path, listener) = (request.method.rawValue, request.path, "\(request.listener)")
        }
    }

    private func write(_ entry: Entry, _ response: Response) {
        let microseconds = (SuspendingClock.now - entry.start) / .microseconds(1)
        logger.info(
            "Request",
            metadata: [
                "http.method": "\(entry.method)", "http.path": "\(entry.path)",
                "http.status": "\(response.status.code)",
                "http.responseBytes": "\(response.body.count)", "http.durationMicroseconds": "\(Int(microseconds))",
                "http.listener": "\(entry.listener)",
            ]
        )
    }
}
