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
            "1000"
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
        try #require(try Program.run(probe, ["faults", store, "1", "1000", "1000"]).status == 0)
        let isDirectory = place == "a directory of somebody else"
        try Program.run("/bin/chmod", isDirectory ? ["0700", store] : ["-R", "a+rwX", store]).expectSuccess()
        if isDirectory { try Program.run("/bin/chmod", ["0500", store]).expectSuccess() }
        if !isDirectory { try Program.run("/bin/chmod", ["0444", store + "/state.sqlite"]).expectSuccess() }
        let command = [probe, "faults", store, "1", "0", "1000"]
        let ending =
            geteuid() == 0
            ? try Program.run("/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups"] + command)
            : try Program.run(probe, Array(command.dropFirst()))
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(codes(ending) == [isDirectory ? "storePermission" : "storeReadOnly"], "\(ending.errors)")
        try Program.run("/bin/chmod", ["-R", "u+rwX", store]).expectSuccess()
        #expect(try Storm.found(in: store).contains { $0.text.hasPrefix("found First 1 ") })
    }

    /// A flush of the writer, whose thread makes more of them than the one that opens, takes longer than the engine waits.
    @Test func aDiskThatDoesNotAnswerIsToldAndHeardWhenItDoes() async throws {
        let store = directory.path + "/store"
        let ending = try await onThread {
            try Program.run(
                "/usr/bin/strace",
                ["-f", "--seccomp-bpf", "-e", "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=1500000:when=16"]
                    + ["-o", "/dev/null", Program.path(of: "storage-probe"), "faults", store, "12", "30000", "300"]
            )
        }
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(Set(codes(ending)) == ["storeNotResponding"])
        let lines = ending.output.split(separator: "\n").compactMap { StormLine($0) }
        #expect(lines.last == .works)
        var ledger = Ledger()
        ledger.take(lines)
        ledger.take(found: try Storm.found(in: store))
        #expect(ledger.faults == [])
    }
}

extension Program.Ending {
    fileprivate func expectSuccess() { #expect(status == 0, "\(errors)") }
}
