import Foundation
import Myosin
import TestSupport
import Testing

@Suite struct SQLiteStoreTests {
    let directory: TemporaryDirectory
    private var nested: String { directory.path + "/a/b" }

    init() throws { directory = try TemporaryDirectory() }

    private func makeState() throws -> State { try State.withModels(.directory(nested)) }

    private func sqlite(_ sql: String) throws -> String { try Program.sqlite(sql, in: nested) }

    @Test func cachedCommitsSurviveARestartAndOthersDoNot() throws {
        let first = try makeState()
        try first.update(User.self, cache: true) { $0.name = "cS" }
        try first.update(System.self) { $0.restarts = 1 }
        let (user, system) = (try first.checkout(User.self), try first.checkout(System.self))
        first.close()
        let second = try makeState()
        #expect(try second.checkout(User.self) == user)
        #expect(try second.checkout(System.self).restarts == 0)
        #expect(try second.checkout(System.self).checkedOutRevision > system.checkedOutRevision)
    }

    @Test func numbersAreNotUsedTwiceWhenTheProcessIsKilled() throws {
        // A killed process closes nothing: what it leaves is a copy of the files of an open state.
        let first = try makeState()
        try first.update(System.self) { $0.restarts = 1 }
        let last = try first.checkout(System.self).checkedOutRevision
        let copy = directory.path + "/copy"
        try FileManager.default.copyItem(atPath: nested, toPath: copy)
        let second = try State(cache: .directory(copy), limits: .patient)
        #expect(try second.load(System(id: "s1")).checkedOutRevision > last)
    }

    @Test func resetClearsTheStore() throws {
        let first = try makeState()
        try first.update(User.self, cache: true) { $0.name = "cS" }
        try first.reset()
        first.close()
        #expect(try sqlite("select count(*) from state") == "0\n")
        #expect(try makeState().checkout(User.self).name == "chris")
    }

    @Test func theDatabaseIsAPleasantRead() throws {
        let state = try makeState()
        try state.update(User.self, cache: true) { $0.name = "cS" }
        let revision = try state.checkout(User.self).checkedOutRevision
        #expect(
            try sqlite("select model, revision, document from state")
                == #"User|\#(revision)|{"id":"u1","name":"cS","email":"chris@email.com"}"# + "\n"
        )
    }

    @Test func aDirectoryOfAnotherProcessIsRefusedWithTheNumberOfThatOne() throws {
        try makeState().close()
        let command = ["--no-fork", "\(nested)/state.lock", "sh", "-c", "echo held; exec cat"]
        let holder = try PipedProgram("/usr/bin/flock", command, hasInput: true)
        #expect(holder.read(upTo: patience) == Array("held\n".utf8))
        let error = #expect(throws: StateError.self) { _ = try State(cache: .directory(nested), limits: .patient) }
        #expect(error?.code == .storeInUse)
        #expect(error?.message.contains("is in use by process \(holder.processNumber). Stop that one") == true)
        _ = holder.end(with: SIGKILL)
    }

    @Test func aSecondStateOnTheDirectoryIsToldThatThisProcessHasIt() throws {
        let first = try makeState()
        let error = #expect(throws: StateError.self) { _ = try State(cache: .directory(nested), limits: .patient) }
        #expect(error?.code == .storeInUse)
        #expect(
            error?.message
                == "The cache directory \(nested) is open in another State of this process already. Share that state, as "
                + "State.shared or by passing it on, or close it first."
        )
        first.close()
        _ = try State(cache: .directory(nested), limits: .patient)
    }

    @Test(arguments: [
        ("create table notes (text)", StateError.Code.storeCorrupt, "is a database of another program"),
        (
            "pragma application_id = 1299804019; pragma user_version = 3; create table state (x)", .storeNewer,
            "version 3"
        ),
    ])
    func aDatabaseThatIsNotOursIsRefusedAndLeft(_ sql: String, _ code: StateError.Code, _ phrase: String) throws {
        try FileManager.default.createDirectory(atPath: nested, withIntermediateDirectories: true)
        _ = try sqlite(sql)
        let before = try Data(contentsOf: URL(filePath: nested + "/state.sqlite"))
        for _ in 1...2 {
            let error = #expect(throws: StateError.self) { _ = try State(cache: .directory(nested), limits: .patient) }
            #expect(error?.code == code && error?.message.contains(phrase) == true)
        }
        #expect(try Data(contentsOf: URL(filePath: nested + "/state.sqlite")) == before)
    }

    @Test func aClosedStoreIsNotOpenedAnew() throws {
        let store = try SQLiteStore(directory: nested)
        store.close(numbersUsed: nil)
        let error = #expect(throws: StateError.self) { _ = try store.load() }
        #expect(error?.code == .closed)
        #expect(throws: StateError.self) { try store.commit(StoreBatch(numbersReserved: 1)) }
    }

    @Test func aFileInPlaceOfTheDirectoryIsRefused() throws {
        try Data().write(to: URL(filePath: directory.path + "/a"))
        let error = #expect(throws: StateError.self) { _ = try State(cache: .directory(nested), limits: .patient) }
        #expect(error?.code == .storeNotDirectory)
    }

    @Test(arguments: [
        ("a changed row", "update state set document = replace(document, 'cS', 'cT')", StateError.Code.storeCorrupt)
    ])
    func damageIsRefusedAndLeftAsItIs(_ what: String, _ sql: String, _ code: StateError.Code) throws {
        let first = try makeState()
        try first.update(User.self, cache: true) { $0.name = "cS" }
        first.close()
        _ = try sqlite(sql)
        let error = #expect(throws: StateError.self) { _ = try makeState() }
        #expect(error?.code == code && error?.model == "User")
        #expect(try sqlite("select document from state").contains("cT"))
    }

    @Test func anOlderDocumentIsMigratedAndSetAside() throws {
        struct UserTwo: StateModel {
            static let modelName = "User"
            static let schemaVersion = 2
            var id = ModelID()
            var fullName: String
            var language = "en"

            static func migrate(_ document: inout JSONObject, from version: Int) throws {
                document.rename("name", to: "fullName")
            }
        }
        let first = try makeState()
        try first.update(User.self, cache: true) { $0.name = "cS" }
        first.close()
        let second = try State(cache: .directory(nested), limits: .patient)
        let user = try second.load(UserTwo(fullName: "nobody"))
        #expect(user.model == UserTwo(id: "u1", fullName: "cS", language: "en"))
        #expect(try sqlite("select model, reason from quarantine") == "User|migrated from schema version 1 to 2\n")
        try second.update(UserTwo.self, cache: true) { $0.language = "de" }
        second.close()
        let third = try State(cache: .directory(nested), limits: .patient)
        let error = #expect(throws: StateError.self) { try third.load(chris) }
        #expect(error?.code == .newerDocument)
    }
}
