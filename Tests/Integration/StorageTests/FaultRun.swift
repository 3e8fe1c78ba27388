import Foundation
import TestSupport

/// One run of the probe whose system calls on the store fail as strace makes them.
struct FaultRun: Sendable {
    /// A directory that has been used for a while.
    struct Template: Sendable {
        let directory: TemporaryDirectory
        /// What its process has said.
        let lines: [StormLine]
    }

    /// What the probe has said.
    let lines: [StormLine]
    /// How many calls have failed; where none was to fail, how often each was made by the thread that made it most.
    let calls: [String: Int]
    /// What is wrong, a sentence each.
    private(set) var wrongs: [String] = []

    /// The codes of the errors that were thrown.
    var codes: Set<String> {
        Set(
            lines.compactMap { line in
                if case .failed(_, let code) = line { code } else { nil }
            }
        )
    }

    /// The system calls that work on files, as the store may make them.
    private static let fileCalls = [
        "access", "close", "faccessat2", "fallocate", "fchmod", "fchown", "fcntl", "fdatasync", "flock", "fstat",
        "fsync",
        "ftruncate", "getdents64", "link", "lseek", "lstat", "mkdir", "mmap", "mremap", "msync", "munmap", "newfstatat",
        "open",
        "openat", "pread64", "preadv", "pwrite64", "pwritev", "read", "readlink", "rename", "rmdir", "stat", "statx",
        "unlink",
        "unlinkat", "utimensat", "write", "writev",
    ]

    /// Runs the probe, and looks afterwards at what it has left.
    ///
    /// - Parameters:
    ///   - fault: what fails; nil for nothing.
    ///   - template: the directory of which a copy is opened; nil to begin with none.
    /// - Throws: when strace can't be started.
    init(_ fault: Fault?, from template: Template?) throws {
        let directory = try TemporaryDirectory()
        let (trace, store) = (directory.path + "/trace", directory.path + "/a")
        if let template { try FileManager.default.copyItem(atPath: template.directory.path, toPath: store) }
        let files = ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm", "state.lock"].map { "\(store)/\($0)" }
        let calls = fault?.call ?? Self.fileCalls.map { "?\($0)" }.joined(separator: ",")
        // What lasts for ever is tried for a moment only.
        let isLasting = fault?.when == .forEver
        let trying = isLasting ? "200" : patience.inMilliseconds
        // A call that may hang is given up soon. Any other returns, however late that is on a busy machine.
        let wait = fault?.mayHang != true ? Duration.beyondPatience.inMilliseconds : isLasting ? "300" : "1000"
        let ending = try Program.run(
            "/usr/bin/strace",
            ["-f", "--seccomp-bpf", "-e", "trace=\(calls)", "-o", trace] + ([store] + files).flatMap { ["-P", $0] }
                + (fault.map { ["-e", "inject=\($0)"] } ?? [])
                + [Program.path(of: "storage-probe"), "faults", store, "12", trying, wait]
        )
        lines = ending.output.split(separator: "\n").compactMap { StormLine($0) }
        self.calls = Self.count(try String(contentsOfFile: trace, encoding: .utf8), isFailing: fault != nil)
        if ending.status != 0 || ending.isSignalled {
            wrongs.append("It has ended with \(ending.status): \(ending.errors.suffix(500))")
        }
        if let fault, !codes.isSubset(of: fault.expectedCodes) {
            wrongs.append("It has told \(codes.sorted()), not \(fault.expectedCodes.sorted()).")
        }
        check(store, template: template, lasts: isLasting)
    }

    private static func count(_ trace: String, isFailing: Bool) -> [String: Int] {
        var counts: [Substring: [String: Int]] = [:]
        for line in trace.split(separator: "\n") {
            // A call that another thread's has interrupted takes two lines in the trace, the second with the result.
            guard let match = line.firstMatch(of: #/^(\d+) +(<\.\.\. )?([a-z0-9_]+)/#) else { continue }
            if isFailing ? line.hasSuffix("(INJECTED)") : match.2 == nil {
                counts[match.1, default: [:]][String(match.3), default: 0] += 1
            }
        }
        return counts.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: isFailing ? (+) : max) }
    }

    private mutating func check(_ store: String, template: Template?, lasts: Bool) {
        let hasOpened = lines.contains { $0.commitRevision != nil }
        if lines.first != .opening || hasOpened && !lasts && lines.last != .works || !hasOpened && codes.isEmpty {
            wrongs.append("Commits do not work again: \(lines.suffix(5))")
        }
        do {
            var ledger = Ledger()
            if let template { ledger.acknowledge(template.lines) }
            ledger.take(lines)
            ledger.take(found: try Storm.found(in: store))
            wrongs += ledger.faults
        } catch {
            wrongs.append("What it has left cannot be opened: \(error)")
        }
    }
}

extension Duration {
    /// Whole milliseconds, as the probe takes them.
    var inMilliseconds: String { "\(Int(self / .milliseconds(1)))" }
}
