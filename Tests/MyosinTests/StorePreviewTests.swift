import Foundation
import TestSupport
import Testing

@testable import Myosin

/// A look at a store finds what a start would, and changes nothing.
@Suite struct StorePreviewTests {
    private let directory: TemporaryDirectory
    private var place: String { directory.path + "/state" }

    init() throws { directory = try TemporaryDirectory() }

    private func open() throws -> SQLiteStore { try SQLiteStore(directory: place) }

    private func document(_ model: String, _ revision: UInt64, _ text: String = "{}") -> StoredDocument {
        StoredDocument(model: model, schemaVersion: 1, revision: revision, time: 1, text: Array(text.utf8))
    }

    /// Looks, and makes sure that nothing has changed.
    private func preview() throws -> SQLiteStore.Preview {
        let before = try directory.contents()
        let seen = try SQLiteStore.preview(place)
        #expect(try directory.contents() == before)
        return seen
    }

    private func expectSameError(_ code: StateError.Code) throws {
        let before = try directory.contents()
        let seen = #expect(throws: StateError.self) { try SQLiteStore.preview(place) }
        #expect(try directory.contents() == before)
        let thrown = #expect(throws: StateError.self) {
            let store = try open()
            defer { store.close(numbersUsed: nil) }
            _ = try store.load()
        }
        #expect(seen?.code == code && seen?.message == thrown?.message, "\(String(describing: seen))")
    }

    @Test func whatIsMissingStaysMissing() throws {
        let seen = try preview()
        #expect(seen.place == .missing && seen.content.documents.isEmpty && seen.holder == nil)
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        #expect(try preview().place == .empty)
        try Data("no directory".utf8).write(to: URL(filePath: "\(directory.path)/file"))
        let error = #expect(throws: StateError.self) { try SQLiteStore.preview("\(directory.path)/file/a/b") }
        #expect(error?.code == .storeNotDirectory)
        try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/link", withDestinationPath: "nowhere")
        let dangling = #expect(throws: StateError.self) { try SQLiteStore.preview("\(directory.path)/link/a") }
        #expect(dangling?.message.contains("a symbolic link that leads nowhere") == true)
    }

    /// A store as a running, a killed and a stopped program leave it, with a log that is short, long or gone.
    @Test(arguments: [1, 40, 2_500]) func theDocumentsAreThoseOfTheStore(_ commits: Int) throws {
        let store = try open()
        _ = try store.load()
        for number in 1...UInt64(commits) {
            try store.commit(
                StoreBatch(documents: [document("A", number, #"{"n":\#(number)}"#), document("B\(number % 7)", number)])
            )
            _ = try store.upkeep()
        }
        let running = try preview()
        #expect(running.place == .database && running.holder == "process \(getpid())")
        #expect(running.content.documents.first { $0.model == "A" }?.revision == UInt64(commits))
        #expect(running.content.remarks.isEmpty, "\(running.content.remarks)")
        let copy = directory.path + "/copy"
        try FileManager.default.copyItem(atPath: place, toPath: copy)
        try FileManager.default.removeItem(atPath: copy + "/state.sqlite-shm")
        store.close(numbersUsed: nil)
        let stopped = try preview()
        #expect(stopped.content.documents == running.content.documents && stopped.holder == nil)
        let again = try open()
        #expect(try again.load().documents == stopped.content.documents)
        again.close(numbersUsed: nil)
        // As after a crash; a copied lock file is noticed, as by a start.
        let crashed = try SQLiteStore.preview(copy)
        #expect(crashed.content.documents == running.content.documents)
        let copied = try SQLiteStore(directory: copy)
        defer { copied.close(numbersUsed: nil) }
        #expect(crashed.content.remarks.count == (try copied.load().remarks.count))
    }

    @Test func aTransactionThatIsNotWholeCountsForNothing() throws {
        let store = try open()
        _ = try store.load()
        try store.commit(StoreBatch(documents: [document("A", 1)]))
        try store.commit(
            StoreBatch(documents: [document("A", 2, #"{"long":"\#(String(repeating: "x", count: 9_000))"}"#)])
        )
        let copy = directory.path + "/copy"
        try FileManager.default.copyItem(atPath: place, toPath: copy)
        store.close(numbersUsed: nil)
        let log = URL(filePath: copy + "/state.sqlite-wal")
        let bytes = try Data(contentsOf: log)
        for cut in stride(from: bytes.count - 1, to: 0, by: -1_511) {
            try bytes.prefix(cut).write(to: log)
            for file in ["state.sqlite-shm", "state.lock"] {
                try? FileManager.default.removeItem(atPath: "\(copy)/\(file)")
            }
            let seen = Result { try SQLiteStore.preview(copy).content.documents }
            // SQLite itself, on a copy of the copy.
            let other = directory.path + "/other"
            try FileManager.default.copyItem(atPath: copy, toPath: other)
            let opened = try SQLiteStore(directory: other)
            let loaded = Result { try opened.load().documents }
            opened.close(numbersUsed: nil)
            try FileManager.default.removeItem(atPath: other)
            switch (seen, loaded) {
            case (.success(let seen), .success(let loaded)): #expect(seen == loaded, "cut at \(cut)")
            case (.failure(let seen as StateError), .failure(let loaded as StateError)):
                #expect(seen.code == loaded.code)
            default: Issue.record("cut at \(cut): \(seen) and \(loaded)")
            }
        }
    }

    @Test func whatAStartRefusesIsRefused() throws {
        func make() throws {
            try? FileManager.default.removeItem(atPath: place)
            let store = try open()
            _ = try store.load()
            try store.commit(StoreBatch(documents: [document("A", 1)]))
            store.close(numbersUsed: nil)
        }
        try make()
        try Program.sqlite("pragma user_version = 99", in: place)
        try expectSameError(.storeNewer)
        try make()
        try Program.sqlite("update numbers set value = value - 1", in: place)
        try expectSameError(.storeCorrupt)
        try make()
        let file = URL(filePath: place + "/state.sqlite")
        var bytes = try Data(contentsOf: file)
        for index in 1_024..<2_048 { bytes[index] = 0xa5 }
        try bytes.write(to: file)
        try expectSameError(.storeCorrupt)
        try Data("This is no database, but a text of some length.".utf8).write(to: file)
        try expectSameError(.storeCorrupt)
        try Data().write(to: file)
        try expectSameError(.storeCorrupt)
        try make()
        try Data("a log".utf8).write(to: URL(filePath: place + "/state.sqlite-wal"))
        try FileManager.default.removeItem(at: file)
        try expectSameError(.storeCorrupt)
    }

    @Test func aDatabaseThatAnotherProgramHasLockedIsRefused() throws {
        let store = try open()
        _ = try store.load()
        store.close(numbersUsed: nil)
        let script = """
            import signal, sqlite3, sys
            database = sqlite3.connect(sys.argv[1] + "/state.sqlite", isolation_level=None)
            database.execute("pragma locking_mode = exclusive")
            database.execute("begin exclusive")
            print("locked", flush=True)
            signal.pause()
            """
        let program = try Program("/usr/bin/env", ["python3", "-c", script, place])
        defer { _ = program.end(with: SIGKILL) }
        _ = program.output(until: { $0.contains("locked") })
        let seen = #expect(throws: StateError.self) { try SQLiteStore.preview(place) }
        let thrown = #expect(throws: StateError.self) {
            let store = try SQLiteStore(directory: place, options: .init(), lockWait: .zero, numbersReserved: 1)
            defer { store.close(numbersUsed: nil) }
            _ = try store.load()
        }
        #expect(
            seen?.code == .storeInUse && seen?.message == thrown?.message,
            "\(String(describing: seen)) \(String(describing: thrown))"
        )
    }

    @Test func aDamagedRowAndAFileOfPythonAreSeen() throws {
        let store = try open()
        _ = try store.load()
        try store.commit(StoreBatch(documents: [document("A", 1, #"{"a":1}"#)]))
        store.close(numbersUsed: nil)
        try Program.sqlite("update state set document = '{}'", in: place)
        try Data(#"{"b":2}"#.utf8).write(to: URL(filePath: place + "/B.json"))
        let documents = try preview().content.documents
        #expect(documents.map(\.model) == ["A", "B"] && documents.map(\.isIntact) == [false, true])
        #expect(documents.map(\.revision) == [1, 0])
    }

    @Test func aMissingDatabaseIsRemembered() throws {
        let store = try open()
        _ = try store.load()
        try store.commit(StoreBatch(documents: [document("A", 7)]))
        store.close(numbersUsed: nil)
        try FileManager.default.removeItem(atPath: place + "/state.sqlite")
        let seen = try preview()
        #expect(seen.place == .empty && seen.content.remarks.first?.contains("7 was the last revision in it") == true)
    }

    /// A writer that is never at rest does not look damaged.
    @Test func aBusyStoreIsSeenAsItIs() async throws {
        let script = """
            import os, sqlite3, sys
            database = sqlite3.connect(sys.argv[1] + "/state.sqlite", isolation_level=None)
            database.execute("pragma wal_autocheckpoint = 20")
            number = 0
            while not os.path.exists(sys.argv[1] + "/over"):
                number += 1
                database.execute("insert into quarantine values ('A', 1, ?, ?, 1, 'test', 0)", (number, "x" * 3000))
                if number % 50 == 0: database.execute("delete from quarantine")
                if number == 1: print("writing", flush=True)
            """
        let store = try open()
        _ = try store.load()
        try store.commit(StoreBatch(documents: [document("A", 1, #"{"a":1}"#)]))
        store.close(numbersUsed: nil)
        let writer = try Program("/usr/bin/env", ["python3", "-c", script, place])
        try await onThread {
            _ = writer.output(until: { $0.contains("writing") })
            for _ in 1...40 {
                let documents = Result { try SQLiteStore.preview(place).content.documents.map(\.isIntact) }
                if case .failure(let error as StateError) = documents {
                    // A store that is written all the time is reported as in use.
                    #expect(error.code == .storeInUse, "\(error)")
                } else {
                    #expect(try documents.get() == [true])
                }
            }
            try Data().write(to: URL(filePath: place + "/over"))
        }
        #expect(writer.end().status == 0)
    }
}
