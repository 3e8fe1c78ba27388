import Foundation
import Myosin
import TestSupport
import Testing

/// A database whose file is not what was written: cut off, or with a bit that has changed.
@Suite struct DamageTests {
    /// What can be read of a store; nil with the error's code where something cannot.
    private enum Reading: Equatable {
        case content([String], numbersAbove: Bool)
        case refused(String)
    }

    private let original: TemporaryDirectory
    private let whole: [UInt8]
    private let before: [String]
    private let highest: UInt64

    /// Makes a store with documents of many lengths and something in quarantine.
    init() throws {
        original = try TemporaryDirectory()
        let store = try SQLiteStore(directory: original.path)
        let documents = (0..<20)
            .map { index in
                let text = #"{"id":\#(index),"note":"\#(String(repeating: "n", count: index * index * 5))"}"#
                let model = "Model\(index)"
                return StoredDocument(model: model, schemaVersion: 1, revision: 90, time: 1.5e9, text: Array(text.utf8))
            }
        try store.commit(StoreBatch(documents: documents, numbersReserved: 1_000))
        try store.commit(StoreBatch(setAside: [.init(documents[3], reason: "kept")]))
        highest = try store.load().numbersReserved
        store.close(numbersUsed: nil)
        whole = Array(try Data(contentsOf: URL(filePath: original.path + "/state.sqlite")))
        before = documents.map { "\($0)" }.sorted()
    }

    private func read(_ bytes: [UInt8]) throws -> Reading {
        let directory = try TemporaryDirectory()
        try Data(bytes).write(to: URL(filePath: directory.path + "/state.sqlite"))
        try FileManager.default.copyItem(atPath: original.path + "/state.lock", toPath: directory.path + "/state.lock")
        defer {
            // Whatever was found, the file is there still.
            #expect(FileManager.default.fileExists(atPath: directory.path + "/state.sqlite"))
        }
        do {
            let store = try SQLiteStore(directory: directory.path)
            defer { store.close(numbersUsed: nil) }
            let content = try store.load()
            if let damaged = content.documents.first(where: { !$0.isIntact }) {
                return .refused("row \(damaged.model)")
            }
            let texts = content.documents.map { "\($0)" }.sorted()
            return .content(texts, numbersAbove: content.numbersReserved >= highest)
        } catch let error as StateError {
            return .refused(error.code.description)
        }
    }

    private var intact: Reading { .content(before, numbersAbove: true) }

    /// Every bit of some bytes, or all bytes where `MYOSIN_DAMAGES` is `all`: nothing is lost or changed in silence.
    @Test func aFlippedBitChangesNothingInSilence() throws {
        let wantsAll = ProcessInfo.processInfo.environment["MYOSIN_DAMAGES"] == "all"
        var random = SeededRandom(seed: 7)
        // Some of them by chance, beside the first one of the file and those where the notes of documents begin.
        let note = Array(repeating: UInt8(ascii: "n"), count: 20)
        let notes = whole.indices.dropFirst().filter { whole[$0 - 1] != note[0] && whole[$0...].starts(with: note) }
        let places =
            wantsAll
            ? Array(whole.indices) : [0] + notes + (0..<400).map { _ in Int.random(in: whole.indices, using: &random) }
        var found: [String: Int] = [:]
        for place in places {
            var bytes = whole
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let reading = try read(bytes)
            switch reading {
            case .refused(let code): found[code.hasPrefix("row") ? "row" : code, default: 0] += 1
            case .content:
                found["unharmed", default: 0] += 1
                #expect(reading == intact, "byte \(place)")
            }
        }
        print("\(places.count) bits flipped in \(whole.count) bytes: \(found.sorted { $0.key < $1.key })")
        #expect(found["row", default: 0] > 0 && found["storeCorrupt", default: 0] > 0, "Void: nothing was damaged.")
        let codes: Set = ["row", "unharmed", "storeCorrupt", "storeNewer", "storeFailed"]
        #expect(Set(found.keys).isSubset(of: codes))
    }

    @Test func aFileThatIsCutOffIsRefused() throws {
        for length in stride(from: 1, to: whole.count, by: 331) {
            let reading = try read(Array(whole[..<length]))
            switch reading {
            case .content: #expect(reading == intact, "cut to \(length) bytes")
            case .refused(let code): #expect(code == "storeCorrupt" || code.hasPrefix("row"), "cut to \(length) bytes")
            }
        }
        #expect(try read(whole) == intact)
    }

    /// SQLite takes an empty file for a new database, which it is only while the directory is new too.
    @Test func anEmptyFileIsNotANewStore() throws {
        #expect(try read([]) == .refused("storeCorrupt"))
        let directory = try TemporaryDirectory()
        try Data().write(to: URL(filePath: directory.path + "/state.sqlite"))
        _ = try SQLiteStore(directory: directory.path)
    }

    @Test func aFileThatWasMovedAwayIsMadeAnew() throws {
        try FileManager.default.removeItem(atPath: original.path + "/state.sqlite")
        let store = try SQLiteStore(directory: original.path)
        #expect(try store.load().documents == [])
    }
}
