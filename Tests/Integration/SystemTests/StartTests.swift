import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Starts in surroundings that lack something, and the signals that a program was started with.
@Suite struct StartTests {
    private let directory: TemporaryDirectory
    private var socket: String { "\(directory.path)/socket" }

    init() throws {
        directory = try TemporaryDirectory()
        // For a user who may do nothing.
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
    }

    private static let deadlines = Service.longDeadlines.joined(separator: " ")

    /// A program of a shell, which listens on a socket in the directory.
    private func start(_ executable: String, after prefix: String, _ arguments: String = "") throws -> Program {
        let models = executable == "myosin-exporter" ? "--state.models \(Service.exampleModels)" : ""
        let command =
            "exec \(Program.path(of: executable)) \(models) --state.path \(directory.path)/state "
            + "--web.listen-address unix:\(socket) \(Self.deadlines) \(arguments)"
        return try Program("/bin/sh", ["-c", "\(prefix)\n\(command)"])
    }

    private func curl(_ path: String, _ arguments: String...) throws -> String {
        let words = ["-sS", "--unix-socket", socket] + Service.curlLimit + arguments + ["http://localhost\(path)"]
        return try Program.run("/usr/bin/curl", words).output
    }

    private func waitForStart() async throws { try await until { try curl("/healthz") == "ok\n" } }

    // MARK: Signals

    @Test(arguments: ["myosin-exporter", "device-example"])
    func aSignalThatWasIgnoredStaysIgnored(_ executable: String) async throws {
        let program = try start(executable, after: "trap '' HUP INT")
        try await waitForStart()
        program.send(SIGHUP)
        program.send(SIGINT)
        // The system drops an ignored signal while it is sent, so nothing of it is still to come.
        #expect(try curl("/healthz") == "ok\n")
        let ending = program.end(with: SIGTERM)
        #expect(ending.status == 0 && !ending.isSignalled)
        #expect(!ending.errors.contains("are loaded") || ending.errors.components(separatedBy: "are loaded").count == 2)
        #expect(ending.errors.components(separatedBy: "msg=Stopping").count == 2)
    }

    @Test func underNohupAHangUpReloadsNothing() async throws {
        let program = try start("myosin-exporter", after: "trap '' HUP")
        try await waitForStart()
        let status = try Program.run("/bin/sh", ["-c", "cat /proc/$0/status", "\(program.number)"]).output
        let ignored = try #require(status.firstMatch(of: #/SigIgn:\s*([0-9a-f]+)/#).flatMap { UInt64($0.1, radix: 16) })
        let caught = try #require(status.firstMatch(of: #/SigCgt:\s*([0-9a-f]+)/#).flatMap { UInt64($0.1, radix: 16) })
        func bit(_ signal: Int32) -> UInt64 { 1 << (UInt64(signal) - 1) }
        #expect(ignored & bit(SIGHUP) != 0 && ignored & bit(SIGPIPE) != 0)
        #expect(caught & bit(SIGTERM) != 0 && caught & bit(SIGINT) != 0 && caught & bit(SIGHUP) == 0)
        #expect(program.end(with: SIGTERM).status == 0)
    }

    /// Nothing but SIGKILL could stop the program.
    @Test func aSignalThatWasBlockedIsTaken() async throws {
        let block = """
            import os, signal, sys
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
            os.execv(sys.argv[1], sys.argv[1:])
            """
        let words = [
            "python3", "-c", block, Program.path(of: "myosin-exporter"), "--state.models", Service.exampleModels,
        ]
        let flags = ["--web.listen-address", "unix:\(socket)"] + Service.longDeadlines
        let program = try Program("/usr/bin/env", words + flags)
        try await waitForStart()
        program.send(SIGHUP)
        let log = program.errors { $0.components(separatedBy: "are loaded").count == 3 }
        #expect(log.components(separatedBy: "are loaded").count == 3)
        let ending = program.end(with: SIGTERM)
        #expect(ending.status == 0 && !ending.isSignalled)
    }

    // MARK: Arguments

    private func isolated(_ setup: String, _ script: String) throws -> Program.Ending {
        try Program.run("/usr/bin/unshare", ["-m", "/bin/sh", "-c", "\(setup)\n\(script)"])
    }

    private static let withoutProc = ["umount -l /proc", "mount -t tmpfs none /proc"]

    @Test(arguments: withoutProc) func theArgumentsAreReadWithoutProc(_ setup: String) throws {
        let exporter = Program.path(of: "myosin-exporter")
        let check = try isolated(setup, "exec \(exporter) check --state.models \(Service.exampleModels)")
        #expect(check.status == 0 && check.output.hasSuffix("\n3 models are valid.\n"))
        for executable in [exporter, Program.path(of: "device-example")] {
            let ending = try isolated(setup, "exec \(executable) --web.listen-address nonsense")
            #expect(ending.status == 64 && ending.errors.contains("nonsense"))
        }
    }

    /// libdispatch ends a process whose threads it cannot find there, once a second.
    @Test(arguments: withoutProc) func theProgramsServeWithoutProc(_ setup: String) throws {
        for executable in ["myosin-exporter", "device-example"] {
            let models = executable == "myosin-exporter" ? "--state.models \(Service.exampleModels)" : ""
            let path = "\(directory.path)/\(executable)"
            let curl = "curl -sS \(Service.curlLimit.joined(separator: " ")) --unix-socket \(path).socket"
            let rounds = executable == "device-example" ? 8 : 2
            let script = """
                \(Program.path(of: executable)) \(models) \(Self.deadlines) --state.path \(path) \
                    --web.listen-address unix:\(path).socket &
                until \(curl) -o /dev/null http://localhost/healthz 2> /dev/null; do kill -0 $! || exit 9; sleep 0.05; done
                for round in $(seq \(rounds)); do
                    \(curl) -o /dev/null http://localhost/metrics
                    \(curl) -o /dev/null -H 'Prefer: wait=1' -H 'If-None-Match: *' http://localhost/state/System
                done
                kill $!
                wait $!
                """
            let ending = try isolated(setup, script)
            #expect(ending.status == 0, "\(executable): \(ending.errors)")
        }
    }

    /// A library that is loaded before has moved the environment by then, beside which Swift looks for the arguments.
    @Test func theArgumentsAreReadBesideALibraryThatChangesTheEnvironment() throws {
        let code = """
            #include <stdlib.h>
            __attribute__((constructor)) static void change(void) { setenv("MYOSIN_A_NEW_VARIABLE", "1", 1); }
            """
        let library = try PreloadedLibrary(code, in: directory)
        let ending = try Program.run(
            Program.path(of: "myosin-exporter"),
            ["check", "--state.models", Service.exampleModels],
            environment: library.environment
        )
        #expect(ending.status == 0 && ending.output.hasSuffix("\n3 models are valid.\n"))
    }

    /// With other bytes in its place it would be another directory.
    @Test(arguments: ["", "check ", "backup copy ", "restore copy ", "quarantine "])
    func argumentsThatAreNotUTF8AreRefused(_ command: String) throws {
        let exporter = Program.path(of: "myosin-exporter")
        func ending(_ script: String) throws -> Program.Ending {
            try Program.run("/bin/bash", ["-c", "cd '\(directory.path)'\n\(script)"])
        }
        let bad = try ending(#"exec \#(exporter) \#(command)--state.path $'b\xfcro\xe2\x82ü'"#)
        #expect(bad.status == 64 && bad.output == "", "\(bad)")
        #expect(
            bad.errors.contains(
                #"The argument b\xfcro\xe2\x82ü is not UTF-8. Rename the file, or type its name in UTF-8."#
            ),
            "\(bad)"
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
        if command == "check " { return }
        let models = command.isEmpty ? "--state.models \(Service.exampleModels)" : ""
        let variable = try ending(
            #"export MYOSIN_CACHE_BASE_PATH=$'b\xfcro'; exec \#(exporter) \#(command) \#(models)"#
        )
        #expect(variable.status == 64, "\(variable)")
        #expect(
            variable.errors.contains(
                #"MYOSIN_CACHE_BASE_PATH is b\xfcro, which is not UTF-8. Rename the directory, or write its name in UTF-8."#
            ),
            "\(variable)"
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    // MARK: Limits

    /// The system would end the program by SIGXFSZ, without a word.
    @Test func aFileThatIsTooLargeIsAnError() throws {
        let state = "\(directory.path)/state"
        let service = try Service("myosin-exporter", ["--state.path", state])
        #expect(try service.curl("/state/User/name", "-X", "PUT", "-d", "\"old\"").status == 200)
        #expect(service.program.end(with: SIGTERM).status == 0)
        let exporter = Program.path(of: "myosin-exporter")
        // The tests may have been started with the signal ignored, as Python does.
        // A profile of coverage is too large as well, which would be told.
        let limit = "env --default-signal=XFSZ LLVM_PROFILE_FILE=/dev/null prlimit --fsize=1000"
        func limited(_ arguments: String) throws -> Program.Ending {
            try Program.run("/bin/sh", ["-c", "exec \(limit) \(exporter) \(arguments)"])
        }
        let before = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        let backup = try limited("backup '\(directory.path)/copy' --state.path '\(state)'")
        #expect(backup.status == 1 && !backup.isSignalled && backup.errors.hasPrefix("Error: "), "\(backup)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == before)
        let help = try limited("--help > '\(directory.path)/help'")
        #expect(
            help.status == 1 && help.errors == "Error: Standard output cannot be written: File too large.\n",
            "\(help)"
        )
    }

    /// The C library gives each thread a stack of that size, which a nested document would overflow.
    @Test(arguments: ["myosin-exporter", "device-example"])
    func aStackThatIsTooSmallIsSaidOrIsEnough(_ executable: String) async throws {
        for kibibytes in [64, 224, 511] {
            let ending = try start(executable, after: "ulimit -S -s \(kibibytes)").end()
            #expect(ending.status == 1 && !ending.isSignalled, "\(kibibytes): \(ending)")
            #expect(
                ending.errors
                    == "Error: The limit of the stack is \(kibibytes) KiB, and the program needs 512. Raise it "
                    + "before the start (ulimit -s 8192), or in the systemd unit (LimitSTACK=8M).\n",
                "\(kibibytes): \(ending)"
            )
        }
        let program = try start(executable, after: "ulimit -S -s 512")
        try await waitForStart()
        for nesting in [60, 100, 10_000] {
            let body = String(repeating: "[", count: nesting) + String(repeating: "]", count: nesting)
            let file = "\(directory.path)/body"
            try body.write(toFile: file, atomically: true, encoding: .utf8)
            let status = try curl(
                "/state/User",
                "-X",
                "PUT",
                "-d",
                "@\(file)",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}"
            )
            #expect(status.hasPrefix("4"), "\(nesting): \(status)")
        }
        #expect(program.end(with: SIGTERM).status == 0)
    }

    @Test func aStopThatWaitsForTheStoreSaysSo() async throws {
        let program = try start("myosin-exporter", after: "")
        try await waitForStart()
        let lock = """
            import sqlite3, sys, time
            store = sqlite3.connect(sys.argv[1] + "/state.sqlite", isolation_level=None, timeout=300)
            store.execute("BEGIN IMMEDIATE")
            print("locked", flush=True)
            time.sleep(3600)
            """
        let other = try Program("/usr/bin/env", ["python3", "-c", lock, "\(directory.path)/state"])
        #expect(other.output { $0.contains("locked") }.contains("locked"))
        program.send(SIGTERM)
        let log = program.errors { $0.contains("Waiting for the store") }
        #expect(log.contains("level=notice") && log.contains("msg=\"Waiting for the store"), "\(log)")
        // It ends by itself once the lock is free.
        _ = other.end(with: SIGKILL)
        #expect(!program.end().isSignalled)
    }

    // MARK: Threads

    /// A command that runs a copy of an executable, which any user may read, for a user who has a limit of processes; root has none.
    private func limited(_ executable: String, to limit: Int, _ state: String) throws -> [String] {
        let (copy, models) = ("\(directory.path)/\(executable)", "\(directory.path)/models")
        if !FileManager.default.fileExists(atPath: copy) {
            try FileManager.default.copyItem(atPath: Program.path(of: executable), toPath: copy)
            try FileManager.default.copyItem(atPath: Service.exampleModels, toPath: models)
        }
        let flags = executable == "myosin-exporter" ? "--state.models \(models)" : ""
        let command =
            "exec \(Self.asUser) prlimit --nproc=\(limit) \(copy) \(flags) --state.path \(directory.path)/\(state) "
            + "--web.listen-address 127.0.0.1:0 \(Self.deadlines)"
        return ["-c", command]
    }

    /// A user of this process alone: the limit counts the threads of all processes of a user.
    private static let user = 61_000 + getpid() % 3_000
    private static let asUser = "setpriv --reuid=\(user) --regid=\(user) --clear-groups"

    @Test(arguments: ["myosin-exporter", "device-example"])
    func tooFewThreadsAreSaidOrEnough(_ executable: String) async throws {
        var hasStarted = false
        for limit in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20] {
            let program = try Program("/bin/sh", try limited(executable, to: limit, "state"))
            let log = program.errors { $0.contains("Listening") }
            if log.contains("Listening") {
                let ending = program.end(with: SIGTERM)
                #expect(ending.status == 0 && !ending.isSignalled, "\(limit): \(ending.errors)")
                hasStarted = true
            } else {
                let ending = program.end()
                #expect(ending.status == 1 && !ending.isSignalled, "\(limit): \(ending.errors)")
                #expect(ending.errors.contains("Error: The program has too few threads") && !hasStarted)
                #expect(ending.errors.contains("ulimit -u") && ending.errors.contains("TasksMax="))
            }
        }
        #expect(hasStarted)
    }

    @Test(arguments: ["myosin-exporter", "device-example"])
    func aStopNeedsNoThreadThatIsNotThere(_ executable: String) async throws {
        let program = try Program("/bin/sh", try limited(executable, to: 100, "state"))
        let log = program.errors { $0.contains("Ready") }
        let address = try #require(log.firstMatch(of: #/address=(127\.0\.0\.1:\d+)\n/#), "\(log)").1
        let lowering = try Program.run(
            "/bin/sh",
            ["-c", "exec \(Self.asUser) prlimit --pid \(program.number) --nproc=1"]
        )
        try #require(lowering.status == 0, "\(lowering.errors)")
        for path in ["healthz", "metrics", "state"] {
            let curl = ["-sS"] + Service.curlLimit + ["-o", "/dev/null", "-w", "%{http_code}", "\(address)/\(path)"]
            #expect(try Program.run("/usr/bin/curl", curl).output == "200")
        }
        let ending = program.end(with: SIGTERM)
        #expect(ending.status == 0 && !ending.isSignalled)
    }
}
