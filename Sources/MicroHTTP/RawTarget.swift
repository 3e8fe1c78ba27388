internal import HTTPTypes

/// What is known of a request's whole target before libmicrohttpd splits off and changes its query.
struct RawTarget {
    /// Its length.
    private(set) var bytes = 0
    /// How many parameters its query has.
    private(set) var parameters = 0
    /// Whether all of its bytes are visible ASCII; a target has no others (RFC 3986, section 2).
    private(set) var isVisible = true

    /// No target.
    init() {}

    /// - Parameter text: the target, which ends with NUL.
    init(_ text: UnsafePointer<CChar>) {
        while text[bytes] != 0 {
            let byte = UInt8(bitPattern: text[bytes])
            if byte &- 0x21 > 0x7e - 0x21 { isVisible = false }
            if byte == UInt8(ascii: "?") {
                if parameters == 0 { parameters = 1 }
            } else if byte == UInt8(ascii: "&"), parameters > 0 {
                parameters += 1
            }
            bytes += 1
        }
    }

    /// Why a target of this size is refused; nil if it is not.
    func refusal(limits: ServerLimits) -> Refusal? {
        if bytes > limits.uriBytesMax {
            let detail = "the request target is longer than \(limits.uriBytesMax) bytes"
            return Refusal(.uriTooLong, detail, hitting: .uriBytes)
        }
        if parameters > limits.queryParametersMax {
            let detail = "there are more than \(limits.queryParametersMax) parameters in the query"
            return Refusal(.uriTooLong, detail, hitting: .queryParameters)
        }
        return nil
    }

    /// Ends the query where it begins.
    func hideQuery(in text: UnsafeMutablePointer<CChar>) {
        guard let mark = (0..<bytes).first(where: { text[$0] == CChar(UInt8(ascii: "?")) }) else { return }
        // The last one is followed by the NUL that ends the target.
        text[mark + 1] = 0
    }
}
