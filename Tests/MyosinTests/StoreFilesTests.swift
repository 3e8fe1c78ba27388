import Foundation
import Glibc
import Logging
import Myosin
import TestSupport
import Testing

/// Files of a store that change while a process has them open, or that do not belong together when one opens them.
@Suite struct StoreFilesTests {
    private let directory: TemporaryDirectory
    private let log = RecordedLog()
    private var place: String { directory.path + "/a" }

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ options: SQLiteStore.Options = .init()) throws -> State {
        try State(cache: .directory(place, options), logger: log.logger, limits: .quickReopening)
    }

    private func openWithUser() throws -> State {
        let state = try open()
        try state.load(chris)
        return state
    }

    private func shell(_ command: String) throws {
        let ending = try Program.run("/bin/sh", ["-ec", "cd \"$0\"; \(command)", directory.path])
        try #require(ending.status == 0, "\(command): \(ending.errors)")
    }

    /// The content of all files below the directory, but for the lock, which has the number of the process that looks.
    private func contents() throws -> [String: Data] {
        var found: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: place) where name != "state.lock" {
            found[name] = try Data(contentsOf: URL(filePath: "\(place)/\(name)"))
        }
        return found
    }

    // MARK: While the process runs

    @Test(arguments: [
        "rm a/state.sqlite*", "rm a/state.sqlite", "rm a/state.sqlite-wal", "rm a/state.sqlite-shm", "rm a/state.lock",
        "rm -r a", "mv a b", "mv a b; mkdir a", "mv a/state.sqlite a/elsewhere", "truncate -s 0 a/state.sqlite-wal",
        "truncate -s 40 a/state.sqlite-wal", "mv a/state.sqlite-wal a/elsewhere", "cp -r a b; rm -r a",
    ])
    func filesThatAreMissingAreToldAndMadeAnew(_ command: String) async throws {
        let first = try openWithUser()
        try first.blocking.update(User.self, cache: true) { $0.name = "kept" }
        try shell(command)
        let error = #expect(throws: StateError.self) {
            try first.update(User.self, cache: true) { $0.name = "refused" }
        }
        #expect(error?.code == .storeReplaced, "\(command): \(error?.message ?? "")")
        #expect(try first.checkout(User.self).name == "kept")
        try await until {
            log.lines.contains { $0.level >= .warning && "\($0.metadata)".contains("ommit is refused") }
        }
        try await first.untilStoreWorks()
        // What is published is there again, and so are later commits.
        #expect(try Program.sqlite("select document from state", in: place).contains("kept"))
        try first.blocking.update(User.self, cache: true) { $0.name = "later" }
        #expect(throws: StateError.self, "no second process comes in") { _ = try open() }
        first.close()
        #expect(try openWithUser().checkout(User.self).name == "later")
    }

    @Test func aModelThatIsNotLoadedIsMadeAnewToo() async throws {
        let first = try open()
        try first.load(System(id: "s1"))
        try first.load(chris)
        try first.blocking.update(User.self, System.self, cache: true) { ($0.0.name, $0.1.restarts) = ("kept", 3) }
        first.close()
        let second = try openWithUser()
        try second.blocking.update(User.self, cache: true) { $0.name = "again" }
        try shell("rm a/state.sqlite*")
        #expect(throws: StateError.self) { try second.update(User.self, cache: true) { $0.name = "refused" } }
        try await second.untilStoreWorks()
        second.close()
        let third = try openWithUser()
        #expect(try third.load(System()).restarts == 3)
        #expect(try third.checkout(User.self).name == "again")
    }

    @Test(arguments: [
        "sqlite3 b.sqlite 'create table notes (text)'; mv b.sqlite a/state.sqlite",
        "cp a/state.sqlite b; mv b a/state.sqlite", "rm a/state.sqlite; mkdir a/state.sqlite",
        "touch b; mv b a/state.sqlite", "ln -sf /dev/null a/state.sqlite",
    ])
    func anotherFileInPlaceOfTheDatabaseIsNeverWritten(_ command: String) async throws {
        let state = try openWithUser()
        try state.blocking.update(User.self, cache: true) { $0.name = "kept" }
        try shell(command)
        try shell("cp -rP a/state.sqlite before")
        for _ in 0..<3 {
            let error = #expect(throws: StateError.self) {
                try state.update(User.self, cache: true) { $0.name = "refused" }
            }
            #expect(error?.code == .storeReplaced)
            #expect(error?.message.contains("Move that file away") == true)
        }
        try shell("diff -r --no-dereference a/state.sqlite before")
        #expect(state.storeError != nil)
        // Once it is gone the store is made anew.
        try shell("mv a/state.sqlite theirs")
        try await state.untilStoreWorks()
        state.close()
        #expect(try openWithUser().checkout(User.self).name == "kept")
    }

    @Test func readingByOthersAndACheckpointOfTheirsIsNoFault() throws {
        let state = try openWithUser()
        for number in 0..<20 {
            try state.update(User.self, cache: true) { $0.name = "\(number)" }
            try Program.sqlite("select count(*) from state; pragma wal_checkpoint(truncate)", in: place)
        }
        #expect(log.lines.filter { $0.level >= .warning } == [])
    }

    // MARK: Before it is opened

    /// Leaves what a killed process leaves: a database with a log that has commits.
    private func leaveLog(_ name: String) throws {
        let state = try openWithUser()
        defer { state.close() }
        try state.update(User.self, cache: true) { $0.name = name }
        try shell("rm -rf killed; cp -r a killed")
    }

    @Test func aLogOfAnotherDatabaseIsRefusedWithEveryByte() throws {
        try leaveLog("first")
        try shell("mv a closed")
        try leaveLog("second")
        try shell("rm -r a; mv killed a; cp closed/state.sqlite a/state.sqlite")
        let before = try contents()
        for _ in 1...2 {
            let error = #expect(throws: StateError.self) { _ = try open() }
            #expect(error?.code == .storeCorrupt && error?.message.contains("is the log of another database") == true)
            #expect(try contents() == before)
        }
        // The command that the message tells.
        try shell("mv a/state.sqlite-wal a/state.sqlite-wal.old; rm -f a/state.sqlite-shm")
        #expect(try openWithUser().checkout(User.self).name == "first")
    }

    @Test(arguments: [
        (
            "printf x | dd of=a/state.sqlite bs=1 seek=2050 conv=notrunc status=none; rm a/state.sqlite-wal; truncate -s 5000 a/state.sqlite",
            StateError.Code.storeCorrupt
        ),
        ("truncate -s 0 a/state.sqlite", .storeCorrupt), ("rm a/state.sqlite", .storeCorrupt),
        ("rm a/state.sqlite-*; sqlite3 b 'create table x (y)'; cp b a/state.sqlite", .storeCorrupt),
        ("cp a/state.sqlite a/state.sqlite-journal", .storeCorrupt),
        ("sqlite3 a/state.sqlite 'pragma user_version = 99'", .storeNewer),
    ])
    func whatIsRefusedKeepsEveryByte(_ command: String, _ code: StateError.Code) throws {
        try leaveLog("kept")
        try shell("rm -r a; mv killed a; \(command)")
        let before = try contents()
        for _ in 1...2 {
            let error = #expect(throws: StateError.self) { _ = try open() }
            #expect(error?.code == code, "\(error?.message ?? "")")
            #expect(try contents() == before)
        }
    }

    @Test func aLostLogIsTold() throws {
        try leaveLog("kept")
        try shell("rm -r a; mv killed a; rm a/state.sqlite-wal")
        _ = try open()
        #expect(log.lines.contains { $0.level == .warning && $0.message.contains("its log was lost") })
    }

    // MARK: Rights

    @Test func filesAreForTheirOwner() throws {
        let state = try openWithUser()
        try state.update(User.self, cache: true) { $0.name = "kept" }
        func modes() throws -> String {
            let ending = try Program.run("/bin/sh", ["-c", "cd \"$0\"; stat -c '%a %n' a a/*", directory.path])
            return ending.output
        }
        let expected = """
            700 a
            600 a/state.lock
            600 a/state.sqlite
            600 a/state.sqlite-shm
            600 a/state.sqlite-wal

            """
        #expect(try modes() == expected)
        state.close()
        // Files of before are closed to others, too.
        try shell("chmod 644 a/state.*")
        let again = try openWithUser()
        try again.update(User.self, cache: true) { $0.name = "again" }
        #expect(try modes() == expected)
    }

    @Test func aGroupMayShareThem() throws {
        let state = try open(.init(group: "\(getgid())"))
        try state.load(chris)
        try state.update(User.self, cache: true) { $0.name = "kept" }
        let ending = try Program.run("/bin/sh", ["-c", "cd \"$0\"; stat -c '%a %g' a a/*", directory.path])
        #expect(ending.output == "2770 \(getgid())\n" + String(repeating: "660 \(getgid())\n", count: 4))
    }

    @Test(arguments: ["no such", "4294967295", "4294967296", "-1"]) func noGroupIsRefused(_ group: String) {
        let error = #expect(throws: StateError.self) {
            _ = try State(cache: .directory(place + "2", .init(group: group)))
        }
        #expect(error?.message.contains("There is no group \"\(group)\"") == true)
    }

    @Test(arguments: ["state.lock", "state.sqlite", "state.sqlite-wal", "state.sqlite-shm"])
    func aLinkInPlaceOfAFileIsNotFollowed(_ file: String) throws {
        try shell("mkdir a; echo theirs > victim; ln -s ../victim a/\(file)")
        let error = #expect(throws: StateError.self) { _ = try open() }
        #expect(error?.message.contains("\(place)/\(file) is a symbolic link") == true, "\(error?.message ?? "")")
        #expect(try String(contentsOfFile: directory.path + "/victim", encoding: .utf8) == "theirs\n")
    }

    @Test func theDirectoryItselfMayBeALink() throws {
        try shell("mkdir real; ln -s real a")
        let state = try openWithUser()
        try state.update(User.self, cache: true) { $0.name = "kept" }
        state.close()
        #expect(FileManager.default.fileExists(atPath: directory.path + "/real/state.sqlite"))
    }

    @Test func errorsSayWhatIsAtFault() throws {
        let long = directory.path + "/" + String(repeating: "long/", count: 100)
        let error = #expect(throws: StateError.self) { _ = try State(cache: .directory(long)) }
        #expect(error?.message.contains("Name a directory with a shorter path") == true)
        try shell("touch file; ln -s nowhere dangling")
        let inFile = #expect(throws: StateError.self) { _ = try State(cache: .directory(directory.path + "/file/x")) }
        #expect(inFile?.code == .storeNotDirectory)
        let dangling = #expect(throws: StateError.self) {
            _ = try State(cache: .directory(directory.path + "/dangling"))
        }
        #expect(dangling?.message.contains("is a symbolic link that leads nowhere") == true)
        try shell("mkdir a; mkdir a/state.sqlite-wal")
        let wal = #expect(throws: StateError.self) { _ = try open() }
        #expect(wal?.message.contains("state.sqlite-wal is no regular file") == true)
    }

    // MARK: The log

    /// A reader keeps the log, so each process leaves what one leaves that is killed in the midst of its first checkpoint.
    @Test func aCheckpointThatIsCutOffAgainAndAgainLosesNothing() throws {
        try openWithUser().update(User.self, cache: true) { $0.name = "kept" }
        for round in 1...2 {
            let reader = try PipedProgram("/usr/bin/sqlite3", [place + "/state.sqlite"], hasInput: true)
            reader.write(Array("BEGIN; SELECT count(*) FROM state;\n".utf8))
            #expect(try #require(reader.read(upTo: patience)).starts(with: "1".utf8))
            // As far as the file has the log already.
            try Program.sqlite("PRAGMA wal_checkpoint(passive)", in: place)
            let state = try openWithUser()
            #expect(try state.checkout(User.self).name == "kept", "\(round)")
            try shell("rm -rf killed; cp -r a killed")
            state.close()
            reader.end(with: SIGKILL)
            try shell("rm -r a; mv killed a")
        }
        #expect(try openWithUser().checkout(User.self).name == "kept")
    }

    @Test func theLogShrinksWhenALongReaderHasGone() async throws {
        let state = try openWithUser()
        try state.blocking.update(User.self, cache: true) { $0.name = "first" }
        let reader = try PipedProgram("/usr/bin/sqlite3", [place + "/state.sqlite"], hasInput: true)
        reader.write(Array("begin; select count(*) from state;\n".utf8))
        #expect(reader.read(upTo: patience) == Array("1\n".utf8))
        func size() throws -> Int {
            try FileManager.default.attributesOfItem(atPath: place + "/state.sqlite-wal")[.size] as? Int ?? 0
        }
        // SQLite writes only the pages that change.
        for number in 0..<60 {
            let note = String(repeating: "\(number % 10)", count: 100_000)
            try state.blocking.update(User.self, cache: true) { $0.name = "\(number)-\(note)" }
        }
        #expect(try size() > 5_000_000)
        #expect(state.sample("myosin_store_log_bytes") ?? 0 > 5_000_000)
        reader.end(with: SIGKILL)
        // Nobody commits meanwhile.
        try await until { try size() == 0 }
        try await until { state.sample("myosin_store_log_bytes") == 0 }
        #expect(try state.checkout(User.self).name.hasPrefix("59-9"))
    }

    // MARK: Copies and quarantine

    @Test func aCopyIsMadeWhileTheStateIsUsedAndRestoredWhenItIsNot() throws {
        let copy = directory.path + "/copy"
        let first = try openWithUser()
        try first.update(User.self, cache: true) { $0.name = "old" }
        #expect(try SQLiteStore.backUp(place, to: copy).models == 1)
        #expect(throws: StateError.self, "a file is never replaced") { try SQLiteStore.backUp(place, to: copy) }
        try first.update(User.self, cache: true) { $0.name = "new" }
        let last = try first.checkout(User.self).checkedOutRevision
        let running = #expect(throws: StateError.self) { try SQLiteStore.restore(copy, to: place) }
        #expect(running?.code == .storeInUse)
        first.close()
        let (models, damaged, former) = try SQLiteStore.restore(copy, to: place)
        #expect(models == 1 && damaged == [])
        let second = try openWithUser()
        #expect(try second.checkout(User.self).name == "old")
        try second.update(User.self, cache: true) { $0.name = "newer" }
        #expect(try second.checkout(User.self).checkedOutRevision > last, "no number comes again")
        second.close()
        // What was there is complete.
        let kept = try #require(former)
        #expect(try Program.sqlite("select document from state", in: kept).contains("\"new\""))
        try shell("echo nothing > bad")
        #expect(throws: StateError.self) { try SQLiteStore.restore(directory.path + "/bad", to: place) }
        #expect(try openWithUser().checkout(User.self).name == "newer", "nothing was changed")
    }

    private func damage() throws {
        _ = try Program.sqlite("update state set document = replace(document, 'chris', 'chrix')", in: place)
    }

    @Test func quarantineIsRememberedBoundedAndCleared() throws {
        let first = try openWithUser()
        try first.update(User.self, cache: true) { $0.email = "a@b" }
        first.close()
        for round in 1...5 {
            try damage()
            let state = try open(.init(maxQuarantined: 3))
            try state.load(chris, onCorrupt: .useDefaults)
            #expect(state.modelsInQuarantine == ["User"])
            state.close()
            #expect(try SQLiteStore.quarantine(of: place).count == min(round, 3))
            // The next process knows that it has the defaults for want of better.
            let next = try openWithUser()
            #expect(next.modelsInQuarantine == ["User"])
            next.close()
        }
        let changed = try openWithUser()
        try changed.update(User.self, cache: true) { $0.email = "c@d" }
        #expect(changed.modelsInQuarantine == [])
        let kept = try SQLiteStore.quarantine(of: place)
        #expect(kept.first?.document.model == "User" && kept.first?.reason.contains("is damaged") == true)
        #expect(try SQLiteStore.clearQuarantine(of: place, model: "System") == 0)
        #expect(try SQLiteStore.clearQuarantine(of: place) == 3)
        try changed.update(User.self, cache: true) { $0.email = "e@f" }
        changed.close()
        #expect(try openWithUser().modelsInQuarantine == [])
    }

    /// The rows that say so outlive a retention that has room for one.
    @Test func allModelsWithDefaultsAreRemembered() throws {
        var state = try open()
        for step in 0..<3 {
            if step > 0 { state = try open(.init(maxQuarantined: 1)) }
            try state.load(chris, onCorrupt: .useDefaults)
            try state.load(System(id: "s1"), onCorrupt: .useDefaults)
            if step == 0 {
                try state.update(User.self, System.self, cache: true) { ($0.0.name, $0.1.restarts) = ("kept", 3) }
            }
            if step > 0 { #expect(Set(state.modelsInQuarantine) == ["System", "User"]) }
            state.close()
            if step == 0 { _ = try Program.sqlite("update state set checksum = model", in: place) }
        }
    }

    @Test func anAdoptedFileIsNotAdoptedAgainWhenQuarantineIsCleared() throws {
        try shell(#"mkdir a; echo '{"id":"u1","name":"python","email":"p@q"}' > a/User.json"#)
        let first = try openWithUser()
        #expect(try first.checkout(User.self).name == "python")
        try first.reset()
        first.close()
        #expect(try SQLiteStore.clearQuarantine(of: place) > 0)
        #expect(try openWithUser().checkout(User.self).name == "chris")
    }

    @Test func aDatabaseOfVersionOneIsTakenOver() throws {
        try shell("mkdir a")
        _ = try Program.sqlite(
            """
            pragma application_id = 1299804019; pragma user_version = 1; pragma journal_mode = wal;
            create table state (model text primary key, schema_version integer not null, revision integer not null,
                document text not null, checksum text not null, changed real not null) without rowid;
            create table quarantine (model text not null, schema_version integer not null, revision integer not null,
                document text not null, changed real not null, reason text not null);
            create table numbers (name text primary key, value integer not null, checksum text not null) without rowid;
            insert into quarantine values ('User', 0, 0, '{}', 1, 'adopted');
            """,
            in: place
        )
        try shell(#"echo '{"id":"u1","name":"python","email":"p@q"}' > a/User.json"#)
        let state = try openWithUser()
        #expect(try state.checkout(User.self).name == "chris", "the file was adopted before")
        try state.update(User.self, cache: true) { $0.name = "kept" }
        state.close()
        #expect(try Program.sqlite("pragma user_version; select model from adopted", in: place) == "2\nUser\n")
        #expect(try openWithUser().checkout(User.self).name == "kept")
    }
}
