package import TestSupport

/// One of the product's executables, listening on a port that the system picked.
package struct Service {
    /// Why a service or curl cannot be used.
    package struct Failure: Error, CustomStringConvertible {
        /// What the program says.
        package let description: String
    }

    /// The process.
    package let program: Program
    /// `127.0.0.1:` and the port, also where it listens on all addresses.
    package let address: String

    /// The models of the example as files.
    package static let exampleModels = repository + "/docker/models"
    /// Flags for deadlines of an hour each: by default the server cuts off clients that a busy machine holds up for some seconds.
    package static let longDeadlines = ["header", "body", "idle", "write"].flatMap { ["--web.\($0)-timeout", "1h"] }
    /// Arguments that limit a request of curl to ``patience``.
    package static let curlLimit = ["--max-time", "\(patience.components.seconds)"]

    /// Starts it; of a deadline's flag, the one in `arguments` counts.
    ///
    /// - Parameters:
    ///   - executable: the executable's name.
    ///   - arguments: its further arguments.
    ///   - host: the address to listen on.
    ///   - softFileLimit: the soft limit of open files that it starts with; nil for that of the tests.
    ///   - environment: variables that it has beside those of the tests.
    /// - Throws: when it has not started.
    package init(
        _ executable: String,
        _ arguments: [String],
        listening host: String = "127.0.0.1",
        softFileLimit: Int? = nil,
        environment: [String: String] = [:]
    ) throws {
        let needsModels = executable == "myosin-exporter" && !arguments.contains("--state.models")
        let models = needsModels ? ["--state.models", Self.exampleModels] : []
        let limit = softFileLimit.map { "ulimit -S -n \($0) && " } ?? ""
        program = try Program(
            "/bin/sh",
            ["-c", "\(limit)exec \"$0\" \"$@\"", Program.path(of: executable)]
                + Self.longDeadlines + arguments + models + ["--web.listen-address", "\(host):0"],
            environment: environment
        )
        // The log lists other sockets, which have no port, first.
        func port(in log: String) -> Substring? { log.firstMatch(of: #/"?address"?[=:]\S+:(\d+)"?}?\n/#)?.1 }
        let log = program.errors { port(in: $0) != nil }
        guard let port = port(in: log) else {
            throw Failure(description: "\(executable) has not started: \(log)")
        }
        address = "127.0.0.1:\(port)"
    }

    /// What curl gets: the status and the body.
    package func curl(_ path: String, _ arguments: String...) throws -> (status: Int, body: String) {
        let ending = try Program.run(
            "/usr/bin/curl",
            ["-sS", "-w", "\n%{http_code}"] + Self.curlLimit + arguments + [address + path]
        )
        let lines = ending.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard let status = lines.last.flatMap({ Int($0) }) else {
            throw Failure(description: "curl says: \(ending.errors)")
        }
        let body = lines.dropLast().joined(separator: "\n")
        if path.hasPrefix("/metrics"), status == 200, !arguments.contains("-D"), !arguments.contains("-i") {
            try PageCheck.check(body)
        }
        return (status, body)
    }

    /// The command by which a shell waits until a service answers at a URL, whose process it has started last; it ends with the
    /// process, or after ``patience``.
    package static func shellWait(for url: String) -> String {
        let curl = "curl -s -o /dev/null \(curlLimit.joined(separator: " ")) \(url)"
        let rounds = Int(patience / .milliseconds(50))
        return "for round in $(seq \(rounds)); do \(curl) && break; kill -0 $! 2> /dev/null || break; sleep 0.05; done"
    }
}
