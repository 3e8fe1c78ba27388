import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The examples of the manual with a real nginx.
@Suite(.serialized) struct BehindNginxTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(arguments: ["read", "write"]) func aHostOfItsOwn(access: String) async throws {
        let example = try await ProxyExample("nginx: a host of its own", .nginx, in: directory, access: access)
        try await example.checkPage(in: directory, canWrite: access == "write")
    }

    @Test(arguments: ["read", "write"]) func aPathOfTheHost(access: String) async throws {
        let example = try await ProxyExample("nginx: a path of the host", .nginx, in: directory, access: access)
        try await example.checkPage(in: directory, canWrite: access == "write")
        #expect(try example.curl(example.url).location == "\(example.url)/")
    }

    /// With another location, which passes on the path without a slash too.
    @Test func theServiceRedirectsWithinTheHostOfTheProxy() async throws {
        let example = try await ProxyExample("nginx: a path of the host", .nginx, in: directory) {
            $0.replacing("location /gw1/ {", with: "location / {")
        }
        for url in [example.url, "http://\(example.address)", "http://\(example.address)/"] {
            let reply = try example.curl(url)
            #expect(reply.status == 307 && reply.location == "/gw1/")
        }
        try await example.checkPage(in: directory, canWrite: false)
        let outside = try example.curl("http://\(example.address)/state")
        #expect(outside.status == 404 && outside.body.contains("Did you mean /gw1/state?"))
    }

    @Test func aPathThatItRemoves() async throws {
        let example = try await ProxyExample("nginx: a path that it removes", .nginx, in: directory, access: "write")
        try await example.checkPage(in: directory, canWrite: true)
    }

    @Test(arguments: ["read", "write"]) func aUnixSocketAndKeptConnections(access: String) async throws {
        let heading = "nginx: a Unix socket and kept connections"
        let example = try await ProxyExample(heading, .nginx, in: directory, access: access)
        try await example.checkPage(in: directory, canWrite: access == "write")
    }

    @Test func tlsAndPasswords() async throws {
        let certificate = try Certificate(in: directory)
        let hash = try Program.run("/usr/bin/openssl", ["passwd", "-apr1", "swordfish"]).output
        let passwords = "\(directory.path)/passwords"
        try "anna:\(hash)".write(toFile: passwords, atomically: true, encoding: .utf8)
        let example = try await ProxyExample(
            "nginx: TLS and passwords",
            .nginx,
            in: directory,
            replacing: [
                ("/etc/ssl/gateway.crt", certificate.path), ("/etc/ssl/gateway.key", certificate.keyPath),
                ("/etc/nginx/gateway.passwords", passwords),
            ]
        )
        #expect(try example.curl("-u", "anna:wrong", "\(example.url)/").status == 401)
        let start = "https://anna:swordfish@\(example.address)/"
        try await example.checkPage(in: directory, from: start, canWrite: true)
    }

    @Test func gzip() async throws {
        let lines = try #require(try ProxyExample.section("nginx: gzip").blocks("nginx").first)
        let example = try await ProxyExample("nginx: a path of the host", .nginx, in: directory, access: "write") {
            $0.replacing("server_name gateway.example;", with: "server_name gateway.example;\n\(lines)")
        }
        try await example.checkPage(in: directory, canWrite: true)
        func head(_ path: String) throws -> String {
            try example.curl("-o", "/dev/null", "-D", "-", "--compressed", "\(example.url)\(path)").body
        }
        for path in ["/state", "/schema", "/schema/User", "/openapi.json", "/state/User", "/metrics", "/state/Usr"] {
            #expect(try head(path).contains("Content-Encoding: gzip\r\n"), "\(path)")
        }
        // The stream is compressed and flushed, as checkPage has seen of one that may have been plain.
        let watching = try Program(
            "/usr/bin/curl",
            ["-N", "-D", "-", "--compressed", "\(example.url)/state?watch"],
            environment: try example.environment()
        )
        let stream = watching.output { $0.contains("event: snapshot\n") }
        #expect(stream.contains("Content-Encoding: gzip\r\n") && stream.contains("event: snapshot\n"))

        // The tag of a compressed answer is weak, and the revision is not.
        let fields = try head("/state/User").replacing("\r\n", with: "\n")
        let tag = try #require(fields.firstMatch(of: #/ETag: (W/".*")\n/#)).1
        let revision = try #require(fields.firstMatch(of: #/State-Revision: (.*)\n/#)).1
        func put(_ tag: String) throws -> Int {
            let field = "If-Match: \(tag)"
            return try example.curl("-X", "PUT", "-H", field, "-d", "\"otto\"", "\(example.url)/state/User/name").status
        }
        #expect(try put(String(tag)) == 412)
        #expect(try put("\"\(revision)\"") == 200)
    }
}
