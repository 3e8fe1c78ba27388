import HTTPTypes
import MicroHTTP
import TestSupport
import Testing

/// Headers for which a connection's memory has no room, as first and as later ones.
@Suite struct LargeHeaderTests {
    /// A request, and what its handler is to see of it.
    private struct Sample {
        var method = "GET"
        var target = "/seen"
        var fields: [(name: String, value: String)] = [("Host", "test")]
        var body: String?

        var text: String {
            let length = body.map { "Content-Length: \($0.utf8.count)\r\n" } ?? ""
            let lines = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
            return "\(method) \(target) HTTP/1.1\r\n\(lines)\(length)\r\n\(body ?? "")"
        }

        var headerBytes: Int { text.utf8.count - (body?.utf8.count ?? 0) }

        var seen: String {
            var query: [QueryItem] = []
            if let start = target.firstIndex(of: "?") {
                var parts = target[target.index(after: start)...]
                    .split(separator: "&", omittingEmptySubsequences: false)
                if parts.last?.isEmpty == true { parts.removeLast() }
                query = parts.map { part in
                    let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                        .map { $0.replacing("+", with: " ").replacing("%20", with: " ") }
                    return QueryItem(name: String(sides[0]), value: sides.count > 1 ? String(sides[1]) : nil)
                }
            }
            let lengths = body.map { [("Content-Length", "\($0.utf8.count)")] } ?? []
            return Self.describe(
                method,
                String(target.prefix { $0 != "?" }),
                query,
                (fields + lengths).map { (name: $0.0, value: $0.1.trimmed) },
                body ?? ""
            )
        }

        static func describe(
            _ method: String,
            _ path: String,
            _ query: [QueryItem],
            _ fields: [(name: String, value: String)],
            _ body: String
        ) -> String {
            """
            \(method) \(path)
            \(query.map { "\($0.name)=\($0.value ?? "nil")" }.joined(separator: "\n"))
            \(fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n"))
            \(body)
            """
        }
    }

    private static func fixture(_ limits: ServerLimits = .patient) throws -> Fixture {
        let handler: Route.Handler = { request, _ in
            let seen = Sample.describe(
                request.method.rawValue,
                request.path,
                request.query,
                request.headers.map { (name: $0.name.rawName, value: $0.value) },
                String(decoding: request.body, as: UTF8.self)
            )
            return .now(.text(status: .ok, seen))
        }
        return try Fixture(
            at: ["unix:/tmp/microhttp-large-\(UInt64.random(in: 0 ... .max)).sock"],
            limits: limits,
            [Route.atOnce(.get, "/{path}", handler: handler), .atOnce(.put, "/{path}", handler: handler)]
        )
    }

    private static func expectSeen(_ sample: Sample, _ reply: Client.Reply, _ place: String) {
        #expect(reply.status == 200, "\(place): \(reply.body)")
        let (seen, expected) = (reply.body.split(separator: "\n"), sample.seen.split(separator: "\n"))
        guard seen != expected else { return }
        let first = zip(seen, expected).first { $0 != $1 }
        Issue.record(
            "\(place): \(seen.count) lines for \(expected.count); saw \(first?.0 ?? ""), not \(first?.1 ?? "")"
        )
    }

    /// A header with a part that fills it up to a size.
    private static func sample(_ part: (Int) -> (String, String), bytes: Int) -> Sample {
        var sample = Sample()
        sample.fields.append(part(0))
        let missing = bytes - sample.headerBytes
        sample.fields[sample.fields.count - 1] = part(missing)
        return sample
    }

    /// What clients send that do not know a header for small ones.
    private static let honest: [(name: String, sample: Sample)] = [
        ("a cookie of 3,421 bytes", sample({ ("Cookie", "a=\(filling($0))") }, bytes: 3_500)),
        ("a token of 7,000 bytes", sample({ ("Authorization", "Bearer \(filling($0))") }, bytes: 7_100)),
        ("a cookie of 16 KiB", sample({ ("Cookie", "a=\(filling($0))") }, bytes: 16 << 10)),
        ("4,000 cookies", sample({ ("Cookie", "a=b" + String(repeating: ";c=d", count: $0 / 4)) }, bytes: 16_000)),
        ("1,500 bytes of cookies behind commas", sample({ ("Cookie", commas($0)) }, bytes: 1_500)),
        ("16,000 bytes of cookies behind commas", sample({ ("Cookie", commas($0)) }, bytes: 16_000)),
        ("16 KiB", sample({ ("X-Long", filling($0)) }, bytes: 16 << 10)),
        (
            "100 fields in 16 KiB",
            {
                var sample = Sample()
                for index in 1..<100 { sample.fields.append(("X-\(index)", "")) }
                let room = ((16 << 10) - sample.headerBytes) / 99
                for index in 1..<100 { sample.fields[index].value = filling(room) }
                return sample
            }()
        ),
        ("a target of 8,000 bytes", Sample(target: "/seen?a=" + filling(8_000 - 8))),
        ("a path of 8,000 bytes", Sample(target: "/" + filling(8_000 - 1))),
        (
            "a target of 8,000 bytes in 32 parts",
            Sample(target: "/seen?" + Array(repeating: "a+b=\(filling(244))", count: 31).joined(separator: "&") + "&")
        ),
        (
            "everything at once",
            {
                var sample = Sample(method: "PUT", target: "/seen?a=" + filling(8_000 - 8), body: filling(70_000))
                for index in 1..<99 { sample.fields.append(("Cookie", "a=\(index);b=\(index)")) }
                sample.fields[1].value += filling((16 << 10) - sample.headerBytes)
                return sample
            }()
        ),
    ]

    private static func filling(_ count: Int) -> String { String(repeating: "x", count: max(0, count)) }

    /// Cookies that only libmicrohttpd 0.9 takes for several.
    private static func commas(_ count: Int) -> String { String(repeating: "a=b, c,,", count: max(0, count / 8)) + "d" }

    @Test(arguments: honest.indices) func aLargeHeaderIsSeenAsItCame(_ index: Int) throws {
        let honest = Self.honest[index]
        let fixture = try Self.fixture()
        let client = try fixture.connect()
        for place in ["first", "second", "third"] {
            Self.expectSeen(honest.sample, try client.exchange(honest.sample.text), "\(honest.name), \(place)")
        }
        let small = Sample()
        try client.send(small.text + honest.sample.text + small.text + honest.sample.text + small.text)
        for (index, sample) in [small, honest.sample, small, honest.sample, small].enumerated() {
            Self.expectSeen(sample, try client.read(), "\(honest.name), pipelined \(index)")
        }
    }

    /// Wherever the sizes of the parts lie to what a connection has memory for, and however they come.
    @Test(arguments: 0..<UInt64(4)) func headersOfAllSizesAreSeenAsTheyCame(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let fixture = try Self.fixture()
        for _ in 0..<rounds(8) {
            let connection = try RawConnection(fixture.addresses[0])
            for number in 0..<8 {
                let sample = Self.random(using: &random)
                let bytes = Array(sample.text.utf8)
                let cuts = (0..<Int.random(in: 0...2, using: &random))
                    .map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
                var start = 0
                for cut in cuts {
                    try connection.send(Array(bytes[start..<cut]))
                    // The server may have read it by then or not: both must do.
                    if Bool.random(using: &random) { try await Task.sleep(for: .milliseconds(1)) }
                    start = cut
                }
                // With another behind it.
                try connection.send(Array(bytes[start...]) + Array(Sample().text.utf8))
                for expected in [sample, Sample()] {
                    let lines = try connection.readHead()
                    let length = lines.first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) }
                    let body = String(decoding: try connection.read(length ?? 0), as: UTF8.self)
                    let status = lines[0].split(separator: " ")[1]
                    Self.expectSeen(
                        expected,
                        Client.Reply(status: Int(status) ?? 0, head: "", body: body),
                        "seed \(seed), request \(number), \(sample.headerBytes) bytes, cut at \(cuts)"
                    )
                }
            }
        }
    }

    private static func random(using random: inout SeededRandom) -> Sample {
        var sample = Sample()
        if Bool.random(using: &random) {
            sample.method = "PUT"
            let size = [0, 10, 3_000, 20_000].randomElement(using: &random) ?? 0
            // Its last bytes are those that the library's memory has where nothing was received.
            sample.body = filling(size) + String(repeating: "\0", count: Int.random(in: 0...3, using: &random))
        }
        let parameters = Int.random(in: 0...32, using: &random)
        let targetBytes = [10, 500, 4_000, 7_990].randomElement(using: &random) ?? 0
        if parameters > 0 {
            let room = max(0, (targetBytes - 6) / parameters - 5)
            let isLong = Bool.random(using: &random)
            sample.target =
                "/seen?"
                + (0..<parameters)
                .map { index in
                    let long = "a\(index)=\(filling(room))"
                    let short = ["b", "c+%20=", "=", "d=e=f", "", "g+=\(filling(room / 2))"]
                    return isLong ? long : short.randomElement(using: &random) ?? ""
                }
                .joined(separator: "&")
        } else {
            sample.target = "/\(filling(targetBytes))"
        }
        let fields = [1, 5, 40, 97].randomElement(using: &random) ?? 1
        let total = [0, 2_000, 6_000, 9_000, 12_000, 16 << 10].randomElement(using: &random) ?? 0
        for index in 1..<max(2, fields) {
            let name = ["Cookie", "X-\(index)", "Accept", "Connection"].randomElement(using: &random) ?? ""
            let cookie = Bool.random(using: &random) ? "a=b;c" : commas(Int.random(in: 0...200, using: &random))
            sample.fields.append((name, ["Connection": "Keep-Alive, x", "Cookie": cookie][name] ?? "a=b;c"))
        }
        sample.fields.shuffle(using: &random)
        let missing = min(total, 16 << 10) - sample.headerBytes
        if missing > 0,
            let index = sample.fields.indices.filter({ sample.fields[$0].value == "a=b;c" })
                .randomElement(using: &random)
        {
            sample.fields[index].value += filling(missing)
        }
        return sample
    }

    /// A header that just fits a connection's memory leaves room for what comes behind it, and for the answer.
    @Test(arguments: [1, 20, 60, 98], ["X-Short", "Cookie"])
    func headersAboutAsLargeAsTheMemoryAreAnswered(fields: Int, name: String) throws {
        let fixture = try Self.fixture()
        for bytes in stride(from: 3_000, to: 10_000, by: rounds(100) == 100 ? 140 : 1_400) {
            var sample = Sample(method: "PUT", target: "/seen?a&b&c", body: Self.filling(6_000))
            for _ in 0..<fields { sample.fields.append((name, "a=b")) }
            sample.fields[1].value += Self.filling(bytes - sample.headerBytes)
            let client = try fixture.connect()
            for place in ["first", "second"] {
                Self.expectSeen(sample, try client.exchange(sample.text), "\(bytes) bytes, \(place)")
            }
        }
    }

    @Test(arguments: [true, false]) func theDocumentedLimitsAreTheRealOnes(isFirst: Bool) throws {
        let fixture = try Self.fixture()
        func status(_ sample: Sample) throws -> Int {
            let client = try fixture.connect()
            if !isFirst { #expect(try client.exchange(Sample().text).status == 200) }
            return try client.exchange(sample.text).status
        }
        let limits = ServerLimits()
        #expect((limits.maxTargetBytes, limits.maxHeaderBytes, limits.maxHeaderFields) == (8_000, 16_384, 100))
        for name in ["X-Long", "Cookie"] {
            for (excess, expected) in [(0, 200), (1, 431)] {
                let sample = Self.sample({ (name, Self.filling($0)) }, bytes: 16_384 + excess)
                #expect(sample.headerBytes == 16_384 + excess)
                #expect(try status(sample) == expected, "\(name) \(excess)")
            }
        }
        for (count, expected) in [(100, 200), (101, 431)] {
            var sample = Sample()
            for _ in 1..<count { sample.fields.append(("Cookie", "a;b;c")) }
            #expect(try status(sample) == expected, "\(count)")
        }
        for (count, expected) in [(8_000, 200), (8_001, 414)] {
            #expect(try status(Sample(target: "/seen?" + Self.filling(count - 6))) == expected, "\(count)")
            #expect(try status(Sample(target: "/" + Self.filling(count - 1))) == expected, "\(count)")
        }
    }

    /// Also those that cannot be met are bounded.
    @Test(arguments: [true, false]) func otherLimitsAreTheRealOnesToo(isFirst: Bool) throws {
        for (target, header, parameters) in [(1 << 30, 1 << 30, 1_000), (300, 600, 3), (9_000, 600, 0)] {
            var limits = ServerLimits.patient
            (limits.maxTargetBytes, limits.maxHeaderBytes, limits.maxQueryParameters) = (target, header, parameters)
            let fixture = try Self.fixture(limits)
            let (most, mostTarget) = (
                min(header, ServerLimits.mostHeaderBytes), min(target, ServerLimits.mostTargetBytes)
            )
            func status(_ sample: Sample) throws -> Int {
                let client = try fixture.connect()
                if !isFirst { #expect(try client.exchange(Sample().text).status == 200) }
                return try client.exchange(sample.text).status
            }
            let query =
                parameters > 0 ? "/seen?" + Array(repeating: "a", count: parameters).joined(separator: "&") : "/"
            var sample = Sample(target: query)
            let longest = min(mostTarget, most - sample.headerBytes + query.utf8.count)
            sample.target += Self.filling(longest - query.utf8.count)
            #expect(try status(sample) == 200, "\(target) \(header)")
            sample.fields.append(("A", ""))
            sample.fields[1].value = Self.filling(most - sample.headerBytes)
            if longest == mostTarget { #expect(try status(sample) == 200, "\(target) \(header)") }
            sample.fields[1].value += "xxxxxx"
            #expect(try status(sample) == 431, "\(target) \(header)")
            #expect(try status(Sample(target: query + "&a")) == (parameters > 0 ? 414 : 200))
            #expect(try status(Sample(target: "/" + Self.filling(mostTarget))) == 414)
        }
    }

    @Test(arguments: [true, false]) func aLargeHeaderMayAwaitContinue(isFirst: Bool) throws {
        let fixture = try Self.fixture()
        let client = try fixture.connect()
        if !isFirst { #expect(try client.exchange(Sample().text).status == 200) }
        var sample = Sample(method: "PUT", fields: [("Host", "test"), ("Expect", "100-continue")], body: "abc")
        sample.fields.append(("Cookie", Self.filling(10_000)))
        try client.send(String(sample.text.dropLast(3)))
        #expect(try client.read(hasBody: false).status == 100)
        try client.send("abc")
        Self.expectSeen(sample, try client.read(), "after 100")
    }

    @Test(arguments: [true, false], ["close", "CLOSE, x", "x ,close"])
    func aLargeHeaderMayEndTheConnection(isFirst: Bool, option: String) throws {
        let fixture = try Self.fixture()
        let client = try fixture.connect()
        if !isFirst { #expect(try client.exchange(Sample().text).status == 200) }
        let sample = Sample(fields: [("Host", "test"), ("A", Self.filling(10_000)), ("Connection", option)])
        Self.expectSeen(sample, try client.exchange(sample.text), option)
        #expect(client.isClosedByServer())
    }

    @Test func aLargeHeaderOfHTTP10IsAnswered() throws {
        let fixture = try Self.fixture()
        let client = try fixture.connect()
        let lines = "Connection: keep-alive\r\nA: \(Self.filling(10_000))\r\n\r\n"
        for _ in 0..<2 { #expect(try client.exchange("GET /seen HTTP/1.0\r\n\(lines)").status == 200) }
        #expect(
            try client.exchange("GET http://test/seen HTTP/1.0\r\nA: \(Self.filling(10_000))\r\n\r\n").status == 200
        )
        #expect(client.isClosedByServer())
    }

    /// NUL that was received last looks like nothing, also where the header has no room.
    @Test(arguments: 1...3) func nulWithinALargeHeaderIsRefused(count: Int) async throws {
        let fixture = try Self.fixture()
        for place in [40, 600, 4_900] {
            let connection = try RawConnection(fixture.addresses[0])
            try connection.send(Array(Sample().text.utf8))
            _ = try connection.read(
                Int(try connection.readHead().first { $0.hasPrefix("Content-Length") }?.dropFirst(16) ?? "") ?? 0
            )
            let bytes = Array(Self.sample({ ("X-Long", Self.filling($0)) }, bytes: 12_000).text.utf8)
            try connection.send(bytes[..<place] + [UInt8](repeating: 0, count: count))
            try await until { !connection.hasUnread }
            try connection.send(Array(bytes[place...]) + Array(Sample().text.utf8))
            let answer = String(decoding: try connection.readToEnd(), as: UTF8.self)
            #expect(!answer.contains("HTTP/1.1 200"), "\(place): \(answer)")
        }
    }

    @Test func aClientThatLeavesWithALargeHeaderLeavesNothing() async throws {
        let fixture = try Self.fixture()
        let text = Self.honest[9].sample.text
        for isFirst in [true, false] {
            for count in stride(from: 100, to: text.utf8.count, by: 9_973) {
                let client = try fixture.connect()
                if !isFirst { #expect(try client.exchange(Sample().text).status == 200) }
                try client.send(String(text.prefix(count)))
            }
        }
        try await until { fixture.server.statistics.connections == 0 }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
