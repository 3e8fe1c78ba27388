import Foundation
import TestSupport
import Testing

/// A reverse proxy of Debian's, which listens at an address.
final class ProxyServer {
    /// The kinds of proxies, by the language of their blocks in the manual.
    enum Kind: String, CaseIterable, Sendable {
        case nginx, caddyfile, haproxy
    }

    private let program: Program

    /// Starts a proxy and waits for its port.
    ///
    /// - Parameters:
    ///   - kind: the program.
    ///   - configuration: its configuration; for nginx what is inside of `http`.
    ///   - address: where the configuration listens.
    ///   - directory: where the program keeps its files.
    /// - Throws: when it does not start.
    init(_ kind: Kind, _ configuration: String, at address: String, in directory: TemporaryDirectory) async throws {
        let path = directory.path
        let file = "\(path)/\(kind)"
        try Self.complete(configuration, of: kind, path).write(toFile: file, atomically: true, encoding: .utf8)
        let program: Program
        switch kind {
        case .nginx: program = try Program("/usr/sbin/nginx", ["-p", path, "-c", file, "-e", "stderr"])
        case .caddyfile:
            let arguments = ["run", "--config", file, "--adapter", "caddyfile"]
            program = try Program("/usr/bin/caddy", arguments, environment: ["HOME": path, "XDG_DATA_HOME": path])
        case .haproxy: program = try Program("/usr/sbin/haproxy", ["-db", "-f", file])
        }
        self.program = program
        try await until { (try? RawConnection(address)) != nil || !program.isRunning }
        try #require(program.isRunning, "\(kind) has not started: \(program.end().errors)")
    }

    deinit { stop() }

    /// Stops it.
    ///
    /// A thread of tests blocks other signals, and so would the programs that it has started.
    func stop() { _ = program.end(with: SIGKILL) }

    /// The configuration with what a test needs around it: no process in the background, and no file or port but its own.
    private static func complete(_ configuration: String, of kind: Kind, _ directory: String) -> String {
        switch kind {
        case .nginx:
            let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map { "\($0)_temp_path \(directory)/\($0);" }
            return """
                daemon off;
                master_process off;
                pid \(directory)/pid;
                events {}
                http {
                    access_log off;
                    \(folders.joined(separator: " "))
                    \(configuration)
                }
                """
        case .caddyfile:
            return """
                {
                    admin off
                    auto_https disable_redirects
                    skip_install_trust
                }
                \(configuration)
                """
        case .haproxy: return configuration
        }
    }
}
