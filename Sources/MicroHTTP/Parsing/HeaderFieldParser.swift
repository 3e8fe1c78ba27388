internal import Primitives

/// Reads header fields as they came (RFC 9112, section 5), and takes note of those that decide where a request ends and whom
/// it is for.
///
/// It is strict: a name is a token, a colon follows it at once, a value has no control characters but tabs, and each line ends
/// with CR LF. So nobody who reads the same bytes by the standard sees other fields.
///
/// It lends the bytes that it reads.
struct HeaderFieldParser {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    enum Outcome: Equatable {
        /// The fields and the empty line behind them take so many bytes.
        case complete(Int)
        /// More bytes are needed.
        case incomplete
        /// The byte at this place must not be there.
        case malformed(Int)
    }

    private(set) var fields = 0
    private(set) var hosts = 0
    private(set) var host = Bytes(start: nil, count: 0)
    /// The last one, for a log.
    private(set) var userAgent: Bytes?
    private(set) var contentLengths = 0
    /// Nil if it is not a number, or larger than any.
    private(set) var contentLength: UInt64?
    private(set) var contentLengthIsNumber = true
    private(set) var transferEncodings = 0
    private(set) var transferEncodingIsChunked = false
    /// The bytes of cookies that libmicrohttpd copies, and the most cookies that it finds: a semicolon begins the next one.
    ///
    /// In 0.9 a comma does, too.
    private(set) var cookieBytes = 0
    private(set) var cookies = 0
    private(set) var expectsContinue = false
    private(set) var expectsOther = false

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let colon = UInt8(ascii: ":")

    /// Reads the fields up to the empty line; to be called once, with all bytes that have come.
    mutating func read(_ bytes: Bytes) -> Outcome {
        guard let start = bytes.baseAddress else { return .incomplete }
        let end = start + bytes.count
        var next = start
        while next < end {
            let name = next
            while next < end, ByteSet.token.contains(next.pointee) { next += 1 }
            guard next < end else { break }
            if next == name, next.pointee == Self.carriageReturn {
                guard next + 1 < end else { break }
                return next[1] == Self.lineFeed ? .complete(next + 2 - start) : .malformed(next + 1 - start)
            }
            guard next > name, next.pointee == Self.colon else { return .malformed(next - start) }
            let nameBytes = next - name
            next += 1
            let value = next
            while next < end, Self.isValueByte(next.pointee) { next += 1 }
            guard next < end else { break }
            guard next.pointee == Self.carriageReturn else { return .malformed(next - start) }
            guard next + 1 < end else { break }
            guard next[1] == Self.lineFeed else { return .malformed(next + 1 - start) }
            note(
                name: Bytes(start: name, count: nameBytes),
                value: Bytes(start: value, count: next - value).withoutSpaceBefore
            )
            next += 2
        }
        return .incomplete
    }

    /// - Parameters:
    ///   - name: the name.
    ///   - value: the value with the white space behind it: libmicrohttpd leaves that there, and takes a length or an expectation
    ///     with it for another one.
    private mutating func note(name: Bytes, value: Bytes) {
        fields += 1
        switch name.count {
        case 4 where name.equalsLowercase("host"):
            hosts += 1
            host = value.withoutOuterSpace
        case 6 where name.equalsLowercase("expect"):
            if value.equalsLowercase("100-continue") { expectsContinue = true } else { expectsOther = true }
        case 6 where name.equalsLowercase("cookie"):
            cookieBytes += value.count + 1
            cookies += value.reduce(1) { $1 == UInt8(ascii: ";") || $1 == UInt8(ascii: ",") ? $0 + 1 : $0 }
        case 10 where name.equalsLowercase("user-agent"):
            userAgent = value.withoutOuterSpace
        case 14 where name.equalsLowercase("content-length"):
            contentLengths += 1
            contentLengthIsNumber = !value.isEmpty && value.allSatisfy(\.isDigit)
            contentLength = contentLengthIsNumber ? UInt64(String(decoding: value, as: UTF8.self)) : nil
        case 17 where name.equalsLowercase("transfer-encoding"):
            transferEncodings += 1
            transferEncodingIsChunked = transferEncodings == 1 && value.withoutOuterSpace.equalsLowercase("chunked")
        default:
            break
        }
    }

    @inline(__always) private static func isValueByte(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7f) || byte == 0x09
    }
}

extension HeaderFieldParser.Bytes {
    /// Without the spaces and tabs at both ends, which are no part of a value (RFC 9110, section 5.5).
    var withoutOuterSpace: Self {
        let value = withoutSpaceBefore
        var end = value.endIndex
        while end > 0, value[end - 1].isBlank { end -= 1 }
        return Self(rebasing: value[..<end])
    }

    /// Without the spaces and tabs at the beginning.
    var withoutSpaceBefore: Self {
        var start = startIndex
        while start < endIndex, self[start].isBlank { start += 1 }
        return Self(rebasing: self[start...])
    }
}
