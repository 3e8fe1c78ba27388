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
