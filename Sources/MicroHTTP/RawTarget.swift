internal import HTTPTypes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What is known of a request's whole target before libmicrohttpd splits off and changes its query.
struct RawTarget {
    /// Its length.
    private(set) var bytes = 0
    /// How many parameters its query has.
    private(set) var parameters = 0
    /// Whether all bytes of the query are visible ASCII, as those of any target are (RFC 3986, section 2).
    private(set) var hasVisibleQuery = true

    /// No target.
    init() {}

    /// - Parameter text: the target, which ends with NUL.
    init(_ text: UnsafePointer<CChar>) {
        bytes = strlen(text)
        guard let mark = strchr(text, Int32(UInt8(ascii: "?"))) else { return }
        parameters = 1
        var next = UnsafePointer(mark) + 1
        while next.pointee != 0 {
            let byte = UInt8(bitPattern: next.pointee)
            if !(0x21...0x7e).contains(byte) { hasVisibleQuery = false }
            if byte == UInt8(ascii: "&") { parameters += 1 }
            next += 1
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
    static func hideQuery(in text: UnsafeMutablePointer<CChar>) {
        // The last character is followed by the NUL that ends the target.
        if let mark = strchr(text, Int32(UInt8(ascii: "?"))) { mark[1] = 0 }
    }
}
