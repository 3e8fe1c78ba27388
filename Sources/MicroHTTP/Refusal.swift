internal import HTTPTypes

/// Why the server itself does not pass a request to the handler.
struct Refusal: Equatable {
    let status: HTTPResponse.Status
    let detail: String

    init(_ status: HTTPResponse.Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }
}
