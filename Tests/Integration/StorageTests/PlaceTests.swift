import Foundation
import TestSupport
import Testing

/// Places where a store cannot be, or cannot be any more: full, read-only, not allowed, not answering.
@Suite struct PlaceTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Runs the probe in a mount namespace of its own, after a command of the shell there; `$0` is the directory.
    private func run(after mounting: String, _ arguments: String...) throws -> Program.Ending {
        let isRoot = geteuid() == 0
        return try Program.run(
            "/usr/bin/unshare",
            [isRoot ? "-m" : "-rm", "/bin/sh", "-ec", mounting + "\nshift 0\nexec \"$@\"", directory.path]
                + [Program.path(of: "storage-probe")] + arguments
        )
    }

    private func codes(_ ending: Program.Ending) -> [String] {
        ending.output.split(separator: "\n")
            .compactMap { line in
                if case .failed(_, let code)? = StormLine(line) { code } else { nil }
            }
    }

    @Test func aFullDiskIsToldAndUsedAgainWhenThereIsRoom() throws {
        let ending = try run(after: "mount -t tmpfs -o size=300k none \"$0\"", "full", directory.path)
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(ending.output.hasSuffix("works\n"))
        #expect(!codes(ending).isEmpty && Set(codes(ending)) == ["storeFull"])
        #expect(ending.errors.contains("Make room"))
    }

    @Test func aReadOnlyFileSystemIsTold() throws {
        let ending = try run(
            after: "mount --bind \"$0\" \"$0\"; mount -o remount,bind,ro \"$0\"",
            "faults",
            directory.path,
            "1",
            "0",
            Duration.beyondPatience.inMilliseconds
        )
        #expect(ending.status == 0 && codes(ending) == ["storeReadOnly"], "\(ending.errors)")
        #expect(ending.errors.contains("Name a directory on a writable file system."))
    }

    @Test(arguments: ["a directory of somebody else", "a database that may only be read"])
    func whatTheUserMayNotDoIsTold(_ place: String) throws {
        let store = directory.path + "/store"
        // Somebody else may not look into the build directory. Copied by a program of its own: a child that another test
        // starts meanwhile would have the file open for writing, and what is written is not executed.
        let probe = directory.path + "/storage-probe"
        try Program.run("/bin/cp", [Program.path(of: "storage-probe"), probe]).expectSuccess()
        let wait = Duration.beyondPatience.inMilliseconds
        try #require(try Program.run(probe, ["faults", store, "1", patience.inMilliseconds, wait]).status == 0)
        let isDirectory = place == "a directory of somebody else"
        try Program.run("/bin/chmod", isDirectory ? ["0700", store] : ["-R", "a+rwX", store]).expectSuccess()
        if isDirectory { try Program.run("/bin/chmod", ["0500", store]).expectSuccess() }
        if !isDirectory { try Program.run("/bin/chmod", ["0444", store + "/state.sqlite"]).expectSuccess() }
        let command = [probe, "faults", store, "1", "0", wait]
        let ending =
            geteuid() == 0
            ? try Program.run("/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups"] + command)
            : try Program.run(probe, Array(command.dropFirst()))
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(codes(ending) == [isDirectory ? "storePermission" : "storeReadOnly"], "\(ending.errors)")
        try Program.run("/bin/chmod", ["-R", "u+rwX", store]).expectSuccess()
        #expect(try Storm.found(in: store).contains { $0.text.hasPrefix("found First 1 ") })
    }

    @Test(arguments: ["0277", "0777"]) func whatTheStoreMakesIsUsableWhateverTheMask(_ mask: String) throws {
        let (place, probe) = (directory.path + "/place", directory.path + "/storage-probe")
        try Program.run("/bin/cp", [Program.path(of: "storage-probe"), probe]).expectSuccess()
        try Program.run("/bin/mkdir", [place]).expectSuccess()
        let command = ["/bin/sh", "-c", "umask \(mask); exec \"$@\"", "sh", probe, "faults", place + "/store", "1"]
        let limits = [patience.inMilliseconds, Duration.beyondPatience.inMilliseconds]
        if geteuid() == 0 { try Program.run("/bin/chown", ["65534:65534", place]).expectSuccess() }
        let ending =
            geteuid() == 0
            ? try Program.run(
                "/usr/bin/setpriv",
                ["--reuid=65534", "--regid=65534", "--clear-groups"] + command + limits
            )
            : try Program.run(command[0], Array(command.dropFirst()) + limits)
        #expect(ending.status == 0 && codes(ending) == [], "\(ending.errors)")
        #expect(try Storm.found(in: place + "/store").contains { $0.text.hasPrefix("found First 1 ") })
    }

    /// The flush of a commit does not return for an hour, or until strace lets the probe go on.
    @Test func aDiskThatDoesNotAnswerIsToldAndHeardWhenItDoes() async throws {
        let store = directory.path + "/store"
        let texts = try await onThread { try linesWhileFlushesHang(in: store) }
        #expect(texts.last == "ended")
        let lines = texts.compactMap { StormLine($0) }
        let codes = lines.compactMap { if case .failed(_, let code) = $0 { code } else { nil } }
        #expect(Set(codes) == ["storeNotResponding"])
        #expect(lines.last == .works)
        var ledger = Ledger()
        ledger.take(lines)
        ledger.take(found: try Storm.found(in: store))
        #expect(ledger.faults == [])
    }

    /// Has the probe commit while strace keeps its flushes, and then without it; what the probe says.
    private func linesWhileFlushesHang(in store: String) throws -> [String] {
        let probe = try PipedProgram(Program.path(of: "storage-probe"), ["hang", store], hasInput: true)
        var (splitter, lines) = (LineSplitter(), [String]())
        func read(until last: String) throws {
            while !lines.contains(last) {
                guard let piece = probe.read(upTo: patience), !piece.isEmpty else { throw Unfinished(lines: lines) }
                lines += splitter.lines(adding: piece)
            }
        }
        try read(until: "waiting for flushes to hang")
        let hour = "inject=fdatasync,fsync:delay_enter=3600000000"
        let tracer = try Program(
            "/usr/bin/strace",
            ["-f", "-e", "trace=fdatasync,fsync", "-e", hour, "-o", "/dev/null", "-p", "\(probe.processNumber)"]
        )
        let told = tracer.errors { $0.contains("attached") }
        try #require(told.contains("attached"), "\(told)")
        probe.write(Array("go\n".utf8))
        try read(until: "waiting for flushes to return")
        // The system lets the flush go on when no tracer holds it any longer; a signal that this thread blocks would be blocked there too.
        _ = tracer.end(with: SIGKILL)
        probe.write(Array("go\n".utf8))
        try read(until: "ended")
        return lines
    }

    /// What a probe had said when it ended too early.
    private struct Unfinished: Error { let lines: [String] }
}

extension Program.Ending {
    fileprivate func expectSuccess() { #expect(status == 0, "\(errors)") }
}
