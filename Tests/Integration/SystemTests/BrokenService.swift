import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// A service that something is done to.
final class BrokenService {
    let address: String
    private let program: PipedProgram
    private var lines = LineSplitter()
    /// The number that was put last; an equal value is no change.
    private var samples = 0

    /// Starts the probe with its words; a limit of open files is set where one is given.
    convenience init(_ words: [String], maxOpenFiles: Int = 1_024) throws {
        let probe = Program.path(of: "service-probe")
        try self.init(command: ["/bin/sh", "-c", "ulimit -n \(maxOpenFiles); exec \"$@\"", "sh", probe] + words)
    }

    /// Starts the probe in a file system of its own, which is soon full.
    convenience init(onSmallFileSystem directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let script = "mount -t tmpfs -o size=1m none \"$0\"; exec \"$@\""
        try self.init(
            command: ["/usr/bin/unshare", geteuid() == 0 ? "-m" : "-rm", "/bin/sh", "-ec", script, directory]
                + [Program.path(of: "service-probe"), directory]
        )
    }

    private init(command: [String]) throws {
        program = try PipedProgram(command[0], command.dropFirst() + ["patient"], hasInput: true)
        var lines = LineSplitter()
        address = try Self.line(of: program, &lines)
        self.lines = lines
    }

    private static func line(of program: PipedProgram, _ lines: inout LineSplitter) throws -> String {
        while true {
            let bytes = try #require(program.read(upTo: patience), "the probe has ended")
            try #require(!bytes.isEmpty, "the probe says nothing")
            if let line = lines.lines(adding: bytes).first { return line }
        }
    }

    /// Has it do something, and waits until it says that it has.
    func tell(_ command: String, expecting answer: String) throws {
        program.write(Array("\(command)\n".utf8))
        #expect(try Self.line(of: program, &lines) == answer)
    }

    /// Changes its models this often in memory, which takes processor time.
    func work(_ count: Int) throws {
        program.write(Array("commit \(count)\n".utf8))
        #expect(try Self.line(of: program, &lines).hasPrefix("nanoseconds="))
    }

    /// Kills the process.
    func kill() { #expect(program.end(with: SIGKILL) == SIGKILL) }

    /// Changes the model Slot00, durably; the status of the answer.
    func put() throws -> Int {
        samples += 1
        return try put("\(samples)", to: "samples")
    }

    /// Sends a change that is not valid; the status of the answer.
    func putInvalid() throws -> Int { try put("\"many\"", to: "samples") }

    /// The same with a value that is too large for the log of the store.
    func putLarge() throws -> Int { try put("\"\(String(repeating: "x", count: 40_000))\"", to: "state") }

    private func put(_ value: String, to field: String) throws -> Int {
        let curl = try Program.run(
            "/usr/bin/curl",
            ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "-d", value] + Service.curlLimit
                + ["\(address)/state/Slot00/\(field)"]
        )
        return try #require(Int(curl.output), "curl says: \(curl.errors)")
    }

    /// Whether the process has counted anything in these families that took longer than the alerts allow, a quarter of a second.
    func hasSlowOnes(in families: [String]) throws -> Bool {
        // Of each family and model, how many were in time, and how many there are.
        var counts: [String: (inTime: String, all: String)] = [:]
        for line in try metrics().matches(of: #/(?m)^(\w+)_bucket\{model="(\w+)",le="(0\.25|\+Inf)"\} (\d+)$/#)
        where families.contains(String(line.1)) {
            let count = String(line.4)
            if line.3 == "+Inf" {
                counts["\(line.1) \(line.2)", default: ("", "")].all = count
            } else {
                counts["\(line.1) \(line.2)", default: ("", "")].inTime = count
            }
        }
        try #require(!counts.isEmpty, "the page has no \(families)")
        return counts.values.contains { $0.inTime != $0.all }
    }

    /// Sends bytes that are no request, and is refused.
    func refuse() throws {
        let connection = try RawConnection(address)
        try connection.send(Array("GET\r\n\r\n".utf8))
        _ = try connection.readToEnd()
    }

    /// How many file descriptors it has open.
    func openFiles() throws -> Int {
        let line = try #require(try metrics().firstMatch(of: #/(?m)^process_open_fds (\d+)$/#))
        return try #require(Int(line.1))
    }

    /// The processor time that it has taken, in seconds.
    func processorTime() throws -> Double {
        let line = try #require(try metrics().firstMatch(of: #/(?m)^process_cpu_seconds_total ([\d.]+)$/#))
        return try #require(Double(line.1))
    }

    private func metrics() throws -> String {
        let curl = try Program.run("/usr/bin/curl", ["-sSf", "\(address)/metrics"] + Service.curlLimit)
        try #require(curl.status == 0, "curl says: \(curl.errors)")
        return curl.output
    }

    /// A client that watches a model of this service for as long as it is there.
    func watch() throws -> RawConnection {
        let connection = try RawConnection(address)
        try connection.send(Array("GET /state/Slot00?watch HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        return connection
    }
}
