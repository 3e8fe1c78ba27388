import Foundation
import Primitives
import TestSupport
import Testing

@testable import Myosin

/// The kernel's reports of what others do to the files of a store; StoreEndTests has what the engine does then.
@Suite struct DirectoryWatchTests {
    private let directory: TemporaryDirectory
    private var place: String { directory.path + "/top/state" }

    init() throws {
        directory = try TemporaryDirectory()
        try shell("mkdir -p top/state; echo 1 > top/state/file; ln top/state/file link")
    }

    private func shell(_ command: String) throws {
        let ending = try Program.run("/bin/sh", ["-ec", "cd \"$0\"; \(command)", directory.path])
        try #require(ending.status == 0, "\(command): \(ending.errors)")
    }

    @Test(arguments: [
        "echo 2 > top/state/file", ": > top/state/file", "truncate -s 1 top/state/file", "rm top/state/file",
        "mv top/state/file top/state/other", "mv top/state/file .", "echo 1 > new; mv new top/state/file",
        "touch top/state/new", "chmod 600 top/state/file", "rm -r top/state", "mv top/state away", "mv top away",
    ])
    func whatIsDoneToTheFilesIsReported(_ command: String) async throws {
        let reports = Lock(0)
        let watch = try #require(DirectoryWatch(place) { reports.withLock { $0 += 1 } })
        // Reading is nothing to report, and neither is what is done beside it.
        try shell("cat top/state/file; ls top/state; touch top/beside beside; cat top/beside")
        #expect(reports.withLock { $0 } == 0)
        try shell(command)
        try await until { reports.withLock { $0 } == 1 }
        // Once is enough.
        try shell("mkdir -p top/state; touch top/state/more")
        watch.end()
        watch.end()
        #expect(reports.withLock { $0 } == 1)
    }

    @Test func itEndsWithoutALeak() async throws {
        func descriptors() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
                .count {
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))
                        == "anon_inode:inotify"
                }
        }
        let reports = Lock(0)
        for _ in 0..<300 { DirectoryWatch(place) { reports.withLock { $0 += 1 } }?.end() }
        // One that is let go of ends too.
        for _ in 0..<300 { _ = DirectoryWatch(place) { reports.withLock { $0 += 1 } } }
        try await until { try descriptors() == 0 }
        try shell("touch top/state/new")
        #expect(reports.withLock { $0 } == 0)
    }

    @Test func whatCannotBeWatchedIsNot() throws {
        #expect(DirectoryWatch("\(directory.path)/missing") {} == nil)
        #expect(DirectoryWatch("\(place)/file") {} == nil)
        // A file system whose changes do not all come through this kernel as those of files.
        #expect(DirectoryWatch("/proc") {} == nil)
    }
}
