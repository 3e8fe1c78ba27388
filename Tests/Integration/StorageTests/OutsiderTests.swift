import Foundation
import Glibc
import Primitives
import TestSupport
import Testing

/// A program that commits, while somebody else removes, renames, replaces, cuts off, locks and protects its files.
@Suite struct OutsiderTests {
    /// How many directories, of 12 processes each: `MYOSIN_OUTSIDERS`, which `make fault-test` sets, or 12.
    private static let seeds =
        0..<(ProcessInfo.processInfo.environment["MYOSIN_OUTSIDERS"].flatMap { UInt64($0) } ?? 12)

    /// Nothing that was acknowledged is lost without an error or a warning, and no number comes again.
    @Test(arguments: seeds) func whatIsLostIsTold(seed: UInt64) async throws {
        let (faults, counts) = try await onThread {
            var outsider = try Outsider(seed: seed)
            for _ in 0..<12 where outsider.faults.isEmpty { try outsider.runProcess() }
            return (outsider.faults, outsider.counts)
        }
        for fault in faults { Issue.record("\(fault)") }
        // Otherwise it proves nothing.
        #expect(counts.commits > 0 && counts.operations > 0, "Void: \(counts)")
    }
}

/// One directory, on which one process runs after the other.
private struct Outsider {
    private let directory: TemporaryDirectory
    private var random: SeededRandom
    private var ledger = Ledger()
    /// What was done since the last process began, for messages.
    private var done: [String] = []
    private(set) var faults: [String] = []
    private(set) var counts = (commits: 0, operations: 0)

    private var place: String { directory.path + "/a" }
    private static let names = ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm", "state.lock"]

    init(seed: UInt64) throws {
        directory = try TemporaryDirectory()
        random = SeededRandom(seed: seed)
        try FileManager.default.createDirectory(atPath: directory.path + "/moved", withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: directory.path + "/linked", contents: Data("linked".utf8))
    }

    /// Runs a process, does something to its files, kills it, and looks whether what it finds is what was acknowledged.
    mutating func runProcess() throws {
        let keeper = try Keeper(place)
        defer { keeper.kill() }
        let opening = keeper.lines { lines in lines.contains { $0.outcome != nil } }
        check(opening, keeper)
        if opening.contains(where: { if case .failed("open", _) = $0 { true } else { false } }) {
            // It was told. The operator begins anew.
            done.append("begun anew")
            try? FileManager.default.removeItem(atPath: place)
            return
        }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            usleep(UInt32.random(in: 0...15_000, using: &random))
            try operate()
            counts.operations += 1
        }
        if random.chance(50) { heal() }
        keeper.mark()
        // Commits of both kinds that have begun after the last thing was done.
        _ = keeper.lines { $0.afterMark.count { $0.outcome != nil } >= 2 }
        keeper.kill()
        let all = keeper.lines { _ in false }
        let last = all.afterMark
        guard last.count(where: { $0.outcome != nil }) >= 2 else {
            return fail("The process has come to a halt or has ended by itself", keeper)
        }
        counts.commits += all.count(where: \.isDurable)
        // After commits of both kinds everything that was acknowledged is in the store, whatever was told before.
        let isSettled = ["First", "Left+Right"]
            .allSatisfy { kind in last.last { $0.outcome == kind }?.isDurable == true }
        if isSettled {
            ledger.take(all)
        } else {
            ledger = Ledger()
        }
    }

    private mutating func fail(_ what: String, _ keeper: Keeper) {
        faults.append("\(what), after: \(done.joined(separator: "; ")). It says: \(keeper.errors.suffix(1_000))")
    }

    /// Looks at what a process has found.
    private mutating func check(_ opening: [StormLine], _ keeper: Keeper) {
        if opening.contains(.warned) || opening.contains(where: { if case .failed = $0 { true } else { false } }) {
            ledger = Ledger()
        } else {
            ledger.take(found: opening.filter { if case .found = $0 { true } else { false } })
        }
        for fault in ledger.faults { fail(fault, keeper) }
        done = []
    }

    // MARK: What is done to the files

    private mutating func operate() throws {
        let name = Self.names[Int.random(in: 0..<4, using: &random)]
        let path = "\(place)/\(name)"
        switch Int.random(in: 0..<10, using: &random) {
        case 0: run("removed", name, unlink(path))
        case 1: run("renamed", name, rename(path, "\(directory.path)/moved/\(name)"))
        case 2: run("put back", name, rename("\(directory.path)/moved/\(name)", path))
        case 3:
            let other = "\(directory.path)/other"
            _ = try Program.run("/bin/cp", ["-a", path, other])
            run("replaced by its copy", name, rename(other, path))
        case 4: try replace(name, path)
        case 5, 6:
            var information = stat()
            let size = lstat(path, &information) == 0 ? Int(information.st_size) : 0
            let length = random.chance(30) ? 0 : Int.random(in: 0...max(1, size), using: &random)
            run("cut to \(length) of \(size)", name, truncate(path, length))
        case 7: try lock(name, path)
        case 8: run("protected", name, chmod(path, random.chance(50) ? 0 : 0o400))
        default: try writeInPlace(name, path)
        }
    }

    private mutating func run(_ what: String, _ name: String, _ result: Int32) {
        if result == 0 { done.append("\(name) \(what)") }
    }

    private mutating func replace(_ name: String, _ path: String) throws {
        let other = "\(directory.path)/other"
        switch Int.random(in: 0..<4, using: &random) {
        case 0: _ = FileManager.default.createFile(atPath: other, contents: Data())
        case 1: _ = FileManager.default.createFile(atPath: other, contents: Data("notes".utf8))
        // Within the directory, since much of what is done to a link is done to what it leads to.
        case 2: _ = symlink("\(directory.path)/linked", other)
        default: _ = mkfifo(other, 0o600)
        }
        run("replaced", name, rename(other, path))
    }

    /// Copies an older or newer file over it, as `cp` of a backup does: it is cut off first.
    private mutating func writeInPlace(_ name: String, _ path: String) throws {
        // Anything else may keep `cp` waiting.
        guard isRegular(path) else { return }
        let backup = "\(directory.path)/backup-\(name)"
        if FileManager.default.fileExists(atPath: backup) {
            let ending = try Program.run("/bin/cp", [backup, path])
            run("overwritten by its backup", name, ending.status)
        }
        _ = try Program.run("/bin/cp", [path, backup])
    }

    private func isRegular(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
    }

    /// Locks a file for a moment, as another program would.
    private mutating func lock(_ name: String, _ path: String) throws {
        let script = """
            import fcntl, sys, time
            file = open(sys.argv[1], "r+b")
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                # Its own locks are there: one byte between them is free, or none.
                sys.exit(1)
            time.sleep(0.1)
            """
        let ending = try Program.run("/usr/bin/env", ["python3", "-c", script, path])
        run("locked", name, ending.status)
    }

    /// Takes away what is not the process's own, as the messages say.
    private mutating func heal() {
        for name in Self.names {
            let path = "\(place)/\(name)"
            chmod(path, 0o600)
            if rename(path, "\(directory.path)/moved/healed-\(name)") == 0 { done.append("\(name) moved away") }
        }
    }
}

/// A process that commits until it is killed.
private final class Keeper: Sendable {
    private let program: PipedProgram
    private let said = Monitor<(lines: [StormLine], hasEnded: Bool)>(([], false))
    private let reader: WorkerThread
    private let log: String

    init(_ directory: String) throws {
        log = directory + "-\(UUID().uuidString).log"
        let command = "exec \"$0\" keep \"$1\" 2> \"$2\""
        let program = try PipedProgram(
            "/bin/sh",
            ["-c", command, Program.path(of: "storage-probe"), directory, log],
            hasInput: true
        )
        self.program = program
        reader = try WorkerThread { [said] in
            var splitter = LineSplitter()
            while let piece = program.read(upTo: patience), !piece.isEmpty {
                let lines = splitter.lines(adding: piece).compactMap { StormLine($0) }
                said.withLock { $0.lines += lines }
                said.notifyAll()
            }
            said.withLock { $0.hasEnded = true }
            said.notifyAll()
        }
    }

    /// What it has written to standard error.
    var errors: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// What it has said, once that is enough or it has ended.
    func lines(until isEnough: ([StormLine]) -> Bool) -> [StormLine] {
        said.wait(upTo: patience) { $0.hasEnded || isEnough($0.lines) ? $0.lines : nil } ?? []
    }

    /// Has it say ``StormLine/marked`` before the next commits.
    func mark() { program.write([0]) }

    func kill() {
        program.end(with: SIGKILL)
        reader.join()
    }
}

extension [StormLine] {
    /// What was said after the mark.
    fileprivate var afterMark: ArraySlice<StormLine> { firstIndex(of: .marked).map { self[($0 + 1)...] } ?? [] }
}

extension StormLine {
    /// Which commit has ended so; nil for other lines.
    fileprivate var outcome: String? {
        switch self {
        case .durable(let call, _, _), .failed(let call, _): call
        default: nil
        }
    }
}
