import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The examples of the manual with a real Caddy and a real HAProxy.
@Suite(.serialized) struct BehindOtherProxiesTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A code span of a section, so that the manual and the test stay the same.
    private func code(_ text: String, in heading: String) throws -> String {
        try #require(try ProxyExample.section(heading).text.contains("`\(text)`"), "the manual has no `\(text)`")
        return text
    }

    private static let listening = "--web.listen-address 127.0.0.1:8001"
    private static let onSocket = "--web.listen-address unix:/run/myosin/proxy.sock"

    // MARK: Caddy

    @Test(arguments: ["read", "write"]) func caddyServesAPathOverTLS(access: String) async throws {
        let example = try await ProxyExample("Caddy", .caddyfile, in: directory, access: access)
        try await example.checkPage(in: directory, canWrite: access == "write")
        let redirect = try example.curl(example.url)
        #expect(redirect.status == 307 && redirect.location == "/gw1/")
        // It passes `no-transform` on, and leaves such a stream as it is.
        let head = try example.curl("-D", "-", "-o", "/dev/null", "--compressed", "\(example.url)/openapi.json").body
        #expect(head.lowercased().contains("content-encoding: gzip"))
        try example.expectPlainStream()
    }

    @Test func caddyUsesAUnixSocket() async throws {
        let upstream = try code("reverse_proxy unix//run/myosin/proxy.sock", in: "Caddy")
        let example = try await ProxyExample(
            "Caddy",
            .caddyfile,
            in: directory,
            replacing: [(Self.listening, Self.onSocket), ("reverse_proxy 127.0.0.1:8001", upstream)]
        )
        try await example.checkPage(in: directory, canWrite: false)
    }

    @Test func caddyRemovesThePath() async throws {
        let handle = try code("handle_path /gw1/*", in: "Caddy")
        let flag = try code("--web.route-prefix /", in: "Caddy")
        let example = try await ProxyExample(
            "Caddy",
            .caddyfile,
            in: directory,
            access: "write",
            replacing: [(Self.listening, "\(flag) \(Self.listening)"), ("handle @gw1", handle)]
        )
        try await example.checkPage(in: directory, from: "\(example.url)/", canWrite: true)
    }

    // MARK: HAProxy

    @Test(arguments: ["read", "write"]) func haproxyServesAPath(access: String) async throws {
        let example = try await ProxyExample("HAProxy", .haproxy, in: directory, access: access)
        try await example.checkPage(in: directory, canWrite: access == "write")
        let redirect = try example.curl(example.url)
        #expect(redirect.status == 307 && redirect.location == "/gw1/")
        #expect(try example.curl("http://\(example.address)/gw12").status == 503)
    }

    @Test func haproxyUsesAUnixSocketBelowItsRoot() async throws {
        let server = try code("server gateway unix@/myosin/proxy.sock check", in: "HAProxy")
        let listener = try code(
            "unix:/var/lib/haproxy/myosin/proxy.sock,mode=0660,group=haproxy,access=read",
            in: "HAProxy"
        )
        let root = "\(directory.path)/root"
        try FileManager.default.createDirectory(atPath: "\(root)/myosin", withIntermediateDirectories: true)
        let example = try await ProxyExample(
            "HAProxy",
            .haproxy,
            in: directory,
            replacing: [
                ("127.0.0.1:8001,access=read", listener), ("/var/lib/haproxy", root), ("group=haproxy,", ""),
                ("server gateway 127.0.0.1:8001 check", server),
            ]
        ) { "global\n    chroot \(root)\n\n\($0)" }
        try await example.checkPage(in: directory, canWrite: false)
    }

    @Test func haproxyHasTLSAndCompression() async throws {
        let bind = try code("bind :443 ssl crt /etc/ssl/gateway.pem", in: "HAProxy")
        let certificate = try Certificate(in: directory)
        let both = "\(directory.path)/gateway.pem"
        let pieces = try [certificate.path, certificate.keyPath].map { try String(contentsOfFile: $0, encoding: .utf8) }
        try pieces.joined().write(toFile: both, atomically: true, encoding: .utf8)
        let example = try await ProxyExample(
            "HAProxy",
            .haproxy,
            in: directory,
            access: "write",
            replacing: [
                ("http://", "https://"), ("bind :80\n", "\(bind)\n"), ("/etc/ssl/gateway.pem", both),
                ("timeout connect", "compression algo gzip\n    timeout connect"),
            ]
        )
        try await example.checkPage(in: directory, canWrite: true)
        try example.expectPlainStream()
    }

    /// The check that HAProxy makes by default asks the root of the host.
    @Test func thePlainCheckOfHAProxyNeedsNoPath() async throws {
        let check = try code("option httpchk", in: "Check that the service is alive")
        let example = try await ProxyExample(
            "HAProxy",
            .haproxy,
            in: directory,
            access: "none",
            replacing: [
                ("option httpchk GET /gw1/readyz", check), ("--web.external-url", "--log.access --web.external-url"),
            ]
        )
        let line = #/http.method=OPTIONS http.path=\/ http.responseBytes=0 http.status=(\d+)/#
        let log = example.service.program.errors { $0.contains(line) }
        #expect(try #require(log.firstMatch(of: line)).1 == "204")
    }
}

extension ProxyExample {
    /// A stream has no coding, as `no-transform` says.
    fileprivate func expectPlainStream() throws {
        let watching = try Program(
            "/usr/bin/curl",
            ["-N", "-D", "-", "--compressed", "\(url)/state?watch"],
            environment: try environment()
        )
        let stream = watching.output { $0.contains("event: snapshot\n") }
        #expect(stream.contains("event: snapshot\n") && !stream.lowercased().contains("content-encoding"))
    }
}
