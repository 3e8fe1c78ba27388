internal import HTTPTypes
internal import Logging
internal import MicroHTTP
internal import Primitives

/// Writes a line per request: who asked for what, where, and what was answered after how long; never a body or a query.
///
/// A request that waits, or that watches, is logged when its answer is over.
struct AccessLog: Sendable {
    let logger: Logger

    /// The characters of a user agent that are logged.
    private static let maxAgentLength = 200

    /// Has a line written when an answer is given; of a stream when it ends.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - make: makes the answer.
    /// - Returns: the answer that logs itself.
    func log(_ request: borrowing Request, _ make: (borrowing Request) -> Answer) -> Answer {
        let entry = Entry(request)
        let answer = make(request)
        if case .stream(let head, let stream) = answer {
            stream.notingEnd { write(entry, head.status, sentBytes: $0) }
            return answer
        }
        return answer.noting { response in
            // A stream that middleware has passed on.
            if let stream = response.body.stream {
                stream.notingEnd { write(entry, response.status, sentBytes: $0) }
            } else {
                write(entry, response.status, sentBytes: entry.sentBytes(of: response))
            }
        }
    }

    /// Writes the line of a request or connection that the server has refused itself, with what was read of the request.
    func log(_ refused: RefusedClient) {
        var metadata = Self.metadata(of: refused.request, from: refused.clientAddress, at: refused.listener)
        metadata["http.status"] = .stringConvertible(refused.status.code)
        metadata["http.refusal"] = "\(refused.detail)"
        logger.info("Request refused", metadata: metadata)
    }

    /// Writes the line of a request whose connection was closed in the midst of its body.
    func log(_ aborted: AbortedRequest) {
        var metadata = Self.metadata(of: aborted.request, from: aborted.clientAddress, at: aborted.listener)
        metadata["http.requestBytes"] = .stringConvertible(aborted.receivedBytes)
        metadata["http.durationMicroseconds"] =
            .stringConvertible(Int((aborted.duration.inSeconds * 1e6).rounded()))
        metadata["http.abortReason"] =
            switch aborted.reason {
            case .clientLeft: "the client has left"
            case .serverStopped: "the server has stopped"
            }
        logger.info("Request aborted", metadata: metadata)
    }

    /// The fields that every line has; those of the request only where it was read.
    private static func metadata(
        of request: RequestSummary?,
        from clientAddress: String?,
        at listener: BoundAddress
    ) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["http.listener": "\(listener)"]
        metadata["client.address"] = clientAddress.map { "\($0)" }
        guard let request else { return metadata }
        metadata["http.method"] = "\(request.method.rawValue)"
        metadata["http.path"] = "\(request.path)"
        metadata["http.userAgent"] = request.userAgent.map { "\(shortened($0))" }
        return metadata
    }

    /// A user agent with as many characters as are logged.
    private static func shortened(_ agent: String) -> String {
        let isLong = agent.unicodeScalars.count > maxAgentLength
        return isLong ? "\(String(agent.unicodeScalars.prefix(maxAgentLength)))…" : agent
    }

    private struct Entry: Sendable {
        let request: RequestSummary
        let listener: BoundAddress
        let clientAddress: String?
        let stopwatch = Stopwatch()

        init(_ request: borrowing Request) {
            (self.request, listener) = (RequestSummary(request), request.listener)
            clientAddress = request.clientAddress
        }

        /// The bytes of a body that are sent: HEAD and some statuses have none (RFC 9110, section 6.4.1).
        func sentBytes(of response: Response) -> Int {
            request.method == .head || [204, 304].contains(response.status.code) ? 0 : response.body.count
        }
    }

    private func write(_ entry: Entry, _ status: HTTPResponse.Status, sentBytes: Int) {
        var metadata = Self.metadata(of: entry.request, from: entry.clientAddress, at: entry.listener)
        metadata["http.status"] = .stringConvertible(status.code)
        metadata["http.responseBytes"] = .stringConvertible(sentBytes)
        metadata["http.durationMicroseconds"] = .stringConvertible(Int(entry.stopwatch.seconds * 1e6))
        logger.info("Request", metadata: metadata)
    }
}
