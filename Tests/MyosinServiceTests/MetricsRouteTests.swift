import Exposition
import Foundation
import HTTPTypes
import MicroHTTP
import Logging
import Myosin
import TestSupport
import Testing

@testable import MyosinService

@Suite struct MetricsRouteTests {
    private static let prometheus2 =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"

    @Test(arguments: Way.allCases) func theClientHasItsFormat(way: Way) throws {
        let fixture = try Fixture(way)
        let open = try fixture.reply(to: .get("/metrics", (.accept, Self.prometheus2)))
        #expect(open.fields[.contentType] == ExpositionFormat.openMetrics1_0_0.contentType)
        #expect(open.text.hasSuffix("# EOF\n") && open.text.contains("# TYPE myosin_meta info\n"))
        let classic = try fixture.reply(to: .get("/metrics", (.accept, "image/png")))
        #expect(classic.status == 200 && classic.fields[.contentType] == ExpositionFormat.text0_0_4.contentType)
        #expect(classic.text.contains("# TYPE myosin_meta_info gauge\n"))
        for reply in [open, classic] { #expect(reply.fields[.vary] == "Accept, Accept-Encoding") }
        #expect(try fixture.reply(to: Call(.head, "/metrics")).status == 200)
        #expect(try Refused(try fixture.reply(to: Call(.post, "/metrics"))).status == 405)
    }

    private static let codings: [(field: String?, wantsGzip: Bool)] = [
        ("gzip", true), ("gzip, deflate, br", true), ("GZIP;q=1.0", true), ("x-gzip", true), ("*", true),
        ("br;q=1, *;q=0.1", true),
        ("identity;q=0.5, gzip;q=0.5", true), ("gzip;q=0.1", true), ("\tgzip ;q=0.5 ", true),
        ("gzip;q=1, gzip;q=0", true),
        (nil, false), ("", false), ("identity", false), ("gzip;q=0", false), ("*;q=0", false), ("gzip;q=0, *", false),
        ("identity, gzip;q=0.5", false), ("deflate", false), ("gzip;q=x", false), ("gzip;q=-1", false),
        ("gzip;q=nan", false),
        ("gzip;q=2", false), (";,;q=1,", false), ("gzipped", false), ("gzip;q=0, gzip;q=1", false),
    ]

    @Test(arguments: codings.indices) func gzipIsForWhomWantsIt(row: Int) throws {
        let (field, wantsGzip) = Self.codings[row]
        let call = field.map { Call.get("/metrics", (.acceptEncoding, $0)) } ?? .get("/metrics")
        let reply = try Fixture(.direct).reply(to: call)
        #expect(reply.fields[.contentEncoding] == (wantsGzip ? "gzip" : nil))
        #expect(reply.body.starts(with: [0x1f, 0x8b]) == wantsGzip)
    }

    @Test(arguments: [0, 1, 1_000, 5_000_000]) func whatIsCompressedIsTheSame(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let directory = try TemporaryDirectory()
        let file = directory.path + "/page.gz"
        try Data(try #require(Gzip.compress(bytes))).write(to: URL(filePath: file))
        #expect(try Program.run("/bin/sh", ["-c", "gzip -dc '\(file)' > '\(file).plain'"]).status == 0)
        #expect(Array(try Data(contentsOf: URL(filePath: file + ".plain"))) == bytes)
    }

    @Test func aSmallPageIsNotCompressed() throws {
        let call = Call.get("/metrics?name[]=process_threads", (.acceptEncoding, "gzip"))
        let reply = try Fixture(.direct).reply(to: call)
        #expect(reply.fields[.contentEncoding] == nil)
        #expect(reply.text.hasPrefix("# HELP process_threads Threads.\n# TYPE process_threads gauge\nprocess_threads "))
    }

    @Test func namesSelectFamilies() throws {
        let fixture = try Fixture(.direct)
        let reply = try fixture.reply(
            to: .get("/metrics?name[]=myosin_cb_exc_count_total&name[]=myosin_meta_info&name[]=x")
        )
        #expect(
            reply.text == """
                # HELP myosin_cb_exc_count_total Errors thrown by subscribers.
                # TYPE myosin_cb_exc_count_total counter
                myosin_cb_exc_count_total{model="Counter"} 0
                myosin_cb_exc_count_total{model="Device"} 0
                myosin_cb_exc_count_total{model="Telemetry"} 0
                myosin_cb_exc_count_total{model="User"} 0
                # HELP myosin_meta_info Installed version of myosin.
                # TYPE myosin_meta_info gauge
                myosin_meta_info{version="\(myosinVersion)"} 1

                """
        )
        let many = (0...MetricsRoute.maxNames).map { "name[]=m\($0)" }.joined(separator: "&")
        for query in [many, "name[]=a-b", "name[]=", "name[]=\(String(repeating: "a", count: 301))"] {
            #expect(try Refused(try fixture.reply(to: .get("/metrics?\(query)"))).status == 400, "\(query)")
        }
    }

    // MARK: Large pages

    @Test(arguments: [Way.direct, .socket]) func aLargePageIsMadeByAThreadOfItsOwn(way: Way) throws {
        let fixture = try Fixture(way)
        let family = fixture.state.metrics.gauge("many", help: "", labels: ["number"])
        for number in 0..<1_000 { family.child("\(String(repeating: "x", count: 200))\(number)") }
        func lines() throws -> Int {
            try fixture.reply(to: .get("/metrics")).text.split(separator: "\n").filter { $0.hasPrefix("many{") }.count
        }
        #expect(try lines() == 1_000)
        #expect(try lines() == 1_000)
        let together = try (0..<20).map { _ in try fixture.begin(.get("/metrics", (.acceptEncoding, "gzip"))) }
        let bodies = try together.map { try $0.reply().body }
        #expect(bodies.allSatisfy { !$0.isEmpty })
        // Its time is over before a thread begins.
        let late = try fixture.reply(to: .get("/metrics", (.scrapeTimeout, "0.000000001")))
        #expect(try Refused(late).status == 503)
        // The longest timeout, then values that are not timeouts and are ignored.
        for text in ["3599", "0", "-1", "soon", "1e99", "nan"] {
            #expect(try fixture.reply(to: .get("/metrics", (.scrapeTimeout, text))).status == 200, "\(text)")
        }
    }

    // MARK: What the service tells of itself

    /// The samples of the page whose names begin with a name.
    private func samples(_ fixture: Fixture, _ name: String) throws -> [String] {
        try fixture.reply(to: .get("/metrics")).text.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(name) }
    }

    @Test(arguments: Way.allCases) func requestsAreCountedByTheirRoutes(way: Way) throws {
        let fixture = try Fixture(way)
        for call in [
            Call.get("/state/User"), .get("/state/User"), .get("/state/User/name"), Call(.head, "/state/User"),
            .get("/state/User", (.ifNoneMatch, "\"k3f9-4\"")), .get("/state/Nobody"), .get("/nowhere"),
            .put("/state/User", "{"),
            .put("/state/User", Text.newUser), Call(.post, "/state"),
        ] { _ = try fixture.reply(to: call) }
        #expect(
            try samples(fixture, "myosin_http_requests_total") == [
                #"myosin_http_requests_total{route="/state/{model}",method="GET",code="200"} 2"#,
                #"myosin_http_requests_total{route="/state/{model}",method="GET",code="304"} 1"#,
                #"myosin_http_requests_total{route="/state/{model}",method="GET",code="404"} 1"#,
                #"myosin_http_requests_total{route="/state/{model}",method="HEAD",code="200"} 1"#,
                #"myosin_http_requests_total{route="/state/{model}",method="PUT",code="200"} 1"#,
                #"myosin_http_requests_total{route="/state/{model}",method="PUT",code="400"} 1"#,
                #"myosin_http_requests_total{route="/state/{model}/{field*}",method="GET",code="200"} 1"#,
                #"myosin_http_requests_total{route="none",method="GET",code="404"} 1"#,
                #"myosin_http_requests_total{route="none",method="POST",code="405"} 1"#,
            ]
        )
        let of = #"{route="/state/{model}",method="GET""#
        let buckets = try samples(fixture, "myosin_http_response_size_bytes_bucket\(of)")
        #expect(buckets.first == #"myosin_http_response_size_bytes_bucket\#(of),le="128.0"} 3"#)
        #expect(buckets.last == #"myosin_http_response_size_bytes_bucket\#(of),le="+Inf"} 4"#)
        #expect(
            try samples(fixture, "myosin_http_request_duration_seconds_count\(of)")
                == [#"myosin_http_request_duration_seconds_count\#(of)} 4"#]
        )
    }

    @Test func aTraceIsAnExampleOfItsBucket() throws {
        let fixture = try Fixture(.direct)
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        _ = try fixture.reply(to: .get("/state/User", (.traceparent, trace)))
        _ = try fixture.reply(to: .get("/state", (.traceparent, "nonsense")))
        let page = try fixture.reply(to: .get("/metrics", (.accept, Self.prometheus2))).text
        let exemplars = page.split(separator: "\n").filter { $0.contains(" # {") }
        #expect(exemplars.count == 1)
        let line = try #require(exemplars.first)
        #expect(
            line.hasPrefix(#"myosin_http_request_duration_seconds_bucket{route="/state/{model}",method="GET",le=""#)
        )
        #expect(line.contains(##"} 1 # {trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"} "##))
    }

    @Test func whatTheServerRefusesIsCounted() async throws {
        try await onThread {
            let fixture = try Fixture(.socket)
            let open = try fixture.connect()
            var call = Call.get("/state/User")
            call.fields = (0..<100).map { (.accept, "\($0)") }
            try open.send(call)
            #expect(try open.read(method: .get).status == 431)
            #expect(
                try samples(fixture, "myosin_http_rejected_total").filter { !$0.hasSuffix(" 0") }
                    == [#"myosin_http_rejected_total{reason="header_fields"} 1"#]
            )
            let watching = try fixture.connect()
            try watching.send(.get("/state?watch"))
            #expect(try watching.read(method: .get).status == 200)
            let count = try samples(fixture, "myosin_http_connections ").first.flatMap { $0.split(separator: " ").last }
            #expect(Int(try #require(count)) ?? 0 >= 2)
            #expect(try samples(fixture, "myosin_http_requests_in_flight ") == ["myosin_http_requests_in_flight 1"])
        }
    }

    @Test func whatTheSystemTellsOfTheProcess() async throws {
        let fixture = try Fixture(.direct)
        func number(_ name: String) throws -> Double {
            try #require(
                try samples(fixture, "\(name) ").first.flatMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            )
        }
        #expect(try number("process_resident_memory_bytes") > 1_000_000)
        #expect(try number("process_virtual_memory_bytes") > number("process_resident_memory_bytes"))
        #expect(try number("process_open_fds") >= 3 && number("process_open_fds") < number("process_max_fds"))
        #expect(try number("process_threads") >= 1)
        let age = Date().timeIntervalSince1970 - (try number("process_start_time_seconds"))
        #expect(age > -2 && age < 86_400)
        let first = try number("process_cpu_seconds_total")
        #expect(first > 0)
        // Reading the page takes time of the processor, too.
        try await until { try number("process_cpu_seconds_total") > first }
    }

    /// A sensor that takes long to read holds up the page alone.
    @Test func aCollectorThatWaitsHoldsUpNoOtherRequest() async throws {
        try await onThread {
            let fixture = try Fixture(.socket)
            // As large as it is now: the next page could be made at once.
            #expect(try fixture.reply(to: .get("/metrics")).status == 200)
            let (begins, goesOn) = (Gate(), Gate())
            fixture.state.metrics.addCollector {
                begins.open()
                goesOn.wait()
            }
            let scraper = try fixture.connect()
            try scraper.send(.get("/metrics"))
            #expect(begins.wait())
            #expect(try fixture.reply(to: .get("/healthz")).text == "ok\n")
            goesOn.open()
            #expect(try scraper.read(method: .get).status == 200)
        }
    }

    @Test func servicesOfOneStateShareTheirMetrics() throws {
        let fixture = try Fixture(.direct)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let other = ServiceRoutes(state: fixture.state, configuration: ServiceConfiguration(), logger: quiet)
        #expect(other.httpMetrics != nil)
    }
}

extension HTTPField.Name {
    fileprivate static let scrapeTimeout = HTTPField.Name(validated: "X-Prometheus-Scrape-Timeout-Seconds")
}
