import Foundation
import Glibc
import Primitives
import TestSupport
import Testing

@testable import Myosin

/// Logs that another program truncates during a commit, so that they have a hole.
@Suite struct CutOffLogTests {
    private let directory: TemporaryDirectory
    private var place: String { directory.path + "/a" }
    private var log: String { place + "/state.sqlite-wal" }

    init() throws { directory = try TemporaryDirectory() }

    private func openDatabase() throws -> SQLiteDatabase {
        let store = try StoreDirectory(place, sharing: try FileSharing(group: nil))
        _ = try DirectoryLock(store)
        return try SQLiteDatabase(store, mayCreate: true, lockWait: .zero, incarnation: "k3f9", maxQuarantined: 1)
    }

    /// A batch whose document takes some pages.
    private func batch(_ revision: UInt64, of model: String = "User", bytes: Int = 3_000) -> StoreBatch {
        let text = [UInt8](repeating: UInt8(ascii: "a") + UInt8(revision % 26), count: bytes)
        let document = StoredDocument(model: model, schemaVersion: 1, revision: revision, time: 1, text: text)
        return StoreBatch(documents: [document], expectedRevisions: [model: revision - 1])
    }

    /// From the start of the file to the end of the last frame; a frame has 1048 bytes.
    @Test(arguments: [0, 8, 32, 40, 32 + 500, 32 + 1_048, 32 + 2 * 1_048 + 30, -1_048, -600, -300])
    func aCommitBehindAHoleIsRefused(size: Int) throws {
        let database = try openDatabase()
        try database.commit(batch(1))
        try database.commit(batch(2))
        let former = try #require(FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
        // As if it happened after the store has checked the files, and before it writes the batch.
        try #require(truncate(log, size < 0 ? former + size : size) == 0)
        let error = #expect(throws: StateError.self) { try database.commit(batch(3)) }
        #expect(error?.code == .storeReplaced)
        #expect(error?.message.contains("state.sqlite-wal") == true)
    }

    /// Also if no commit has detected it.
    @Test(arguments: [0, 32 + 500, -1_048, -1_030]) func aHoleIsNotCopiedIntoTheDatabase(size: Int) throws {
        let database = try openDatabase()
        var revision: UInt64 = 0
        while !database.isLogLong {
            revision += 1
            try database.commit(batch(revision, bytes: 100_000))
        }
        try database.commit(batch(revision + 1))
        let former = database.logBytes
        try #require(truncate(log, size < 0 ? former + size : size) == 0)
        try #require(truncate(log, former) == 0)
        let content = try Data(contentsOf: URL(filePath: "\(place)/state.sqlite"))
        #expect(throws: StateError.self) { try database.shortenLog() }
        #expect(try Data(contentsOf: URL(filePath: "\(place)/state.sqlite")) == content)
    }

    /// A hole that is there at the first check.
    @Test func aFileOfZerosIsNoLog() {
        var log = WrittenLog()
        #expect(
            log.check(3) { bytes, _ in
                bytes.copyBytes(from: [UInt8](repeating: 0, count: bytes.count)); return 0
            } != 0
        )
    }

    /// SQLite restarts the log in the same file, which is no truncation.
    @Test func aRestartedLogIsWhole() throws {
        let database = try openDatabase()
        var revision: UInt64 = 0
        for bytes in [100, 60_000, 3_000] {
            for _ in 0..<5 {
                revision += 1
                try database.commit(batch(revision, bytes: bytes))
            }
            while !database.isLogLong {
                revision += 1
                try database.commit(batch(revision, bytes: 100_000))
            }
            #expect(try database.shortenLog())
        }
        let found = try Program.sqlite("pragma integrity_check; select revision from state", in: place)
        #expect(found.split(separator: "\n") == ["ok", "\(revision)"])
    }

    /// Truncates while the files are made, during commits and during checkpoints.
    ///
    /// Only during a checkpoint can that damage the database, and the store reports it.
    @Test func nothingIsLostInSilence() async throws {
        var (intact, told) = (0, 0)
        for seed in 0..<UInt64(rounds(50)) {
            let place = "\(directory.path)/\(seed)"
            // The store could not be opened, with an error, and nothing was committed.
            guard let last = try await lastOfCommits(at: place, seed) else { continue }
            if last.isTold {
                told += 1
                continue
            }
            let state = try State(cache: .directory(place), limits: .patient)
            try state.load(chris)
            #expect(try state.checkout(User.self).name == last.name, "seed \(seed)")
            intact += 1
        }
        #expect(intact > told, "\(intact) are intact, \(told) are damaged")
    }

    /// Commits while another thread truncates the log, and closes the store once that thread has ended.
    ///
    /// - Returns: the last committed name, and whether the log says that the store may lack it; nil if the store could not be opened.
    private func lastOfCommits(at place: String, _ seed: UInt64) async throws -> (name: String, isTold: Bool)? {
        let (isOpen, hasEnded, isDone, cuts) = (Gate(), Gate(), Lock(false), Lock(0))
        // Every second time before there are files.
        if seed.isMultiple(of: 2) { isOpen.open() }
        async let cutter: Void = onThread {
            defer { hasEnded.open() }
            isOpen.wait()
            let path = place + "/state.sqlite-wal"
            var random = SeededRandom(seed: seed)
            while !isDone.withLock({ $0 }) {
                usleep(UInt32.random(in: 0...20_000, using: &random))
                var information = stat()
                guard stat(path, &information) == 0, information.st_size > 0 else { continue }
                let end = random.chance(50) ? 0 : Int.random(in: 0..<Int(information.st_size), using: &random)
                if truncate(path, end) == 0 { cuts.withLock { $0 += 1 } }
            }
        }
        let last = try await onThread { () -> (name: String, isTold: Bool)? in
            defer { isDone.withLock { $0 = true } }
            let log = RecordedLog()
            let state = try? State(cache: .directory(place), logger: log.logger, limits: .quickReopening)
            isOpen.open()
            guard let state, (try? state.load(chris)) != nil else { return nil }
            var (name, number) = (chris.name, 0)
            // A store that is damaged early has no log to cut off.
            while number < 30 || number < 3_000 && cuts.withLock({ $0 }) < 2 {
                number += 1
                let new = String(repeating: "\(number) ", count: number % 30 * 300)
                if (try? state.update(User.self, cache: true) { $0.name = new }) != nil { name = new }
            }
            isDone.withLock { $0 = true }
            hasEnded.wait()
            state.close()
            return (name, log.lines.contains { $0.message.contains("may lack what was published last") })
        }
        try await cutter
        return last
    }
}
