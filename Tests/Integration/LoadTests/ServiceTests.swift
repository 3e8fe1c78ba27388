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
                let server = try Probe([directory.path, "patient"], of: "service-probe")
                let address = try server.line()
                let counting = try Probe(["count", address, "\(clients)", "\(count)"])
                let figures = Figures(try counting.line(within: Load.patience))
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

        /// While a context holds a model, and as many writers wait for it as may, others get their answers.
        @Test(arguments: paths) func readersAreNotHeldUp(path: String) async throws {
            try await onThread { [directory] in
                let milliseconds = Load.count(200, full: 7_500)
                let server = try Probe([directory.path, "flush=100", "waiting=32", "patient"], of: "service-probe")
                let address = try server.line()
                server.goOn("hold Slot00")
                #expect(try server.line() == "held")
                let writers = try Probe(["write", address, "64", "32"])
                #expect(try writers.line() == "sent")
                // The server tells those beyond its queue at once. The others wait for the holder.
                #expect(try writers.line() == "early 503=32")
                let reading = try Probe(["latency", address, "\(milliseconds)", path])
                let latency = Figures(try reading.line())
                print("\(path) while writers wait: \(latency.line)")
                // These answers did not wait for the holder, which ends only now.
                #expect(latency["requests"] > 0)
                if Load.isFull { #expect(latency["p99"] <= 20_000, "\(latency.line)") }
                server.goOn("release")
                #expect(try writers.line() == "200=32 503=32")
            }
        }

        /// Each of many who watch is told of every change, or of the last one and how many it missed, and costs little.
        @Test func manyWhoWatchAreToldOfEverything() async throws {
            try await onThread { [directory] in
                let count = Load.count(500, full: 5_000)
                let server = try Probe([directory.path, "watchers=\(count)", "patient"], of: "service-probe")
                let address = try server.line()
                func figures() throws -> Figures {
                    server.goOn("figures")
                    return Figures(try server.line())
                }
                let milliseconds = Load.count(200, full: 2_000)
                func readers() throws -> Probe { try Probe(["latency", address, "\(milliseconds)", "/state/Slot01"]) }
                print("Others without watchers: \(Figures(try readers().line()).line)")
                let before = try figures()
                let crowd = try Probe(["events", address, "\(count)"])
                #expect(try crowd.line(within: Load.patience) == "ready")
                let idle = try figures()
                let bytesEach = (idle["resident"] - before["resident"]) / count
                print("\(count) watchers: \(bytesEach) bytes of resident memory each")
                // One for all; the engine may start a few others at any moment.
                #expect(idle["threads"] - before["threads"] < count / 10, "\(before.line) then \(idle.line)")
                if Load.isFull { #expect(bytesEach <= 13 << 10) }
                crowd.goOn("1")
                let one = Figures(try crowd.line(within: Load.patience))
                print("A change reaches all: \(one.line)")
                #expect(one["wrong"] == 0 && one["missed"] == 0)
                if Load.isFull { #expect(one["milliseconds"] <= 500, "\(one.line)") }
                print("Others while nothing changes: \(Figures(try readers().line()).line)")
                let reading = try readers()
                crowd.goOn("500")
                let storm = Figures(try crowd.line(within: Load.patience))
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
                        + ["-e", "inject=fdatasync:delay_enter=50000", Program.path(of: "service-probe"), state]
                        + ["patient"],
                    hasInput: true
                )
                var lines = LineSplitter()
                var address: String?
                while address == nil, let bytes = program.read(upTo: patience), !bytes.isEmpty {
                    address = lines.lines(adding: bytes).first
                }
                let connection = try RawConnection(try #require(address))
                let body = #"{"samples":424242}"#
                let head =
                    "PATCH /state/Slot33 HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                try connection.send(Array((head + body).utf8))
                #expect(try connection.readHead().first == "HTTP/1.1 200 OK")
                program.write(Array("\n".utf8))
                while let bytes = program.read(upTo: patience), !bytes.isEmpty {}
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
