import Foundation
import Logging
import TestSupport
import Testing

@testable import Myosin

/// Files of a store that are removed or replaced while nothing is committed, until the process ends and afterwards.
@Suite struct StoreEndTests {
    private let directory: TemporaryDirectory
    private let log = RecordedLog()
    private var place: String { directory.path + "/a" }

    init() throws { directory = try TemporaryDirectory() }

    private func open(checkPause: Duration = .seconds(3_600)) throws -> State {
        let limits = EngineLimits(
            storeWait: .beyondPatience,
            storeLockWait: patience,
            reopeningPause: .milliseconds(1),
            maxReopeningPause: .milliseconds(1),
            storeCheckPause: checkPause
        )
        let state = try State(cache: .directory(place), logger: log.logger, limits: limits)
        try state.load(chris)
        return state
    }

    private func shell(_ command: String) throws {
        let ending = try Program.run("/bin/sh", ["-ec", "cd \"$0\"; \(command)", directory.path])
        try #require(ending.status == 0, "\(command): \(ending.errors)")
    }

    /// As when it was removed between a look at the files and their opening.
    @Test func anEmptyDatabaseIsNotMadeInThePlaceOfOneThatIsKnown() throws {
        let store = try StoreDirectory(place, sharing: try FileSharing(group: nil))
        let error = #expect(throws: StateError.self) {
            try SQLiteDatabase(store, mayCreate: false, lockWait: .zero, incarnation: "k3f9", maxQuarantined: 1)
        }
        #expect(error?.code == .storeReplaced)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place) == [])
    }

    /// Commands that succeed even while the store recreates its files.
    private static let removals = [
        "rm -f a/state.sqlite*", "rm a/state.sqlite", "rm -f a/state.sqlite-wal", "rm -f a/*",
        "until rm -r a; do :; done", "mv a b", "mv a b; mkdir -p a", "mv a/state.sqlite b", ": > a/state.sqlite-wal",
    ]

    @Test(arguments: removals, [true, false])
    func whatIsPublishedIsWrittenBeforeTheEnd(_ removal: String, hasWritten: Bool) async throws {
        var state = try open()
        try state.blocking.update(User.self, cache: true) { $0.name = "kept" }
        if !hasWritten {
            state.close()
            state = try open()
            // It begins a log by itself.
            try await until { state.sample("myosin_store_log_bytes") ?? 0 > 0 }
        }
        try shell(removal)
        state.close()
        #expect(try open().checkout(User.self).name == "kept")
    }

    @Test(arguments: removals) func aLossIsFoundWithoutACommit(_ removal: String) async throws {
        let state = try open(checkPause: .milliseconds(5))
        try state.blocking.update(User.self, cache: true) { $0.name = "kept" }
        try shell(removal)
        try await until { log.lines.contains { $0.level == .error } }
        // The command may have removed some files while others were made again, which the next look finds. A commit succeeds only
        // with all of them in place.
        try await until { (try? state.update(User.self, cache: true) { $0.email += "x" }) != nil }
        #expect(try Program.sqlite("select document from state", in: place).contains("kept"))
    }

    /// Another database in its place belongs to the operator, so the published values cannot be kept.
    @Test func aDatabaseThatWasReplacedIsToldAtTheEnd() throws {
        let state = try open()
        try state.update(User.self, cache: true) { $0.name = "first" }
        try shell("cp -r a b")
        try state.update(User.self, cache: true) { $0.name = "second" }
        try shell("mv b/state.sqlite a/state.sqlite")
        let former = try Data(contentsOf: URL(filePath: "\(place)/state.sqlite"))
        state.close()
        #expect(try Data(contentsOf: URL(filePath: "\(place)/state.sqlite")) == former)
        #expect(log.lines.contains { $0.level == .error && $0.message.contains("may lack what was published last") })
    }

    @Test func aDatabaseThatIsMissingIsToldAtTheStart() throws {
        var state = try open()
        try state.update(User.self, cache: true) { $0.name = "lost" }
        state.close()
        #expect(!log.lines.contains { $0.level >= .warning })
        try shell("rm a/state.sqlite*")
        state = try open()
        #expect(try state.checkout(User.self).name == "chris")
        #expect(log.lines.contains { $0.level == .warning && $0.message.hasPrefix("The database is missing") })
        // Once.
        try state.update(User.self, cache: true) { $0.name = "new" }
        state.close()
        let count = log.lines.count
        state = try open()
        #expect(!log.lines.dropFirst(count).contains { $0.level >= .warning })
    }
}
