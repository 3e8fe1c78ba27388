internal import HTTPTypes

/// The methods that the server passes on.
enum RequestMethod {
    /// Those of RFC 9110 without CONNECT, and PATCH; nil for others, which the server answers with 501.
    static func parse(_ text: String) -> HTTPRequest.Method? {
        switch text {
        case "GET": .get
        case "HEAD": .head
        case "PUT": .put
        case "POST": .post
        case "DELETE": .delete
        case "PATCH": .patch
        case "OPTIONS": .options
        case "TRACE": .trace
        default: nil
        }
    }
}
