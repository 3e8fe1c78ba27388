import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// A service without clients sleeps: no thread of it wakes up by itself.
@Suite struct IdleTests {
    /// How long nothing may happen, the opposite of a deadline: however busy the machine is, a process that sleeps makes no calls.
    private static let span = Duration.seconds(30)

    /// A service under strace, after it was asked for something.
    private struct Traced {
        let directory: TemporaryDirectory
        let program: Program
        let socket: String
        let reports: ReportSocket
        private var file: String { "\(directory.path)/trace" }

        init(hasStore: Bool, watchdogPeriod: Duration?) async throws {
            (directory, reports) = (try TemporaryDirectory(), try ReportSocket())
            socket = "\(directory.path)/socket"
            var variables = [
                "MYOSIN_WEB_LISTEN_ADDRESS": "unix:\(socket)", "MYOSIN_STATE_MODELS": Service.exampleModels,
            ]
            if hasStore { variables["MYOSIN_STATE_PATH"] = "\(directory.path)/state" }
            if let watchdogPeriod {
                variables.merge(reports.environment) { $1 }
                variables["WATCHDOG_USEC"] = "\(Int(watchdogPeriod / .microseconds(1)))"
            }
            let exporter = Program.path(of: "myosin-exporter")
            program = try Program(
                "/usr/bin/strace",
                ["-D", "-f", "-qq", "-o", "\(directory.path)/trace", exporter],
                environment: variables
            )
            try await until { try curl("/healthz") == "ok\n" }
            // Each part does something: the metrics, a commit, a watcher that leaves.
            for path in ["/metrics", "/state", "/openapi.json"] { _ = try curl(path) }
            _ = try curl("/state/User", "-X", "PATCH", "-d", #"{"name":"anna"}"#)
            _ = try Program.run(
                "/bin/sh",
                ["-c", "curl -sN --unix-socket \(socket) 'http://localhost/state?watch' | head -n 1"]
            )
        }

        private func curl(_ path: String, _ arguments: String...) throws -> String {
            let words = ["-sS", "--unix-socket", socket] + Service.curlLimit + arguments + ["http://localhost\(path)"]
            return try Program.run("/usr/bin/curl", words).output
        }

        /// The lines of the trace so far.
        var lines: [Substring] {
            get throws { try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") }
        }

        /// The calls of the first span in which no thread has woken up by itself, or the watchdog alone.
        func quietCalls() async throws -> [Substring] {
            let end = SuspendingClock.now + patience
            while true {
                let count = try lines.count
                let reported = reports.reports.count { $0 == "WATCHDOG=1" }
                try await Task.sleep(for: IdleTests.span)
                let calls = Array(try lines[count...])
                let wakeUps = calls.count { $0.contains("ETIMEDOUT") || $0.hasSuffix("= 0 (Timeout)") }
                // A report may begin before the span and end in it, or the other way round.
                let asked = reports.reports.count { $0 == "WATCHDOG=1" } - reported
                if wakeUps <= asked + 1, asked > 0 || calls.isEmpty { return calls }
                try #require(SuspendingClock.now < end, "\(calls.joined(separator: "\n"))")
            }
        }
    }

    @Test func nothingWakesUpByItself() async throws {
        async let memory = Traced(hasStore: false, watchdogPeriod: nil)
        async let store = Traced(hasStore: true, watchdogPeriod: nil)
        async let watched = Traced(hasStore: true, watchdogPeriod: .seconds(20))
        let (first, second, third) = try await (memory, store, watched)
        async let memoryCalls = first.quietCalls()
        async let storeCalls = second.quietCalls()
        async let watchedCalls = third.quietCalls()
        let calls = try await (memoryCalls, storeCalls, watchedCalls)
        #expect(calls.0 == [] && calls.1 == [])
        // Three questions in thirty seconds, each with a few calls of three threads.
        #expect(calls.2.contains { $0.contains("WATCHDOG=1") } && calls.2.count < 200, "\(calls.2.count)")
        for traced in [first, second, third] { #expect(traced.program.end(with: SIGTERM).status == 0) }
    }
}
