import Foundation
import TestSupport
import Testing

extension LoadTests {
    /// The service with its store under crowds, on a disk that is slow where that matters.
    @Suite(.serialized) struct ServiceTests {
        let directory: TemporaryDirectory

        init() throws { directory = try TemporaryDirectory() }

        /// Of 64 clients that write at once on condition, one succeeds; all get on, and nothing that succeeded is lost.
        @Test func clientsThatCountTogetherLoseNothing() async throws {
            try await onThread { [directory] in
                let (clients, count) = (64, Load.count(10, full: 1_000))
                let server = try Probe([directory.path], of: "service-probe")
                let address = try server.line()
                let counting = try Probe(["count", address, "\(clients)", "\(count)"])
                let figures = Figures(try counting.line(within: .seconds(900)))
                print("\(clients) clients count to \(count) each: \(figures.line)")
                #expect(figures["wrong"] == 0)
                #expect(figures["successes"] == clients * count)
                #expect(figures["counted"] == clients * count)
                #expect(figures["conflicts"] > 0)
            }
        }

        private static let paths = [
            "/healthz", "/readyz", "/metrics", "/state/Slot00", "/state/Slot01/samples", "/state",
        ]

        /// While a context holds a model, the disk takes 100 ms a flush and more writers wait than may, nobody else waits.
        @Test(arguments: paths) func readersAreNotHeldUp(path: String) async throws {
            try await onThread { [directory] in
                let held = Load.count(1_500, full: 10_000)
                let server = try Probe([directory.path, "flush=100", "waiting=32"], of: "service-probe")
                let address = try server.line()
                server.goOn("hold Slot00 \(held)")
                #expect(try server.line() == "held")
                let writers = try Probe(["write", address, "64"])
                #expect(try writers.line() == "sent")
                let reading = try Probe(["latency", address, "\(held * 3 / 4)", path])
                let latency = Figures(try reading.line())
                print("\(path) while writers wait: \(latency.line)")
                #expect(latency["requests"] > 0)
                if Load.isFull { #expect(latency["p99"] <= 20_000, "\(latency.line)") }
                // Those beyond the queue were told at once; the others after the holder, or after their five seconds.
                let written = Figures(try writers.line())
                #expect(written["503"] >= 32 && written["200"] + written["503"] == 64, "\(written.line)")
                if held < 5_000 { #expect(written["200"] == 32, "\(written.line)") }
            }
        }

        /// Each of many who watch is told of every change, or of the last one and how many it missed, and costs little.
        @Test func manyWhoWatchAreToldOfEverything() async throws {
            try await onThread { [directory] in
                let count = Load.count(500, full: 5_000)
                let server = try Probe([directory.path, "watchers=\(count)"], of: "service-probe")
                let address = try server.line()
                func figures() throws -> Figures {
                    server.goOn("figures")
                    return Figures(try server.line())
                }
                func readers() throws -> Probe { try Probe(["latency", address, "2000", "/state/Slot01"]) }
                print("Others without watchers: \(Figures(try readers().line()).line)")
                let before = try figures()
                let crowd = try Probe(["events", address, "\(count)"])
                #expect(try crowd.line(within: .seconds(120)) == "ready")
                let idle = try figures()
                let bytesEach = (idle["resident"] - before["resident"]) / count
                print("\(count) watchers: \(bytesEach) bytes of resident memory each")
                #expect(idle["threads"] <= before["threads"] + 1, "one thread for all")
                if Load.isFull { #expect(bytesEach <= 13 << 10) }
                crowd.goOn("1")
                let one = Figures(try crowd.line(within: .seconds(120)))
                print("A change reaches all: \(one.line)")
                #expect(one["wrong"] == 0 && one["missed"] == 0)
                if Load.isFull { #expect(one["milliseconds"] <= 500, "\(one.line)") }
                print("Others while nothing changes: \(Figures(try readers().line()).line)")
                let reading = try readers()
                crowd.goOn("500")
                let storm = Figures(try crowd.line(within: .seconds(300)))
                let latency = Figures(try reading.line())
                print("A storm: \(storm.line); others meanwhile: \(latency.line)")
                #expect(storm["wrong"] == 0, "\(storm.line)")
                if Load.isFull { #expect(latency["p99"] <= 20_000, "\(latency.line)") }
                let after = try figures()
                #expect((after["resident"] - idle["resident"]) / count < 32 << 10, "\(idle.line) then \(after.line)")
            }
        }

        /// An answer to a durable write is sent when what it says is on disk, which strace shows.
        @Test func anAnswerComesAfterTheFlush() async throws {
            try await onThread { [directory] in
                let file = "\(directory.path)/trace"
                let state = "\(directory.path)/state"
                let calls = "trace=fdatasync,fsync,recvfrom,sendmsg,sendto,write"
                let program = try PipedProgram(
                    "/usr/bin/strace",
                    ["-f", "--seccomp-bpf", "-y", "-s", "200", "-e", calls, "-o", file]
                        + ["-e", "inject=fdatasync:delay_enter=5000", Program.path(of: "service-probe"), state],
                    hasInput: true
                )
                var lines = LineSplitter()
                var address: String?
                while address == nil, let bytes = program.read(upTo: .seconds(30)), !bytes.isEmpty {
                    address = lines.lines(adding: bytes).first
                }
                let connection = try RawConnection(try #require(address))
                let body = #"{"samples":424242}"#
                let head =
                    "PATCH /state/Slot33 HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                try connection.send(Array((head + body).utf8))
                #expect(try connection.readHead().first == "HTTP/1.1 200 OK")
                program.write(Array("\n".utf8))
                while let bytes = program.read(upTo: .seconds(30)), !bytes.isEmpty {}
                let trace = SystemTrace(try String(contentsOfFile: file, encoding: .utf8))
                let request = try #require(
                    trace.calls.first { $0.name == "recvfrom" && $0.text.contains("PATCH /state/Slot33") }
                )
                let answer = try #require(
                    trace.calls.first { ["sendmsg", "sendto"].contains($0.name) && $0.text.contains("HTTP/1.1 200") }
                )
                let flush = try #require(trace.calls.first { $0.isFlush(in: state) && $0.begin > request.begin })
                #expect(flush.end < answer.begin)
            }
        }
    }
}
