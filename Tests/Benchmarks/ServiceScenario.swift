internal import Foundation
internal import TestSupport

/// The whole service with its engine and store, against servers that do less or something alike.
struct ServiceScenario: Scenario {
    enum Peer {
        /// The reference server, which sends the same bytes.
        case reference
        /// etcd's JSON gateway, which writes a value of the same size.
        case etcd
        /// redis with `appendfsync always`, likewise.
        case redis
    }

    let name: String
    let connections: Int
    let peer: Peer
    let bar: Double

    /// `GET /state/M` from the service.
    static func get(connections: Int) -> ServiceScenario {
        ServiceScenario(
            name: "GET /state/M, \(connections) connections",
            connections: connections,
            peer: .reference,
            bar: 0.9
        )
    }

    /// Durable `PUT /state/M` of 64 models by 64 connections.
    static let putAgainstEtcd = ServiceScenario(
        name: "durable PUT /state/M, etcd",
        connections: 64,
        peer: .etcd,
        bar: 3
    )
    static let putAgainstRedis = ServiceScenario(
        name: "durable PUT /state/M, redis",
        connections: 64,
        peer: .redis,
        bar: 0.6
    )

    func compare(_ measuring: Measuring) throws -> Comparison {
        let directory = "\(measuring.directory)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let ours = try ServerProcess(Program.path(of: "service-probe"), ["\(directory)/state"])
        let seconds = measuring.seconds
        let pairs: [(ours: Double, peer: Double)]
        switch peer {
        case .reference:
            let wrk = Wrk(connections: connections, seconds: seconds)
            let reference = try ServerProcess.reference(in: directory)
            pairs = try measuring.pairs {
                try wrk.requestsPerSecond(ours.address, "/state/Slot00", directory: directory)
            } _: {
                try wrk.requestsPerSecond(reference.address, "/state/Slot00", directory: directory)
            }
        case .etcd:
            let etcd = try Etcd(in: directory)
            defer { etcd.stop() }
            pairs = try measuring.pairs {
                try put(ours.address, seconds, directory)
            } _: {
                try Wrk(connections: connections, seconds: seconds, script: Etcd.script)
                    .requestsPerSecond(etcd.address, "/v3/kv/put", directory: directory)
            }
        case .redis:
            let redis = try Redis(in: directory)
            defer { redis.stop() }
            pairs = try measuring.pairs {
                try put(ours.address, seconds, directory)
            } _: {
                try redis.writesPerSecond(connections: connections, seconds: seconds)
            }
        }
        return Comparison(
            name: name,
            unit: "requests/s",
            peer: "\(peer)",
            pairs: pairs,
            bar: .atLeast(bar)
        )
    }

    private func put(_ address: String, _ seconds: Int, _ directory: String) throws -> Double {
        try Wrk(connections: connections, seconds: seconds, script: Wrk.writing(Wrk.slots))
            .requestsPerSecond(address, "/", directory: directory)
    }
}

/// Debian's etcd on a free port, with a directory of its own.
private final class Etcd {
    let address: String
    private let program: Program

    init(in directory: String) throws {
        address = try freeAddress(on: "127.0.0.1")
        let peers = try freeAddress(on: "127.0.0.1")
        program = try Program(
            "/usr/bin/etcd",
            [
                "--data-dir=\(directory)/etcd", "--listen-client-urls=http://\(address)",
                "--advertise-client-urls=http://\(address)", "--listen-peer-urls=http://\(peers)",
                "--initial-advertise-peer-urls=http://\(peers)", "--initial-cluster=default=http://\(peers)",
                "--logger=zap",
            ]
        )
        let log = program.errors {
            $0.contains("ready to serve client requests") || $0.contains("serving client traffic")
        }
        guard log.contains("serv") else { throw VoidRun(description: "etcd does not start: \(log.suffix(300))") }
    }

    func stop() { _ = program.end(with: SIGTERM) }

    /// A key of 64, and a value of the size of our document, both in base64 as the gateway wants them.
    static let script = """
        local count = 0
        local value = string.rep("QUJD", 33)
        local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        request = function()
            count = count + 1
            local digit = string.sub(digits, count % 64 + 1, count % 64 + 1)
            return wrk.format("POST", "/v3/kv/put", {["Content-Type"] = "application/json"},
                '{"key":"c2xv' .. digit .. 'A==","value":"' .. value .. '"}')
        end
        """
}

/// Debian's redis on a free port, with a directory of its own.
private final class Redis {
    private let port: Substring
    private let program: Program

    init(in directory: String) throws {
        let address = try freeAddress(on: "127.0.0.1")
        guard let port = address.split(separator: ":").last else { throw VoidRun(description: "no port for redis") }
        self.port = port
        try FileManager.default.createDirectory(atPath: "\(directory)/redis", withIntermediateDirectories: true)
        program = try Program(
            "/usr/bin/redis-server",
            [
                "--bind", "127.0.0.1", "--port", "\(port)", "--dir", "\(directory)/redis", "--appendonly", "yes",
                "--appendfsync", "always", "--save", "",
            ]
        )
        let log = program.output { $0.contains("Ready to accept connections") }
        guard log.contains("Ready") else { throw VoidRun(description: "redis does not start: \(log.suffix(300))") }
    }

    func stop() { _ = program.end(with: SIGTERM) }

    /// What redis' own benchmark writes: SET of 100 bytes to one of 64 keys.
    func writesPerSecond(connections: Int, seconds: Int) throws -> Double {
        let ending = try Program.run(
            "/usr/bin/redis-benchmark",
            [
                "-p", "\(port)", "-c", "\(connections)", "-n", "\(40_000 * seconds)", "-d", "100", "-r", "64", "-t",
                "set",
                "--csv",
            ]
        )
        // "test","rps",… and then "SET","65000.00",…
        let fields = ending.output.split(separator: "\n").last?.split(separator: ",") ?? []
        guard fields.count > 1, let number = Double(fields[1].filter { $0 != "\"" }), number > 0 else {
            throw VoidRun(description: "redis-benchmark: \(ending.output)\(ending.errors)")
        }
        return number
    }
}
