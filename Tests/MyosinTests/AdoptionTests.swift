import Foundation
import Logging
import Myosin
import TestSupport
import Testing

/// Files that Python myosin has left in the cache directory; `PythonMyosinTests` has the real one write them.
@Suite struct AdoptionTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func open() throws -> State { try State(cache: .directory(directory.path), limits: .patient) }

    private func write(_ text: String, to name: String = "User.json") throws {
        try Data(text.utf8).write(to: URL(filePath: directory.path + "/" + name))
    }

    private func read(_ name: String = "User.json") throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: directory.path + "/" + name)), as: UTF8.self)
    }

    private func sqlite(_ sql: String) throws -> String { try Program.sqlite(sql, in: directory.path) }

    private static let left = #"{"id": "u7", "name": "cS", "email": "c@s", "timestamp": 1661661213.072657}"#

    @Test func aFileIsAdoptedOnceAndStaysAsItIs() throws {
        try write(Self.left)
        let first = try open()
        #expect(try first.load(chris).model == User(id: "u7", name: "cS", email: "c@s"))
        #expect(
            try sqlite("select model, schema_version, revision, document, reason from quarantine")
                == "User|0|0|\(Self.left)|adopted from User.json from schema version 0 to 1\n"
        )
        #expect(try sqlite("select document from state") == #"{"id":"u7","name":"cS","email":"c@s"}"# + "\n")
        try first.update(User.self, cache: true) { $0.name = "changed" }
        first.close()
        let second = try open()
        #expect(try second.load(chris).name == "changed")
        #expect(try sqlite("select count(*) from quarantine") == "1\n")
        #expect(try read() == Self.left)
    }

    @Test(arguments: [true, false]) func aResetDoesNotBringTheFileBack(isLoaded: Bool) throws {
        try write(Self.left)
        let first = try open()
        if isLoaded { try first.load(chris) }
        try first.reset()
        first.close()
        #expect(try open().load(chris).name == "chris")
        #expect(try read() == Self.left)
    }

    @Test func theModelMigratesFromVersionZero() throws {
        struct Renamed: StateModel {
            static let modelName = "User"
            static let schemaVersion = 5
            var id = ModelID()
            var fullName = ""
            static func migrate(_ document: inout JSONObject, from version: Int) throws {
                if version == 0 { document.rename("name", to: "fullName") }
            }
        }
        try write(Self.left)
        #expect(try open().load(Renamed()).fullName == "cS")
    }

    @Test(arguments: [
        (#"{"id": "u7", "name": NaN, "email": "c@s"}"#, "column 22"), (#"{"id": "u7", "name": "c"#, "end"),
        (#"{"id": "u7", "name": 7, "email": "c@s"}"#, "/name"), ("", "empty"), ("[]", "object"),
        (#"{"id": "u7", "name": "c", "email": "nowhere"}"#, "/email"),
    ])
    func aFileThatCannotBeUsedIsToldByName(_ text: String, _ reason: String) throws {
        try write(text)
        let state = try open()
        for _ in 1...2 {
            let error = #expect(throws: StateError.self) { try state.load(chris) }
            #expect(error?.code == .corruptDocument)
            #expect(error?.message.hasPrefix("The file User.json in the cache directory ") == true)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
        #expect(try state.load(chris, onCorrupt: .useDefaults).name == "chris")
        state.close()
        #expect(try open().load(chris).name == "chris")
        #expect(try read() == text)
    }

    @Test func otherFilesAreNotLookedAt() throws {
        for name in ["not a model.json", ".json", "User.json.bak", "User.txt", "9.json"] { try write("{", to: name) }
        try FileManager.default.createDirectory(
            atPath: directory.path + "/User.json",
            withIntermediateDirectories: false
        )
        let state = try open()
        #expect(try state.load(chris).name == "chris")
    }

    @Test func theStoreWinsOverAFileThatAppearsLater() throws {
        let first = try open()
        try first.load(chris)
        try first.update(User.self, cache: true) { $0.name = "stored" }
        first.close()
        try write(Self.left)
        #expect(try open().load(chris).name == "stored")
    }
}
