import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// What becomes of the service when its log cannot be written.
@Suite struct LogTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A program whose standard error is a pipe that a test reads when it likes.
    private final class Exporter {
        let process = Process()
        let log = Pipe()
        private let socket: String

        init(_ executable: String, in directory: TemporaryDirectory, sharesOutput: Bool = false) throws {
            socket = "\(directory.path)/socket"
            let models = executable == "myosin-exporter" ? ["--state.models", Service.exampleModels] : []
            process.executableURL = URL(filePath: Program.path(of: executable))
            process.arguments =
                models + Service.longDeadlines + ["--log.access", "--web.listen-address", "unix:\(socket)"]
                + ["--state.path", "\(directory.path)/state"]
            process.standardError = log
            process.standardOutput = sharesOutput ? log : FileHandle.nullDevice
            try process.run()
            try log.fileHandleForWriting.close()
        }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        /// What curl gets.
        func curl(_ path: String, _ arguments: String...) throws -> String {
            let words = ["-sS", "--unix-socket", socket] + Service.curlLimit + arguments + ["http://localhost\(path)"]
            return try Program.run("/usr/bin/curl", words).output
        }

        func waitForStart() async throws { try await until { try curl("/healthz") == "ok\n" } }

        /// Writes more lines than a pipe and the queue take.
        func ask(times count: Int) throws { #expect(try curl("/healthz?[1-\(count)]", "-o", "/dev/null") == "") }

        func droppedLines() throws -> Int {
            let page = try curl("/metrics")
            return try #require(page.firstMatch(of: #/\nmyosin_log_lines_dropped_total (\d+)\n/#).flatMap { Int($0.1) })
        }

        func end() -> (status: Int32, isSignalled: Bool) {
            process.terminate()
            process.waitUntilExit()
            return (process.terminationStatus, process.terminationReason == .uncaughtSignal)
        }
    }

    @Test(arguments: ["myosin-exporter", "device-example"])
    func aLogThatNobodyReadsHoldsUpNothing(_ executable: String) async throws {
        let exporter = try Exporter(executable, in: directory, sharesOutput: true)
        try await exporter.waitForStart()
        try exporter.ask(times: 6_000)
        #expect(try exporter.curl("/healthz") == "ok\n")
        #expect(try exporter.droppedLines() > 0)
        let ending = exporter.end()
        #expect(ending.status == 0 && !ending.isSignalled)
    }

    @Test func aReaderThatComesBackLearnsWhatWasDropped() async throws {
        let exporter = try Exporter("myosin-exporter", in: directory)
        try await exporter.waitForStart()
        #expect(try exporter.droppedLines() == 0)
        try exporter.ask(times: 6_000)
        #expect(try exporter.droppedLines() > 0)
        var (splitter, found) = (LineSplitter(), String?.none)
        while found == nil {
            let piece = exporter.log.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "the log has ended")
            found = splitter.lines(adding: Array(piece)).first { $0.contains("Log lines were dropped") }
        }
        let line = try #require(found)
        #expect(
            line.contains(#/level=warning logger=myosin-exporter msg="Log lines were dropped" log.droppedLines=\d+$/#)
        )
        #expect(exporter.end().status == 0)
    }

    @Test(arguments: ["myosin-exporter", "device-example"])
    func aReaderThatHasGoneEndsNothing(_ executable: String) async throws {
        let exporter = try Exporter(executable, in: directory)
        try await exporter.waitForStart()
        try exporter.log.fileHandleForReading.close()
        try exporter.ask(times: 10)
        try await until { try exporter.droppedLines() >= 10 }
        let ending = exporter.end()
        #expect(ending.status == 0 && !ending.isSignalled)
    }

    @Test func aFullDiskBehindTheLogLosesLinesOnly() async throws {
        let socket = "\(directory.path)/socket"
        let words = [Program.path(of: "myosin-exporter"), "--state.models", Service.exampleModels, "--log.access"]
        let program = try Program(
            "/bin/sh",
            ["-c", "exec \"$0\" \"$@\" 2> /dev/full"] + words + ["--web.listen-address", "unix:\(socket)"]
                + Service.longDeadlines
        )
        func curl(_ path: String) throws -> String {
            try Program.run(
                "/usr/bin/curl",
                ["-sS", "--unix-socket", socket] + Service.curlLimit + ["http://localhost\(path)"]
            )
            .output
        }
        try await until { try curl("/healthz") == "ok\n" }
        try await until { try curl("/metrics").contains(#/\nmyosin_log_lines_dropped_total [1-9]\d*\n/#) }
        #expect(program.end(with: SIGTERM).status == 0)
    }

    /// A socket or the database would get the number of a stream that is missing, and lines would be written into it.
    @Test(arguments: ["myosin-exporter", "device-example"])
    func streamsThatAreMissingAreReplaced(_ executable: String) async throws {
        let socket = "\(directory.path)/socket"
        let models = executable == "myosin-exporter" ? ["--state.models", Service.exampleModels] : []
        let program = try Program(
            "/bin/sh",
            [
                "-c", "echo $$ > \(directory.path)/number; exec \"$0\" \"$@\" 0<&- 1>&- 2>&-",
                Program.path(of: executable),
            ]
                + models + ["--log.access", "--state.path", "\(directory.path)/state"]
                + ["--web.listen-address", "unix:\(socket)"] + Service.longDeadlines
        )
        let curl = ["-sS", "--unix-socket", socket] + Service.curlLimit
        try await until { try Program.run("/usr/bin/curl", curl + ["http://localhost/healthz"]).output == "ok\n" }
        let put = ["-X", "PUT", "-d", #"{"online":true}"#, "http://localhost/state/System"]
        #expect(try Program.run("/usr/bin/curl", curl + put).output.contains(#""online":true"#))
        let number = try String(contentsOfFile: "\(directory.path)/number", encoding: .utf8)
            .trimmingCharacters(in: .newlines)
        for stream in 0...2 {
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(number)/fd/\(stream)")
            #expect(target == "/dev/null")
        }
        #expect(program.end(with: SIGTERM).status == 0)
    }

    @Test func aVerdictThatCannotBeWrittenIsAnError() throws {
        let check = "\(Program.path(of: "myosin-exporter")) check --state.models \(Service.exampleModels)"
        let full = try Program.run("/bin/sh", ["-c", "\(check) > /dev/full"])
        #expect(
            full.status == 1 && full.errors == "Error: Standard output cannot be written: No space left on device.\n"
        )
        // The reader has gone before anything is written.
        let gone = try Program.run("/bin/bash", ["-c", "exec 3> >(:); wait $!; \(check) >&3"])
        #expect(gone.status == 1 && gone.errors.contains("Error: Standard output cannot be written: Broken pipe."))
    }
}
