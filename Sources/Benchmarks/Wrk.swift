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

    /// Requests answered in a second, without a single error.
    func requestsPerSecond(_ address: String, _ path: String, directory: String) throws -> Double {
        var arguments = ["-t1", "-c\(connections)", "-d\(seconds)s"]
        if let script = script ?? body.map({ "wrk.method = 'PUT'\nwrk.body = [[\($0)]]\n" }) {
            let file = "\(directory)/requests.lua"
            try Data(script.utf8).write(to: URL(filePath: file))
            arguments += ["-s", file]
        }
        let ending = try Program.run("/usr/bin/wrk", arguments + ["http://\(address)\(path)"])
        let lines = ending.output.split(separator: "\n")
        if let error = lines.first(where: { $0.contains("Socket errors") || $0.contains("Non-2xx") }) {
            throw VoidRun(description: "wrk:\(error)")
        }
        guard let line = lines.first(where: { $0.hasPrefix("Requests/sec:") }),
            let number = Double(line.dropFirst(13).drop { $0 == " " }), number > 0
        else { throw VoidRun(description: "wrk: \(ending.output)\(ending.errors)") }
        return number
    }
}
