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
        return make(request).noting { write(entry, $0) }
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
