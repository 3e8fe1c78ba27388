internal import HTTPTypes

/// Why the server itself does not pass a request to the handler.
struct Refusal: Error, Equatable {
    let status: HTTPResponse.Status
    let detail: String
    /// The limit that was hit, if it is one.
    let limit: ServerLimit?

    init(_ status: HTTPResponse.Status, _ detail: String, hitting limit: ServerLimit? = nil) {
        self.status = status
        self.detail = detail
        self.limit = limit
    }

    static let isStopping = Refusal(.serviceUnavailable, "the server is stopping")
    static let hasNoMemory = Refusal(.serviceUnavailable, "the system has no memory for more connections")
    static let hasNoAnswer = Refusal(.internalServerError, "the handler let go of the request without an answer")
}
