import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The service behind a real nginx: the configuration of the manual, and the shortest one that people write.
@Suite(.serialized) struct BehindAProxyTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let manual = "Sources/MyosinService/MyosinService.docc/BehindAProxy.md"

    /// Starts nginx with a server, as its own user, and waits for its port.
    private func nginx(_ server: String, at address: String) async throws -> Program {
        let path = directory.path
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(path)/\($0);" }
        let text = """
            daemon off;
            master_process off;
            pid \(path)/pid;
            events {}
            http {
                access_log off;
                \(temporary.joined(separator: " "))
                \(server)
            }
            """
        try text.write(toFile: "\(path)/nginx", atomically: true, encoding: .utf8)
        let program = try Program("/usr/sbin/nginx", ["-p", path, "-c", "\(path)/nginx", "-e", "stderr"])
        let place = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
        try await until { (try? RawConnection("127.0.0.1:\(place)")) != nil }
        return program
    }

    private func curl(_ arguments: String...) throws -> (status: String, body: String) {
        let ending = try Program.run("/usr/bin/curl", ["-sS", "-w", "\n%{http_code}"] + Service.curlLimit + arguments)
        let lines = ending.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
    }

    @Test(arguments: ["read", "write"]) func thePageWorksBelowAPathAsTheManualHasIt(access: String) async throws {
        let address = try freeAddress(on: "127.0.0.1")
        let socket = "\(directory.path)/proxy.sock"
        let exporter = try Service(
            "myosin-exporter",
            [
                "--web.external-url", "http://\(address)/myosin", "--web.listen-address",
                "unix:\(socket),mode=0660,access=\(access)",
            ]
        )
        let server = try #require(try Article(Self.manual).blocks("nginx").first)
            .replacing("listen 80;", with: "listen \(address);")
            .replacing("/run/myosin/proxy.sock", with: socket)
        let nginx = try await nginx(server, at: address)
        defer { _ = nginx.end(with: SIGKILL) }
        let url = "http://\(address)/myosin"
        #expect(try curl("\(url)/state").status == "200")
        #expect(try curl("\(url)/state/Usr").body.contains("Type curl \(url)/state/User to read it."))
        #expect(try curl("\(url)/openapi.json").body.contains(#""servers":[{"url":"\#(url)"}]"#))
        #expect(try curl("-X", "DELETE", "\(url)/state/User").status == (access == "write" ? "200" : "403"))
        // Clients of the address itself are behind the external URL too.
        #expect(try exporter.curl("/state").status == 403)
        let foreign = try curl("-X", "DELETE", "-H", "Origin: http://evil.example", "\(url)/state/User")
        #expect(foreign.status == "403")

        let browser = try Browser(in: directory)
        // Without the slash at the end nginx sends the browser to the one with it.
        try browser.open(url)
        try await browser.wait(for: "\(LandingPage.connection) === 'Live'")
        try await browser.wait(for: "\(LandingPage.value("name", of: "User")) === 'chris'")
        let links = try browser.run("return [...document.links].map(link => link.href)") as? [String]
        #expect(try #require(links).allSatisfy { $0.hasPrefix("\(url)/") } && links?.isEmpty == false)
        let commands = try browser.run("return document.getElementById('commands').textContent") as? String
        #expect(commands == "curl \(address)/myosin/state\ncurl -N '\(address)/myosin/state?watch'")
        if access == "write" {
            try browser.click(LandingPage.edit("name", of: "User"))
            try browser.type("anna", into: "form input")
            try browser.click("form button.first")
            try await browser.wait(for: "\(LandingPage.value("name", of: "User")) === 'anna'")
            #expect(try curl("\(url)/state/User/name").body == "\"anna\"\n")
        } else {
            let advice = try browser.run("return document.getElementById('read-only').textContent") as? String
            #expect(
                advice == "From here the state can only be read. Start the server with --web.listen-address="
                    + "unix:\(socket),mode=0660,access=write to allow it."
            )
        }
    }

    /// The proxy has TLS and a path of its own, and the service knows neither.
    @Test(arguments: [
        ("/myosin/", "/myosin/", "/myosin"),
        (#"/it's {a} [1]/$x/"#, "/it's%20%7Ba%7D%20[1]/$x/", #"/it'\''s%20%7Ba%7D%20%5B1%5D/$x"#),
    ])
    func theCommandsOfThePageAreThoseOfItsURL(_ location: String, _ path: String, _ typed: String) async throws {
        let files = "\(directory.path)/tls"
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "\(files).key"]
        let made = try Program.run(
            "/usr/bin/openssl",
            ["req", "-x509", "-subj", "/CN=gateway.example", "-days", "2", "-out", "\(files).crt"] + key
        )
        try #require(made.status == 0, "\(made.errors)")
        let address = try freeAddress(on: "127.0.0.1")
        let exporter = try Service("myosin-exporter", [])
        let server = """
            server {
                listen \(address) ssl;
                ssl_certificate \(files).crt;
                ssl_certificate_key \(files).key;
                location "\(location)" { proxy_pass http://\(exporter.address)/; proxy_buffering off; }
            }
            """
        let nginx = try await nginx(server, at: address)
        defer { _ = nginx.end(with: SIGKILL) }
        let browser = try Browser(in: directory)
        try browser.open("https://\(address)\(path)")
        try await browser.wait(for: "\(LandingPage.connection) === 'Live'")
        let text = try browser.run("return document.getElementById('commands').textContent") as? String
        let commands = try #require(text).split(separator: "\n").map(String.init)
        let url = "https://\(address)\(typed)/state"
        let isPlain = path == location
        #expect(commands == [isPlain ? "curl \(url)" : "curl '\(url)'", "curl -N '\(url)?watch'"])
        // Typed into a shell, with the certificate trusted.
        let curl = "curl -sSk \(Service.curlLimit.joined(separator: " ")) "
        let state = try Program.run("/bin/sh", ["-c", commands[0].replacing("curl ", with: curl)])
        #expect(try state.output == exporter.curl("/state").body, "\(state.errors)")
        let watch = commands[1].replacing("curl ", with: curl)
        #expect(try Program.run("/bin/sh", ["-c", "\(watch) | grep -m 1 snapshot"]).output == "event: snapshot\n")
        // The links lead there too, and a browser says over TLS that it saves from the page itself.
        let links = try browser.run("return [...document.links].map(link => link.href)") as? [String]
        #expect(try #require(links).allSatisfy { $0.hasPrefix("https://\(address)\(path)") } && links?.isEmpty == false)
        try await browser.wait(for: "document.querySelector(\"\(LandingPage.edit("name", of: "User"))\")")
        try browser.click(LandingPage.edit("name", of: "User"))
        try browser.type("anna", into: "form input")
        try browser.click("form button.first")
        try await browser.wait(for: "\(LandingPage.value("name", of: "User")) === 'anna'")
        #expect(try exporter.curl("/state/User/name").body == "\"anna\"\n")
    }

    /// nginx asks for `127.0.0.1:PORT` then, whatever the browser has asked for.
    @Test func thePageSavesThroughAPlainProxy() async throws {
        let address = try freeAddress(on: "127.0.0.1")
        let exporter = try Service("myosin-exporter", [])
        let server = "server { listen \(address); location / { proxy_pass http://\(exporter.address); } }"
        let nginx = try await nginx(server, at: address)
        defer { _ = nginx.end(with: SIGKILL) }
        let browser = try Browser(in: directory)
        try browser.open("http://\(address)/")
        try await browser.wait(for: "document.querySelector(\"\(LandingPage.edit("name", of: "User"))\")")
        try browser.click(LandingPage.edit("name", of: "User"))
        try browser.type("anna", into: "form input")
        try browser.click("form button.first")
        try await browser.wait(for: "\(LandingPage.value("name", of: "User")) === 'anna'")
        // A client of plain HTTP that names only its page, and no name that the proxy passes on.
        let refused = try curl(
            "-X",
            "PUT",
            "-H",
            "Origin: http://gateway.lan",
            "-d",
            "1",
            "\(address)/state/Telemetry/humidity"
        )
        #expect(refused.status == "403" && refused.body.contains("proxy_set_header Host $http_host in nginx"))
        #expect(refused.body.contains("--web.external-url=http://gateway.lan"))
    }
}
