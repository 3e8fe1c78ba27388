/// Bytes that are not plainly one request, and what a server must answer: the table of "What is refused", with spellings.
package struct RefusedRequest: Sendable, CustomStringConvertible {
    /// What is wrong with it.
    package let description: String
    /// The bytes; `{id}` stands for something that tells one request from another.
    package let text: String
    /// The status of the only answer.
    package let status: Int

    init(_ description: String, _ status: Int, _ text: String) {
        (self.description, self.status, self.text) = (description, status, text)
    }

    /// A request with a line, a Host field and further lines.
    init(
        _ description: String,
        _ status: Int,
        _ line: String = "GET /hello/{id}",
        lines: [String],
        body: String = ""
    ) {
        let head = (["\(line) HTTP/1.1", "Host: test"] + lines).joined(separator: "\r\n")
        self.init(description, status, "\(head)\r\n\r\n\(body)")
    }

    /// A request with a Host field that is not a host.
    static func host(_ text: String) -> RefusedRequest {
        RefusedRequest("the Host \(text)", 400, "GET /hello/{id} HTTP/1.1\r\nHost: \(text)\r\n\r\n")
    }

    /// All of them.
    package static let all = lengths + encodings + fieldForms + hosts + targets + lines + expectations + bodies + sizes

    private static let put = "PUT /echo/{id}"
    /// What would be another request to somebody who takes it for one.
    static let smuggled = "GET /smuggled/{id} HTTP/1.1\r\nHost: test\r\n\r\n"

    private static let lengths =
        [
            RefusedRequest("two lengths", 400, put, lines: ["Content-Length: 3", "Content-Length: 3"], body: "abc"),
            RefusedRequest(
                "two other lengths",
                400,
                put,
                lines: ["Content-Length: 0", "Content-Length: 43"],
                body: smuggled
            ),
            RefusedRequest("a length beyond the limit", 413, put, lines: ["Content-Length: 1048577"], body: smuggled),
            RefusedRequest("a length of 2^31", 413, put, lines: ["Content-Length: 2147483648"], body: smuggled),
            RefusedRequest(
                "a length of 2^63",
                413,
                put,
                lines: ["Content-Length: 9223372036854775808"],
                body: smuggled
            ),
            RefusedRequest(
                "a length of 2^64",
                413,
                put,
                lines: ["Content-Length: 18446744073709551616"],
                body: smuggled
            ),
            RefusedRequest(
                "a length of 2^64 + 3",
                413,
                put,
                lines: ["Content-Length: 18446744073709551619"],
                body: "abc"
            ),
            RefusedRequest(
                "a length of 2^64 - 1",
                413,
                put,
                lines: ["Content-Length: 18446744073709551615"],
                body: smuggled
            ),
        ]
        + ["+3", "-3", "0x3", "3a", "3.0", "3 3", "3, 3", "", "3 ", "3\t"]
        .map { RefusedRequest("the length \($0)", 400, put, lines: ["Content-Length: \($0)"], body: "abc") }

    private static let encodings = [
        RefusedRequest(
            "length and encoding",
            400,
            put,
            lines: ["Content-Length: 5", "Transfer-Encoding: chunked"],
            body: "0\r\n\r\n\(smuggled)"
        ),
        RefusedRequest(
            "encoding and length",
            400,
            put,
            lines: ["Transfer-Encoding: chunked", "Content-Length: 5"],
            body: "0\r\n\r\n\(smuggled)"
        ),
        RefusedRequest("chunked", 411, put, lines: ["Transfer-Encoding: chunked"], body: "0\r\n\r\n\(smuggled)"),
        RefusedRequest("Chunked", 411, put, lines: ["Transfer-Encoding: Chunked"], body: "0\r\n\r\n"),
        RefusedRequest("GET, chunked", 411, lines: ["Transfer-Encoding: chunked"], body: "0\r\n\r\n\(smuggled)"),
        RefusedRequest("xchunked", 501, put, lines: ["Transfer-Encoding: xchunked"], body: "0\r\n\r\n"),
        RefusedRequest("gzip", 501, put, lines: ["Transfer-Encoding: gzip"], body: smuggled),
        RefusedRequest("identity", 501, put, lines: ["Transfer-Encoding: identity"], body: smuggled),
        RefusedRequest("an empty encoding", 501, put, lines: ["Transfer-Encoding: "], body: smuggled),
        RefusedRequest("chunked twice", 501, put, lines: ["Transfer-Encoding: chunked, chunked"], body: "0\r\n\r\n"),
        RefusedRequest(
            "two encodings",
            501,
            put,
            lines: ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
            body: "0\r\n\r\n"
        ),
        RefusedRequest(
            "chunked behind identity",
            501,
            put,
            lines: ["Transfer-Encoding: identity", "Transfer-Encoding: chunked"],
            body: "0\r\n\r\n\(smuggled)"
        ),
        RefusedRequest("chunked with a quote", 501, put, lines: ["Transfer-Encoding: \"chunked\""], body: "0\r\n\r\n"),
        RefusedRequest(
            "chunked in HTTP/1.0",
            400,
            "PUT /echo/{id} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(smuggled)"
        ),
    ]

    private static let fieldForms =
        [
            RefusedRequest("a space before the colon", 400, lines: ["Accept : a"]),
            RefusedRequest("a tab before the colon", 400, lines: ["Accept\t: a"]),
            RefusedRequest(
                "a space before the colon of the length",
                400,
                put,
                lines: ["Content-Length : 43"],
                body: smuggled
            ),
            RefusedRequest("a space before a name", 400, "GET /hello/{id} HTTP/1.1\r\n Host: test\r\n\r\n"),
            RefusedRequest("a folded line", 400, lines: ["Accept: a", " b"]),
            RefusedRequest("a line folded by a tab", 400, lines: ["Accept: a", "\tb"]),
            RefusedRequest(
                "a folded encoding",
                400,
                put,
                lines: ["Transfer-Encoding:", " chunked"],
                body: "0\r\n\r\n"
            ),
            RefusedRequest("no colon", 400, lines: ["Accept"]),
            RefusedRequest("no name", 400, lines: [": a"]),
            RefusedRequest("a name with a slash", 400, lines: ["Acc/ept: a"]),
            RefusedRequest("a name in brackets", 400, lines: ["[Accept]: a"]),
            RefusedRequest("a name beyond ASCII", 400, lines: ["Accépt: a"]),
            RefusedRequest("bare LF between fields", 400, lines: ["Accept: a\nAccept-Language: b"]),
            RefusedRequest("bare LF behind the request line", 400, "GET /hello/{id} HTTP/1.1\nHost: test\r\n\r\n"),
            RefusedRequest("bare LF everywhere", 400, "GET /hello/{id} HTTP/1.1\nHost: test\n\n"),
            RefusedRequest("bare LF at the end", 400, "GET /hello/{id} HTTP/1.1\r\nHost: test\r\n\n"),
            RefusedRequest("bare LF, and a space more elsewhere", 400, lines: ["Accept: a\nA:  b"]),
            RefusedRequest(
                "a folded line, and no spaces elsewhere",
                400,
                lines: ["Accept: a", " b", "A:b", "B:c", "C:d"]
            ),
            RefusedRequest("bare CR between fields", 400, lines: ["Accept: a\rAccept-Language: b"]),
            RefusedRequest("bare CR in a value", 400, lines: ["Accept: a\rb"]),
            RefusedRequest("CR CR LF", 400, lines: ["Accept: a\r"]),
            RefusedRequest("NUL in a value", 400, lines: ["Accept: a\0b"]),
            RefusedRequest("NUL in a name", 400, lines: ["Acc\0ept: b"]),
            RefusedRequest("NUL before a line", 400, lines: ["\0Content-Length: 43"], body: smuggled),
            RefusedRequest("NUL as a line", 400, lines: ["\0", "Accept: a"]),
        ]
        + [1, 7, 8, 11, 12, 27, 31, 127]
        .map { code in
            RefusedRequest(
                "control character \(code)",
                400,
                lines: ["Accept: a\(Character(Unicode.Scalar(UInt8(code))))b"]
            )
        }

    private static let hosts =
        [
            RefusedRequest("no Host", 400, "GET /hello/{id} HTTP/1.1\r\n\r\n"),
            RefusedRequest("two Hosts", 400, lines: ["Host: test"]),
            RefusedRequest("two other Hosts", 400, lines: ["Host: other"]),
        ]
        + [
            "a b", "a/b", "user@test", "test:http", "test:80:80", "test:65536", "test:-1", "a,b", "a?b", "[::1",
            "[test]", "::1", "é",
        ]
        .map(host)

    private static let targets =
        [
            "/a%00b", "/a%2fb", "/a%2Fb", "/a/../b", "/a/./b", "/..", "/a/%2e%2e/b", "/%2E", "/a%", "/a%f", "/a%zz",
            "/%ff", "/?a=%f", "/?%",
        ]
        .map { RefusedRequest("the target \($0)", 400, "GET \($0) HTTP/1.1\r\nHost: test\r\n\r\n") } + [
            RefusedRequest("a target without a slash", 400, "GET hello HTTP/1.1\r\nHost: test\r\n\r\n"),
            RefusedRequest("the target *", 400, "GET * HTTP/1.1\r\nHost: test\r\n\r\n"),
            RefusedRequest("a URL of another host", 400, "GET http://other/hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
            RefusedRequest(
                "a URL of another port",
                400,
                "GET http://test:81/hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"
            ),
            RefusedRequest("a URL with a user", 400, "GET http://a@test/hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
            RefusedRequest("a URL without a host", 400, "GET http:///hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
            RefusedRequest("a URL of another scheme", 400, "GET ftp://test/hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        ]

    private static let lines = [
        RefusedRequest("HTTP/1.2", 505, "GET /hello/{id} HTTP/1.2\r\nHost: test\r\n\r\n"),
        RefusedRequest("HTTP/2.0", 505, "GET /hello/{id} HTTP/2.0\r\nHost: test\r\n\r\n"),
        RefusedRequest("HTTP/0.9", 505, "GET /hello/{id} HTTP/0.9\r\nHost: test\r\n\r\n"),
        RefusedRequest("http/1.1", 400, "GET /hello/{id} http/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("HTTP/1.1x", 400, "GET /hello/{id} HTTP/1.1x\r\nHost: test\r\n\r\n"),
        RefusedRequest("no version", 400, "GET /hello/{id}\r\nHost: test\r\n\r\n"),
        RefusedRequest("an unknown method", 501, "BREW /hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("get", 501, "get /hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("CONNECT", 501, "CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\n\r\n"),
        RefusedRequest("two spaces in the request line", 400, "GET  /hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("a tab in the request line", 400, "GET\t/hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("NUL in the target", 400, "GET /hello\0/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("a bare CR in the target", 400, "GET /hello\r/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("a byte beyond ASCII in the target", 400, "GET /é HTTP/1.1\r\nHost: test\r\n\r\n"),
    ]

    private static let expectations = [
        RefusedRequest("another expectation", 417, lines: ["Expect: 200-ok"]),
        RefusedRequest(
            "an expectation more",
            417,
            put,
            lines: ["Content-Length: 3", "Expect: 100-continue, x"],
            body: "abc"
        ),
    ]

    private static let bodies =
        ["GET", "HEAD", "DELETE"]
        .map {
            RefusedRequest("\($0) with a body", 400, "\($0) /hello/{id}", lines: ["Content-Length: 43"], body: smuggled)
        }
        + ["PUT", "PATCH"]
        .map { RefusedRequest("\($0) without a length", 411, "\($0) /echo/{id}", lines: [], body: smuggled) }

    private static let sizes = [
        RefusedRequest(
            "a long target",
            414,
            "GET /\(String(repeating: "a", count: 8_000)) HTTP/1.1\r\nHost: test\r\n\r\n"
        ),
        RefusedRequest(
            "a long query",
            414,
            "GET /?\(String(repeating: "a", count: 7_999)) HTTP/1.1\r\nHost: test\r\n\r\n"
        ),
        RefusedRequest("a long header", 431, lines: ["Accept: \(String(repeating: "a", count: 16_384))"]),
        RefusedRequest(
            "a header that no memory holds",
            431,
            lines: ["Accept: \(String(repeating: "a", count: 60_000))"]
        ),
        RefusedRequest("101 fields", 431, lines: (0..<100).map { "A\($0): b" }),
    ]
}
