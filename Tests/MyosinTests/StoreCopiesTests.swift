import Foundation
import Glibc
import TestSupport
import Testing

@testable import Myosin

/// Backups, restored copies and cleared quarantines, and what stands in their way.
@Suite struct StoreCopiesTests {
    private let directory: TemporaryDirectory
    private var place: String { directory.path + "/a" }
    private var copy: String { directory.path + "/copy" }

    init() throws { directory = try TemporaryDirectory() }

    private func openWithUser() throws -> State {
        let state = try State(cache: .directory(place), limits: .quickReopening)
        try state.load(chris)
        return state
    }

    /// Makes a store that has this name.
    private func store(_ name: String) throws {
        let state = try openWithUser()
        try state.update(User.self, cache: true) { $0.name = name }
        state.close()
    }

    /// Leaves what a killed process leaves: a database with a log that has commits.
    private func leaveLog(_ name: String) throws {
        let state = try openWithUser()
        try state.update(User.self, cache: true) { $0.name = name }
        try kill(state)
    }

    /// Closes a state, and puts its files back as they were before.
    private func kill(_ state: State) throws {
        try shell("rm -rf killed; cp -r a killed")
        state.close()
        try shell("rm -r a; mv killed a")
    }

    /// Puts the database of one store beside the log of another one.
    private func splice() throws {
        try store("first")
        try shell("mv a closed")
        try leaveLog("second")
        try shell("cp closed/state.sqlite a/state.sqlite; rm -f a/state.sqlite-shm")
    }

    private func damageRow() throws {
        try Program.sqlite("update state set document = replace(document, 'kept', 'kepp')", in: place)
    }

    /// Opens a store whose model has its defaults, since its row is damaged and in quarantine.
    private func openWithQuarantine() throws -> State {
        try damageRow()
        let state = try State(cache: .directory(place))
        try state.load(chris, onCorrupt: .useDefaults)
        return state
    }

    @discardableResult private func shell(_ command: String) throws -> String {
        let ending = try Program.run("/bin/sh", ["-ec", "cd \"$0\"; \(command)", directory.path])
        try #require(ending.status == 0, "\(command): \(ending.errors)")
        return ending.output
    }

    private func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: place).sorted() }

    /// The content of all files of the store, but for the lock.
    private func contents() throws -> [String: Data] {
        var found: [String: Data] = [:]
        for name in try files() where name != "state.lock" {
            found[name] = try Data(contentsOf: URL(filePath: "\(place)/\(name)"))
        }
        return found
    }

    // MARK: Directories in the making

    @Test(arguments: ["ln -s", "cp -r"]) func aDirectoryThatIsThereIsNotUsed(_ plant: String) throws {
        try store("kept")
        try shell("cp -r a victim; cp -r victim before")
        _ = try SQLiteStore.backUp(place, to: copy)
        // The names that can be foreseen.
        for name in ["copy2.making-\(getpid())", "a/restoring-\(getpid())"] {
            try shell("\(plant) \"$PWD/victim\" \(name)")
        }
        _ = try SQLiteStore.backUp(place, to: directory.path + "/copy2")
        try shell("echo bad > bad")
        #expect(throws: StateError.self) { try SQLiteStore.restore(directory.path + "/bad", to: place) }
        _ = try SQLiteStore.restore(copy, to: place)
        try shell("diff -r victim before")
        #expect(try shell("ls copy2.making-\(getpid())").contains("state.sqlite"))
    }

    @Test func aDirectoryIsMadeUnlessTheNameIsTaken() throws {
        try shell("mkdir a victim; ln -s ../victim a/link; ln -s nowhere a/dangling; mkdir a/there; touch a/file")
        let parent = try StoreDirectory(place, sharing: try FileSharing(group: nil))
        for name in ["link", "dangling", "there", "file"] { #expect(try parent.makeDirectory(name) == nil) }
        let made = try #require(try parent.makeDirectory("new"))
        #expect(try shell("stat -c %a a/new") == "700\n")
        made.remove("new", from: parent)
        #expect(try files() == ["dangling", "file", "link", "there"])
    }

    @Test func whatAKilledRestoreHasLeftIsRemoved() throws {
        try store("kept")
        _ = try SQLiteStore.backUp(place, to: copy)
        try shell("mkdir victim; cp copy victim/state.sqlite; mkdir a/restoring-1a2b3c4d a/restoring-notes")
        try shell("cp copy a/restoring-1a2b3c4d/state.sqlite; ln -s ../victim a/restoring-5")
        _ = try SQLiteStore.restore(copy, to: place)
        let left = try files().filter { $0.hasPrefix("restoring-") }
        #expect(left == ["restoring-5", "restoring-notes"])
        #expect(try shell("ls victim") == "state.sqlite\n")
    }

    @Test func eachRestoreKeepsWhatItReplaces() throws {
        try store("0")
        _ = try SQLiteStore.backUp(place, to: copy)
        var kept: [String] = []
        for name in ["1", "2", "3"] {
            try store(name)
            kept.append(try #require(try SQLiteStore.restore(copy, to: place).former))
        }
        #expect(Set(kept).count == 3)
        for (name, former) in zip(["1", "2", "3"], kept) {
            #expect(try Program.sqlite("select document from state", in: former).contains("\"\(name)\""))
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func filesThatRootRestoresBelongToTheOwnerOfTheStore() throws {
        try store("kept")
        _ = try SQLiteStore.backUp(place, to: copy)
        try shell("rm a/state.lock; chown -R 65534:65533 a")
        _ = try SQLiteStore.restore(copy, to: place)
        #expect(try shell("find a -printf '%U:%G\\n' | sort -u") == "65534:65533\n")
        try shell("rm a/state.*")
        _ = try SQLiteStore.restore(copy, to: place)
        #expect(try shell("find a -printf '%U:%G\\n' | sort -u") == "65534:65533\n", "the owner of the directory")
    }

    // MARK: What is not valid

    @Test func aLogOfAnotherDatabaseIsNeitherCopiedNorCleared() throws {
        try splice()
        let before = try contents()
        let opened = #expect(throws: StateError.self) { _ = try openWithUser() }
        #expect(opened?.message.contains("is the log of another database") == true)
        let backup = #expect(throws: StateError.self) { try SQLiteStore.backUp(place, to: copy) }
        #expect(backup?.message == opened?.message)
        let clearing = #expect(throws: StateError.self) { try SQLiteStore.clearQuarantine(of: place) }
        #expect(clearing?.message == opened?.message)
        #expect(try contents() == before)
        #expect(try shell("ls").contains("copy") == false)
    }

    @Test func aDamagedModelIsCopiedAndTold() throws {
        try store("kept")
        try damageRow()
        let backup = try SQLiteStore.backUp(place, to: copy)
        #expect(backup.models == 1 && backup.damaged == ["User"])
        let restored = try SQLiteStore.restore(copy, to: place)
        #expect(restored.models == 1 && restored.damaged == ["User"])
    }

    @Test(arguments: [
        ("echo nothing > bad", "file is not a database"), (": > bad", "bad is empty"),
        ("sqlite3 bad 'create table notes (text)'", "bad is a database of another program"),
        ("cp copy bad; printf 'xxxxxxxx' | dd of=bad bs=1 seek=1024 conv=notrunc status=none", "bad"),
        (":", "There is no file"),
    ])
    func aCopyThatCannotBeUsedIsNamedAndTheStateStays(_ command: String, _ expected: String) throws {
        try store("kept")
        _ = try SQLiteStore.backUp(place, to: copy)
        try shell(command)
        let before = try contents()
        let bad = directory.path + "/bad"
        let error = try #require(throws: StateError.self) { try SQLiteStore.restore(bad, to: place) }
        let message = error.message
        #expect(message.contains(bad) && message.contains(expected), "\(message)")
        #expect(message.contains("Name another copy"), "\(message)")
        #expect(message.hasSuffix("The state was left as it is.") && !message.contains("restoring"), "\(message)")
        #expect(try contents() == before)
    }

    @Test func aDamagedStoreIsNamedByABackup() throws {
        try store("kept")
        let damage = "pragma writable_schema = on; update sqlite_schema set sql = 'create tible' where name = 'state'"
        try Program.sqlite(damage, in: place)
        let error = #expect(throws: StateError.self) { try SQLiteStore.backUp(place, to: copy) }
        #expect(error?.message.contains("\(place)/state.sqlite cannot be used") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("making") == false)
    }

    @Test func aPathWhereALinkIsIsNotTheTargetOfABackup() throws {
        try store("kept")
        try shell("ln -s nowhere copy")
        let error = #expect(throws: StateError.self) { try SQLiteStore.backUp(place, to: copy) }
        let expected = "\(copy) is there already, a symbolic link, and is left as it is. Name a path where nothing is."
        #expect(error?.message == expected)
    }

    // MARK: Quarantine

    @Test func aClearedQuarantineOfAStoppedStoreLeavesNoLog() throws {
        try store("kept")
        try shell("cp a/state.sqlite older")
        let state = try openWithQuarantine()
        state.close()
        #expect(try SQLiteStore.clearQuarantine(of: place) == 1)
        #expect(try files() == ["state.lock", "state.sqlite"])
        try shell("cp older a/state.sqlite")
        #expect(try openWithUser().checkout(User.self).name == "kept")
    }

    @Test func aQuarantineIsClearedWithTheLogOfAKilledProcess() throws {
        try store("kept")
        let state = try openWithQuarantine()
        try state.update(User.self, cache: true) { $0.name = "later" }
        try kill(state)
        #expect(try SQLiteStore.clearQuarantine(of: place) == 1)
        #expect(try SQLiteStore.quarantine(of: place) == [])
        #expect(try openWithUser().checkout(User.self).name == "later")
    }

    @Test func aQuarantineIsClearedWhileTheStateIsUsed() throws {
        try store("kept")
        let state = try openWithQuarantine()
        #expect(try SQLiteStore.clearQuarantine(of: place) == 1)
        try state.update(User.self, cache: true) { $0.name = "later" }
        state.close()
        #expect(try openWithUser().checkout(User.self).name == "later")
    }
}
