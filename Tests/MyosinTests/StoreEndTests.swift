import Foundation
import Logging
import Myosin
import TestSupport
import Testing

/// Files of a store that are removed or replaced while nothing is committed, until the process ends and afterwards.
@Suite struct StoreEndTests {
    private let directory: TemporaryDirectory
    private let log = RecordedLog()
    private var place: String { directory.path + "/a" }

    init() throws { directory = try TemporaryDirectory() }

    private func open(checkPause: Duration = .seconds(3_600)) throws -> State {
        let limits = EngineLimits(
            storeWait: .beyondPatience,
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

    private static let removals = [
        "rm a/state.sqlite*", "rm a/state.sqlite", "rm -f a/state.sqlite-wal", "rm a/*", "rm -r a", "mv a b",
        "mv a b; mkdir a", "mv a/state.sqlite b", ": > a/state.sqlite-wal",
    ]

    @Test(arguments: removals, [true, false])
    func whatIsPublishedIsWrittenBeforeTheEnd(_ removal: String, hasWritten: Bool) throws {
        var state = try open()
        try state.update(User.self, cache: true) { $0.name = "kept" }
        if !hasWritten {
            state.close()
            state = try open()
        }
        try shell(removal)
        state.close()
        #expect(try open().checkout(User.self).name == "kept")
    }

    @Test(arguments: removals) func aLossIsFoundWithoutACommit(_ removal: String) async throws {
        let state = try open(checkPause: .milliseconds(5))
        try state.update(User.self, cache: true) { $0.name = "kept" }
        try shell(removal)
        try await until { log.lines.contains { $0.level == .error } }
        try await state.untilStoreWorks()
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
