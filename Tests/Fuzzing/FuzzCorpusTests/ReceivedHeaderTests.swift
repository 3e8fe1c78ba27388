@testable import MicroHTTP
import TestSupport
import Testing

/// Headers in the memory of a library that hides what it has read, received in two parts that are cut at every byte.
@Suite struct ReceivedHeaderTests {
    private static let limits = ServerLimits()

    private static let taken = [
        "GET /a HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET /a?b=c&d HTTP/1.1\r\nHost:test\r\nAccept:  a \t\r\nEmpty:\r\n\r\n",
        "GET /a HTTP/1.0\r\nA: b\r\n\r\n",
        "GET http://test?a=1&b=2 HTTP/1.1\r\nHost: test\r\n\r\n",
        "\r\nGET /a HTTP/1.1\r\nHost: test\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc",
        "GET http://test/a HTTP/1.1\r\nHost: test\r\n\r\nGET /b HTTP/1.1\r\nHost: test\r\n\r\n",
    ]

    @Test(arguments: taken) func aRequestIsTakenHoweverItComes(_ text: String) throws {
        let bytes = Array(text.utf8)
        let end = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
        let expected = end - (text.hasPrefix("\r\n") ? 2 : 0)
        for count in Self.cuts(of: bytes) {
            #expect(Libmicrohttpd075.takes(bytes, receivedAtFirst: count, limits: Self.limits) == expected, "\(count)")
        }
    }

    /// Whatever is behind it.
    @Test(arguments: RefusedRequest.all + RefusedRequest.spellings)
    func aRefusedRequestIsNotTakenHoweverItComes(_ refused: RefusedRequest) {
        let bytes = Array((refused.text.replacing("{id}", with: "1") + "GET /b HTTP/1.1\r\nHost: test\r\n\r\n").utf8)
        for count in Self.cuts(of: bytes) {
            #expect(Libmicrohttpd075.takes(bytes, receivedAtFirst: count, limits: Self.limits) == nil, "\(count)")
        }
    }

    /// NUL at the end of what was received looks like nothing.
    @Test(arguments: 1...4) func nulAtACutIsNotTaken(_ count: Int) {
        let nul = String(repeating: "\0", count: count)
        let rest = "X: y\r\n\r\nGET /b HTTP/1.1\r\nHost: test\r\n\r\n"
        for text in Self.taken {
            let bytes = Array(text.utf8)
            for cut in Self.cuts(of: bytes) {
                for behind in [String(decoding: bytes[cut...], as: UTF8.self), rest] {
                    let sent = bytes[..<cut] + Array(nul.utf8) + Array(behind.utf8)
                    // A NUL in the body is the body's.
                    guard text.firstRange(of: "\r\n\r\n").map({ cut < text[..<$0.upperBound].utf8.count }) == true
                    else {
                        continue
                    }
                    #expect(
                        Libmicrohttpd075.takes(Array(sent), receivedAtFirst: cut + count, limits: Self.limits) == nil,
                        "\(text.debugDescription) \(cut)"
                    )
                }
            }
        }
    }

    /// Behind the request line, where the library calls back, and at the end.
    private static func cuts(of bytes: [UInt8]) -> ClosedRange<Int> {
        let begin = bytes.firstIndex { $0 != 0x0d && $0 != 0x0a && $0 != 0 } ?? 0
        let line = bytes[begin...].firstIndex(of: 0x0a) ?? bytes.count - 1
        return max(line + 1, bytes.count - 600)...bytes.count
    }
}
