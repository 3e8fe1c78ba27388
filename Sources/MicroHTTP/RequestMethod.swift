internal import HTTPTypes

/// The methods that the server passes on.
enum RequestMethod {
    /// Those of RFC 9110 without CONNECT, and PATCH; nil for others, which the server answers with 501.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> HTTPRequest.Method? {
        switch text.count {
        case 3 where text.equals("GET"): .get
        case 3 where text.equals("PUT"): .put
        case 4 where text.equals("HEAD"): .head
        case 4 where text.equals("POST"): .post
        case 5 where text.equals("PATCH"): .patch
        case 5 where text.equals("TRACE"): .trace
        case 6 where text.equals("DELETE"): .delete
        case 7 where text.equals("OPTIONS"): .options
        default: nil
        }
    }

    /// Those whose requests have no content here (RFC 9110, section 9.3).
    static func takesNoBody(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.equals("GET") || text.equals("HEAD") || text.equals("DELETE")
    }

    /// Those whose requests are nothing without content.
    static func needsBody(_ text: UnsafeBufferPointer<UInt8>) -> Bool { text.equals("PUT") || text.equals("PATCH") }
}
