internal import Foundation
internal import TestSupport

/// Reading one document, against nginx that sends a file of the same bytes.
struct NginxScenario: Scenario {
    var name: String { "GET, 32 connections, nginx" }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let directory = "\(measuring.directory)/nginx"
        try FileManager.default.createDirectory(atPath: "\(directory)/state", withIntermediateDirectories: true)
        try Data(BenchmarkServer.document.utf8).write(to: URL(filePath: "\(directory)/state/M"))
        let address = try freeAddress(on: "127.0.0.1")
        try Data(Self.configuration(directory, address).utf8).write(to: URL(filePath: "\(directory)/nginx.conf"))
        let nginx = try Program("/usr/sbin/nginx", ["-p", directory, "-c", "\(directory)/nginx.conf", "-e", "stderr"])
        defer { _ = nginx.end(with: SIGTERM) }
        try Self.waitForStart(directory)
        let wrk = Wrk(connections: 32, seconds: measuring.seconds)
        let ours = try ServerProcess.ours(in: measuring.directory)
        let pairs = try measuring.pairs {
            try wrk.requestsPerSecond(ours.address, "/state/M", directory: directory)
        } _: {
            try wrk.requestsPerSecond(address, "/state/M", directory: directory)
        }
        return Comparison(name: name, unit: "requests/s", peer: "nginx, a file", pairs: pairs, bar: .atLeast(1.2))
    }

    /// Waits for the file that nginx writes once it listens, so that nobody else is measured in its place.
    private static func waitForStart(_ directory: String) throws {
        let end = ContinuousClock.now + .seconds(10)
        while !FileManager.default.fileExists(atPath: "\(directory)/pid") {
            guard .now < end else { throw VoidRun(description: "nginx does not start") }
            usleep(10_000)
        }
    }

    private static func configuration(_ directory: String, _ address: String) -> String {
        """
        daemon off;
        master_process off;
        worker_processes 1;
        pid \(directory)/pid;
        events { worker_connections 1024; }
        http {
            access_log off;
            keepalive_requests 100000000;
            default_type application/json;
            client_body_temp_path \(directory)/body;
            proxy_temp_path \(directory)/proxy;
            fastcgi_temp_path \(directory)/fastcgi;
            uwsgi_temp_path \(directory)/uwsgi;
            scgi_temp_path \(directory)/scgi;
            server { listen \(address); root \(directory); }
        }
        """
    }
}
