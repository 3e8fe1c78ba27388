internal import Foundation
internal import TestSupport

/// The load generator: one thread, keep-alive connections.
struct Wrk {
    let connections: Int
    let seconds: Int
    /// The body of PUT requests; GET without one.
    var body: String?
    /// A script in Lua that makes the requests.
    var script: String?
    var acceptsGzip = false
    /// How many seconds an answer may take before it is an error; more than two only where thousands wait in turn.
    var patienceSeconds = 2

    /// Requests answered in a second, without a single error.
    func requestsPerSecond(_ address: String, _ path: String, directory: String) throws -> Double {
        var arguments = ["-t1", "-c\(connections)", "-d\(seconds)s"]
        if let script = script ?? body.map({ "wrk.method = 'PUT'\nwrk.body = [[\($0)]]\n" }) {
            let file = "\(directory)/requests.lua"
            try Data(script.utf8).write(to: URL(filePath: file))
            arguments += ["-s", file]
        }
        return try number(of: #/Requests.sec: *([0-9.]+)/#, in: run(arguments, address, path))
    }

    /// The time that half of the requests took no longer than, without a single error.
    func medianMicroseconds(_ address: String, _ path: String) throws -> Double {
        let coding = acceptsGzip ? ["-H", "Accept-Encoding: gzip"] : []
        let output = try run(["-t1", "-c\(connections)", "-d\(seconds)s", "--latency"] + coding, address, path)
        let units = ["us": 1.0, "ms": 1_000, "s": 1_000_000]
        guard let match = output.firstMatch(of: #/ 50% +[0-9.]+([a-z]+)/#), let unit = units[String(match.1)] else {
            throw VoidRun(description: "wrk: \(output)")
        }
        return try number(of: #/ 50% +([0-9.]+)/#, in: output) * unit
    }

    private func run(_ arguments: [String], _ address: String, _ path: String) throws -> String {
        let patience = ["--timeout", "\(patienceSeconds)s"]
        let ending = try Program.run("/usr/bin/wrk", arguments + patience + ["http://\(address)\(path)"])
        if let error = ending.output.split(separator: "\n")
            .first(where: { $0.contains("Socket errors") || $0.contains("Non-2xx") })
        {
            throw VoidRun(description: "wrk:\(error)")
        }
        return ending.output + ending.errors
    }

    private func number(of pattern: Regex<(Substring, Substring)>, in output: String) throws -> Double {
        guard let match = output.firstMatch(of: pattern), let number = Double(match.1), number > 0 else {
            throw VoidRun(description: "wrk: \(output)")
        }
        return number
    }
}
