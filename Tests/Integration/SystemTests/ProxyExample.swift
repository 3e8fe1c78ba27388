import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// An example of the manual that runs: the service with its flags, and the proxy in front of it with its configuration.
///
/// Only addresses and paths of files are other ones than in the manual.
final class ProxyExample {
    /// The URL of the service behind the proxy, without a slash at its end.
    let url: String
    /// Where the proxy listens.
    let address: String
    /// The service.
    let service: Service
    /// Where programs on the machine find the service.
    private let local: String
    /// What precedes the paths of requests there.
    private let prefix: String
    private let proxy: ProxyServer
    private let directory: TemporaryDirectory

    private static let manual = "Sources/MyosinService/MyosinService.docc/BehindAProxy.md"

    /// Starts an example.
    ///
    /// - Parameters:
    ///   - heading: the heading of its section in the manual.
    ///   - kind: the proxy.
    ///   - directory: where all files are.
    ///   - access: the access that the proxy has, where it is not that of the manual.
    ///   - replacements: texts that stand for others in the flags and in the configuration.
    ///   - adjust: changes the configuration further.
    /// - Throws: when there is no such example, or it does not start.
    init(
        _ heading: String,
        _ kind: ProxyServer.Kind,
        in directory: TemporaryDirectory,
        access: String? = nil,
        replacing replacements: [(String, String)] = [],
        adjust: (String) -> String = { $0 }
    ) async throws {
        let section = try Self.section(heading)
        let command = try #require(section.blocks("sh").first)
        let block = try #require(section.blocks(kind.rawValue).first)
        let (address, upstream) = (try freeAddress(on: "127.0.0.1"), try freeAddress(on: "127.0.0.1"))
        let local = try freeAddress(on: "127.0.0.1")
        func replaced(_ text: String) -> String {
            let places = [
                ("127.0.0.1:8001", upstream), ("127.0.0.1:8000", local),
                ("/run/myosin/proxy.sock", "\(directory.path)/proxy.sock"), ("group=www-data,", ""),
            ]
            return (replacements + places).reduce(text) { $0.replacing($1.0, with: $1.1) }
        }
        var flags = replaced(command.replacing("\\\n", with: "").replacing("gateway.example", with: address))
            .split(whereSeparator: \.isWhitespace).map(String.init)
        try #require(flags.starts(with: ["myosin-exporter", "--state.models", "models"]), "\(flags)")
        flags.removeFirst(3)
        if let access { flags = flags.map { $0.replacing(",access=read", with: ",access=\(access)") } }
        let urlFlag = try #require(flags.firstIndex(of: "--web.external-url"))
        let url = flags[urlFlag + 1]
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        let path = self.url.split(separator: "/", maxSplits: 2).dropFirst(2).first.map { "/\($0)" } ?? ""
        prefix = flags.contains("--web.route-prefix") ? "" : path
        let configuration = adjust(
            replaced(block).replacing("listen 80;", with: "listen \(address);")
                .replacing("listen 443 ssl;", with: "listen \(address) ssl;")
                .replacing("bind :80\n", with: "bind \(address)\n")
                .replacing("bind :443 ", with: "bind \(address) ")
                .replacing("gateway.example {", with: "https://\(address) {")
        )
        try #require(configuration.contains(address), "the proxy listens elsewhere: \(configuration)")
        (self.address, self.local, self.directory) = (address, local, directory)
        service = try Service("myosin-exporter", flags)
        proxy = try await ProxyServer(kind, configuration, at: address, in: directory)
        // A proxy may look at the service first.
        try await until { [200, 403].contains(try curl("\(self.url)/readyz").status) }
    }

    /// A section of the manual.
    static func section(_ heading: String) throws -> Article { try #require(try Article(manual).section(heading)) }

    // MARK: Clients

    /// The environment of a user who trusts each certificate, has a password, and waits as long as tests wait.
    func environment() throws -> [String: String] {
        let lines = ["insecure", "silent", "show-error", "user = \"anna:swordfish\""]
        try (lines + ["max-time = \(Service.curlLimit[1])"]).joined(separator: "\n")
            .write(toFile: "\(directory.path)/.curlrc", atomically: true, encoding: .utf8)
        return ["HOME": directory.path, "CURL_HOME": directory.path]
    }

    /// What a user's shell prints for a command that a page or a message shows.
    func shell(_ command: String) throws -> String {
        let ending = try Program.run("/bin/sh", ["-c", command], environment: try environment())
        return ending.output + ending.errors
    }

    /// What a user's curl gets: the status, the Location field, and the body.
    func curl(_ arguments: String...) throws -> (status: Int, location: String, body: String) {
        let format = ["-w", "\n%header{location}\n%{http_code}"]
        let ending = try Program.run("/usr/bin/curl", format + arguments, environment: try environment())
        let lines = ending.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let status = try #require(lines.last.flatMap { Int($0) }, "curl says: \(ending.errors)")
        return (status, lines.dropLast().last ?? "", lines.dropLast(2).joined(separator: "\n"))
    }

    /// Gives a field another value, as a program on this machine does.
    func set(_ path: String, _ json: String) throws {
        let reply = try curl("-X", "PUT", "-d", json, "\(local)\(prefix)\(path)")
        #expect(reply.status == 200, "\(reply.body)")
    }
}
