import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The service behind a real nginx that it does not know of.
@Suite(.serialized) struct BehindAProxyTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func curl(_ arguments: String...) throws -> (status: String, body: String) {
        let ending = try Program.run("/usr/bin/curl", ["-sS", "-w", "\n%{http_code}"] + Service.curlLimit + arguments)
        let lines = ending.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
    }

    /// The proxy has TLS and a path of its own, and the service knows neither.
    @Test(arguments: [
        ("/myosin/", "/myosin/", "/myosin"),
        (#"/it's {a} [1]/$x/"#, "/it's%20%7Ba%7D%20[1]/$x/", #"/it'\''s%20%7Ba%7D%20%5B1%5D/$x"#),
    ])
    func theCommandsOfThePageAreThoseOfItsURL(_ location: String, _ path: String, _ typed: String) async throws {
        let certificate = try Certificate(in: directory)
        let address = try freeAddress(on: "127.0.0.1")
        let exporter = try Service("myosin-exporter", [])
        let server = """
            server {
                listen \(address) ssl;
                ssl_certificate \(certificate.path);
                ssl_certificate_key \(certificate.keyPath);
                location "\(location)" { proxy_pass http://\(exporter.address)/; }
            }
            """
        let nginx = try await ProxyServer(.nginx, server, at: address, in: directory)
        defer { nginx.stop() }
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
        let nginx = try await ProxyServer(.nginx, server, at: address, in: directory)
        defer { nginx.stop() }
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
