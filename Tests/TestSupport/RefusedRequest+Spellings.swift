/// More spellings of what ``RefusedRequest`` has by its kinds: every byte that matters, in every place of a header.
extension RefusedRequest {
    /// All of them; proxies refuse most by themselves, so they are not in ``all``, of which mutations are made.
    package static let spellings =
        controls + delimiters + folds + queries + schemes + continues + spacesBehind + versions + moreHosts
        + moreEncodings + hidden

    /// What libmicrohttpd 0.9.75 hides from those who look behind it: it has put NUL where the wrong byte was, and reports all
    /// lengths as if it were right.
    package static let hidden = [
        RefusedRequest("a colon alone and bare LF", 400, "GET /hello/{id} HTTP/1.1\r\nHost: test\r\n:\n\(smuggled)"),
        RefusedRequest("bare LF and a colon", 400, "GET /hello/{id} HTTP/1.1\r\nHost: test\n:\r\n\(smuggled)"),
        RefusedRequest("NUL and bare LF", 400, "GET /hello/{id} HTTP/1.1\r\nHost: test\0\nA: b\r\n\r\n"),
        RefusedRequest("NUL and bare LF at the end", 400, "GET /hello/{id} HTTP/1.1\r\nHost: test\r\n\0\n\(smuggled)"),
        RefusedRequest(
            "NUL before the request line",
            400,
            "\0GET /a HTTP/1.1\r\nGET /hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"
        ),
        RefusedRequest("LF and NUL behind the request line", 400, "GET /hello/{id} HTTP/1.0\n\0\r\n\(smuggled)"),
        RefusedRequest("bare LF before the request line", 400, "\nGET /hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("CR before the request line", 400, "\rGET /hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("a space before the request line", 400, " GET /hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("a line of the method alone", 400, "GET\r\n /hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("two empty lines", 400, "\r\n\r\nGET /hello/{id} HTTP/1.1\r\nHost: test\r\n\r\n"),
        RefusedRequest("a greeting of TLS", 400, "\u{16}\u{3}\u{1}\0\u{5}\u{1}"),
    ]

    /// Each control character but NUL, CR, LF and the tab, which have cases of their own.
    private static let controls = (Array(1...31) + [127]).filter { ![9, 10, 13].contains($0) }
        .flatMap { (code: UInt8) in
            let control = Character(Unicode.Scalar(code))
            return [
                RefusedRequest("control character \(code) alone", 400, lines: ["Accept: \(control)"]),
                RefusedRequest("control character \(code) in a name", 400, lines: ["Acc\(control)ept: a"]),
                RefusedRequest("control character \(code) before a name", 400, lines: ["\(control)Accept: a"]),
                RefusedRequest("control character \(code) in the path", 400, "GET /a\(control)b", lines: []),
                RefusedRequest("control character \(code) in the query", 400, "GET /a?b=\(control)", lines: []),
            ]
        }

    /// RFC 9110, section 5.6.2: none of these is in a token.
    private static let delimiters = "(),/;<=>?@[\\]{}\" "
        .map { RefusedRequest("\($0) in a name", 400, lines: ["Acc\($0)ept: a"]) }

    private static let folds = [
        ["Accept: a", " Content-Length: 43"], ["Accept: a", "\tTransfer-Encoding: chunked"], ["Accept: a", " "],
        ["Accept:", " a"], ["Accept", ": a"], ["Accept: a", " ", "B: c"], ["Accept: a\n"], ["\nAccept: a"],
        ["Accept: a\r\r"],
        ["Accept: a\n\r"], ["Accept:\ra"], ["Accept: a", "\n"],
    ]
    .map { RefusedRequest("the lines \($0.debugDescription)", 400, lines: $0) }

    /// RFC 3986, section 3.4: neither white space nor bytes beyond ASCII are in a query.
    private static let queries =
        ["a b", "a\tb", "a=b c=d", "é", "a=é", "a=%c0%80", "%zz", "a=%f"]
        .map { RefusedRequest("the query \($0)", 400, "GET /a?\($0)", lines: []) } + [
            RefusedRequest("the query with a version", 400, "GET /a?b HTTP/1.1", lines: []),
            RefusedRequest("33 parameters", 414, "GET /a?\(parameters(33))", lines: []),
            RefusedRequest("130 parameters", 414, "GET /a?\(parameters(130))", lines: []),
            RefusedRequest("2,000 parameters", 414, "GET /a?\(parameters(2_000))", lines: []),
            RefusedRequest("many parameters of a long target", 414, "GET /a?\(parameters(3_000))", lines: []),
        ]

    private static func parameters(_ count: Int) -> String {
        Array(repeating: "a", count: count).joined(separator: "&")
    }

    /// Other characters than those of `http://` in their places.
    private static let schemes = [
        "http\u{1a}//", "http:\u{f}/", "http:/\u{f}", "http:\u{f}\u{f}", "https://", "\u{8}ttp://",
    ]
    .map { RefusedRequest("the target \($0.debugDescription)", 400, "GET \($0)test/hello/{id}", lines: []) }

    /// Nothing can be continued with where there is no body.
    private static let continues = [
        RefusedRequest("an expectation of GET", 400, lines: ["Expect: 100-continue"]),
        RefusedRequest(
            "an expectation, and no body",
            400,
            "PUT /echo/{id}",
            lines: ["Content-Length: 0", "Expect: 100-continue"]
        ),
        RefusedRequest("an expectation of POST", 400, "POST /echo/{id}", lines: ["Expect: 100-continue"]),
    ]

    private static let spacesBehind = [
        RefusedRequest(
            "a space behind an expectation",
            417,
            "PUT /echo/{id}",
            lines: ["Content-Length: 3", "Expect: 100-continue "],
            body: "abc"
        )
    ]

    private static let versions = [
        "Http/1.1", "HTTP/1", "HTTP/11", "HTTP/1.10", "HTTP/01.1", "HTTP/1,1", "HTTPS/1.1", "1.1",
    ]
    .map { RefusedRequest("the version \($0)", 400, "GET /hello/{id} \($0)\r\nHost: test\r\n\r\n") }

    private static let moreHosts = [
        "/", "a/", "@test", "user:secret@test", "test:+1", "test:0x50", "test: 80", "test :80", ":80", "::1]", "[::g]",
        "[]",
        "[::1]a", "[127.0.0.1]", "a#b", "a\\b", "<a>", "a\"b", "a|b", "a^b", "`a`", "{a}", "http://test", "%", "%zz",
        "a%00",
        "a%2fb", "test\tother",
    ]
    .map(host)

    private static let moreEncodings =
        [
            "chunkedx", "chunked,chunked", "gzip, chunked", "chunked, gzip", "chunked, identity", "identity, chunked",
            "chunked;a=b", "chunked,", ",chunked", "chunked chunked",
        ]
        .map { RefusedRequest("the encoding \($0)", 501, "PUT /echo/{id}", lines: ["Transfer-Encoding: \($0)"]) }
}
