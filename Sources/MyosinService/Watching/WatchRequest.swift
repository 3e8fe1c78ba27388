internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// What a request for state says of watching it.
enum WatchRequest {
    static let type = "text/event-stream"
    /// The longest wait that a long poll gets.
    static let maxWait = 300

    /// Whether events are asked for: by `?watch`, or since `Accept` takes them rather than JSON.
    static func isWatching(_ request: borrowing Request, _ accept: String?) -> Bool {
        if request.query.contains(where: { $0.name == "watch" }) { return true }
        guard let accept, accept != "*/*" else { return false }
        return MediaRanges(accept).name(type, before: "application/json")
    }

    /// The id that a client has seen last (HTML Living Standard, section 9.2.4); nil where that is none of ours.
    static func lastSeen(_ request: borrowing Request) -> RevisionTag? {
        request.header(.lastEventID).flatMap { RevisionTag($0) }
    }

    /// How long a client prefers to wait for an answer, in seconds (RFC 7240, section 4.3); nil where it does not say.
    static func wait(_ request: borrowing Request) -> Int? {
        request.preferences("wait").first.flatMap { Int($0) }.flatMap { $0 >= 0 ? min($0, maxWait) : nil }
    }

    /// The head of the answer that is a stream of events.
    static var head: Response {
        Response(
            status: .ok,
            // A proxy or a library that compressed them would keep events until there are many; the last one is for nginx.
            fields: [
                .contentType: type, .cacheControl: "no-store, no-transform", .vary: "Accept", .accelBuffering: "no",
            ]
        )
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name(validated: "Last-Event-ID")
    static let accelBuffering = HTTPField.Name(validated: "X-Accel-Buffering")
}

extension Problem {
    /// 400 for a field, which is not watched by itself.
    ///
    /// - Parameter url: that of the model's events, for a shell.
    /// - Returns: the problem.
    static func unwatchable(_ url: String) -> Problem {
        let advice = "Type curl -N \(url)."
        return Problem(.badRequest, "Only a model or the whole state can be watched, and no field by itself. \(advice)")
    }

    /// 503 for whoever cannot watch.
    init(_ refusal: WatchHub.Refusal, _ configuration: ServiceConfiguration) {
        let detail =
            switch refusal {
            case .tooMany(let count):
                configuration.advised(
                    "The limit of clients that watch at a time is reached: \(count). Try again later, or read without "
                        + "watching.",
                    .maxWatchers,
                    "\(count)"
                )
            case .noThread: "The system has no thread left to watch with. Try again later, or read without watching."
            case .closing: "The service is stopping. Try again in a moment."
            }
        self.init(.serviceUnavailable, detail, fields: [.retryAfter: Problem.retrySeconds])
    }
}
