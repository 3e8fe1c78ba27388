import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The commands of the exporter for the files of its state.
@Suite struct StoreCommandsTests {
    private let directory: TemporaryDirectory
    private var place: String { directory.path + "/state" }
    private var copy: String { directory.path + "/copy.sqlite" }

    init() throws { directory = try TemporaryDirectory() }

    private func exporter() throws -> Service { try Service("myosin-exporter", ["--state.path", place]) }

    private func command(_ arguments: String...) throws -> Program.Ending {
        try Program.run(Program.path(of: "myosin-exporter"), arguments + ["--state.path", place])
    }

    private func setName(_ name: String, _ service: Service) throws -> Int {
        try service.curl("/state/User/name", "-X", "PUT", "-H", "Content-Type: application/json", "-d", "\"\(name)\"")
            .status
    }

    @Test func aBackupIsMadeHotAndRestoredCold() throws {
        let running = try exporter()
        #expect(try setName("old", running) == 200)
        let backup = try command("backup", copy)
        #expect(backup.status == 0 && backup.output == "\(copy) has 1 model of \(place).\n", "\(backup.errors)")
        let again = try command("backup", copy)
        #expect(again.status == 1 && again.errors.contains("is there already"))
        #expect(try setName("new", running) == 200)
        let early = try command("restore", copy)
        #expect(early.status == 1 && early.errors.contains("is in use by process"))
        _ = running.program.end(with: SIGTERM)
        let restore = try command("restore", copy)
        #expect(restore.status == 0, "\(restore.errors)")
        #expect(restore.output.contains("has 1 model of \(copy). What was there is kept in \(place)/replaced-"))
        let restored = try exporter()
        #expect(try restored.curl("/state/User/name").body == "\"old\"\n")
    }

    /// File systems without second names, and calls that fail.
    @Test(arguments: [
        (["linkat:error=EPERM"], true), (["linkat:error=EIO"], false), (["renameat,renameat2:error=EIO"], false),
        (["linkat:error=EPERM", "renameat,renameat2:error=EIO:when=2"], false),
    ])
    func theFormerStateIsKeptOrPutBack(_ faults: [String], _ succeeds: Bool) throws {
        let first = try exporter()
        #expect(try setName("old", first) == 200)
        #expect(try command("backup", copy).status == 0)
        #expect(try setName("new", first) == 200)
        _ = first.program.end(with: SIGTERM)
        let injections = faults.flatMap { ["-e", "inject=\($0)"] }
        let restore = try Program.run(
            "/usr/bin/strace",
            ["-f", "-qq", "-o", "/dev/null", "-e", "trace=linkat,renameat,renameat2"] + injections
                + [Program.path(of: "myosin-exporter"), "restore", copy, "--state.path", place]
        )
        #expect((restore.status == 0) == succeeds, "\(restore.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: place).filter { $0 != "state.lock" }.sorted()
        #expect(files.last == "state.sqlite" && files.count == (succeeds ? 2 : 1), "\(files)")
        let documents = "select document from state"
        #expect(try Program.sqlite(documents, in: place).contains(succeeds ? "old" : "new"))
        if succeeds { #expect(try Program.sqlite(documents, in: "\(place)/\(files[0])").contains("new")) }
    }

    @Test func damagedModelsAreToldByTheStatusToo() throws {
        let running = try exporter()
        #expect(try setName("changed", running) == 200)
        _ = running.program.end(with: SIGTERM)
        try Program.sqlite("update state set document = replace(document, 'changed', 'chanced')", in: place)
        let backup = try command("backup", copy)
        #expect(backup.status == 2 && backup.output == "\(copy) has 1 model of \(place).\n", "\(backup)")
        #expect(backup.errors.hasPrefix("Warning: Damaged in \(place) and in the copy"), "\(backup.errors)")
        #expect(backup.errors.contains(": User. All else is intact."), "\(backup.errors)")
        let restore = try command("restore", copy)
        #expect(restore.status == 2 && restore.output.hasPrefix("\(place) has 1 model of \(copy)."), "\(restore)")
        #expect(restore.errors.hasPrefix("Warning: Damaged in \(copy) and now in \(place)"), "\(restore.errors)")
    }

    @Test func aFullDiskOfTheCopyIsBlamed() throws {
        let running = try exporter()
        #expect(try setName("kept", running) == 200)
        let full = directory.path + "/full"
        try FileManager.default.createDirectory(atPath: full, withIntermediateDirectories: false)
        let command = "mount -t tmpfs -o size=8k none \"$0\"; \"$@\" || status=$?; ls -A \"$0\"; exit $status"
        let backup = try Program.run(
            "/usr/bin/unshare",
            [geteuid() == 0 ? "-m" : "-rm", "/bin/sh", "-ec", command, full, Program.path(of: "myosin-exporter")]
                + ["backup", full + "/copy", "--state.path", place]
        )
        #expect(backup.status == 1 && backup.output.isEmpty, "\(backup)")
        #expect(
            backup.errors.contains("The disk of \(full) is full, so there is no copy \(full)/copy."),
            "\(backup.errors)"
        )
        #expect(!backup.errors.contains("state.sqlite"), "\(backup.errors)")
    }

    @Test func aFileThatIsRemovedWhileTheServiceRunsIsTold() throws {
        let running = try exporter()
        #expect(try setName("kept", running) == 200)
        var refused = (status: 200, body: "")
        // The service looks after its store every ten seconds, so it may find the loss by itself between the two.
        for _ in 0..<5 where refused.status == 200 {
            try waitUntil { try setName("kept", running) == 200 }
            try FileManager.default.removeItem(atPath: place)
            refused = try running.curl("/state/User/name", "-X", "PUT", "-d", "\"lost\"")
        }
        #expect(refused.status == 503 && refused.body.contains("The commit is refused"), "\(refused)")
        try waitUntil { try running.curl("/readyz").status == 200 }
        #expect(try running.curl("/state/User/name").body == "\"kept\"\n")
        #expect(try setName("later", running) == 200)
        _ = running.program.end(with: SIGKILL)
        #expect(try exporter().curl("/state/User/name").body == "\"later\"\n")
    }

    @Test func quarantineIsListedShownAndCleared() throws {
        let first = try exporter()
        #expect(try setName("changed", first) == 200)
        _ = first.program.end(with: SIGTERM)
        try Program.sqlite("update state set document = replace(document, 'changed', 'chanced')", in: place)
        let refused = try Program.run(
            Program.path(of: "myosin-exporter"),
            ["--state.path", place, "--state.models", Service.exampleModels, "--web.listen-address", "127.0.0.1:0"]
        )
        #expect(refused.status != 0 && refused.errors.contains("The stored User is damaged"))
        #expect(!refused.errors.contains("The stored System"), "no other model is blamed")
        let arguments = ["--state.path", place, "--state.on-corrupt", "use-defaults"]
        let second = try Service("myosin-exporter", arguments)
        let list = try command("quarantine")
        #expect(list.status == 0 && list.output.hasPrefix("1\t\"User\"\tversion 1\t"), "\(list)")
        let shown = try command("quarantine", "--show", "1")
        #expect(shown.output.contains("chanced"))
        #expect(try command("quarantine", "--show", "2").status != 0)
        #expect(try command("quarantine", "--model", "User").status != 0)
        #expect(try command("quarantine", "--show", "1", "--clear").status != 0)
        #expect(try second.curl("/readyz").status == 503)
        _ = second.program.end(with: SIGTERM)
        let third = try exporter()
        #expect(try third.curl("/readyz").body.contains("quarantined-model"), "the next start remembers it")
        #expect(try command("quarantine", "--clear", "--model", "User").output == "1 former document is removed.\n")
        #expect(try command("quarantine").output.isEmpty)
        #expect(try setName("mended", third) == 200)
        #expect(try third.curl("/readyz").status == 200)
    }

    @Test(arguments: ["backup", "restore", "quarantine"]) func theDirectoryIsNamed(_ command: String) throws {
        let arguments = command == "quarantine" ? [] : [copy]
        let ending = try Program.run(Program.path(of: "myosin-exporter"), [command] + arguments)
        #expect(ending.status != 0 && ending.errors.contains("--state.path is missing"))
    }

    @Test func aRetentionOfNothingIsRefused() throws {
        let ending = try command("--state.quarantine-max", "0", "--state.models", Service.exampleModels)
        #expect(ending.status != 0 && ending.errors.contains("--state.quarantine-max must be 1 or more"))
    }
}
