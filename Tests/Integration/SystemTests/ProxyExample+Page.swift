import Foundation
import IntegrationSupport
import TestSupport
import Testing

extension ProxyExample {
    /// Follows everything that the page, messages and streams of the service lead to, all through the proxy.
    ///
    /// - Parameters:
    ///   - directory: where the browser keeps its files.
    ///   - start: the URL at which the browser begins; by default the one without the slash at its end.
    ///   - canWrite: whether the proxy lets its clients write.
    /// - Throws: when something leads nowhere.
    func checkPage(in directory: TemporaryDirectory, from start: String? = nil, canWrite: Bool) async throws {
        let browser = try Browser(in: directory)
        try browser.open(start ?? url)
        try await browser.wait(for: "\(LandingPage.connection) === 'Live'")
        #expect(try browser.run("return location.href") as? String == "\(url)/")
        try await browser.wait(for: "\(LandingPage.value("name", of: "User")) === 'chris'")

        try set("/state/User/email", "\"elsewhere@email.com\"")
        try await browser.wait(for: "\(LandingPage.value("email", of: "User")) === 'elsewhere@email.com'")

        let links = try #require(try browser.run("return [...document.links].map(link => link.href)") as? [String])
        #expect(!links.isEmpty)
        for link in Set(links) {
            #expect(link.hasPrefix("\(url)/"))
            #expect(try curl(link).status == 200, "\(link)")
        }
        try checkCommands(of: browser)
        try checkMessages()
        try checkStream()
        try await checkEditing(in: browser, canWrite)
        let faults = try browser.log().filter { $0.hasPrefix("SEVERE") }
        #expect(faults.isEmpty)
    }

    /// Types the commands on the page into a shell.
    private func checkCommands(of browser: Browser) throws {
        let shown = try browser.run("return document.getElementById('commands').textContent") as? String
        let commands = try #require(shown).split(separator: "\n").map(String.init)
        let place = url.hasPrefix("http://") ? String(url.dropFirst(7)) : url
        try #require(commands == ["curl \(place)/state", "curl -N '\(place)/state?watch'"])
        #expect(try shell(commands[0]) == curl("\(url)/state").body)
        let watching = try Program("/bin/sh", ["-c", "exec \(commands[1])"], environment: try environment())
        #expect(watching.output { $0.contains("event: snapshot\n") }.contains("event: snapshot\n"))
    }

    /// Types the command of a message into a shell, and reads what else names the URL.
    private func checkMessages() throws {
        let unknown = try curl("\(url)/state/Usr")
        let command = try #require(unknown.body.firstMatch(of: #/Type (curl \S+) to read it/#)).1
        #expect(command == "curl \(url)/state/User")
        #expect(try shell(String(command)) == curl("\(url)/state/User").body)
        let path = url.split(separator: "/", maxSplits: 2).dropFirst(2).first.map { "/\($0)" } ?? ""
        #expect(try curl("\(url)/stat").body.contains("nothing at \(path)/stat. Did you mean \(path)/state?"))
        #expect(try curl("\(url)/openapi.json").body.contains(#""servers":[{"url":"\#(url)"}]"#))
        #expect(try curl("\(url)/healthz").body == "ok\n")
        #expect(try curl("\(url)/metrics").body.contains("# TYPE myosin_revision gauge\n"))
    }

    /// Each event comes before the next change, so no proxy holds it back for more bytes, also for a client that takes gzip.
    private func checkStream() throws {
        for more in [[], ["--compressed"]] {
            let watching = try Program(
                "/usr/bin/curl",
                ["-N", "\(url)/state/Telemetry?watch"] + more,
                environment: try environment()
            )
            for humidity in ["30", "31", "32"] {
                try #require(watching.output { $0.contains("event: snapshot\n") }.contains("event: snapshot\n"))
                try set("/state/Telemetry/humidity", humidity)
                let event = "\"humidity\":\(humidity)}}\n"
                try #require(watching.output { $0.contains(event) }.contains(event))
            }
            try set("/state/Telemetry/humidity", "40")
        }
    }

    /// Changes a field on the page, or reads there why that is not possible.
    private func checkEditing(in browser: Browser, _ canWrite: Bool) async throws {
        let foreign = try curl("-X", "DELETE", "-H", "Origin: http://evil.example", "\(url)/state/User")
        #expect(foreign.status == 403)
        if !canWrite {
            #expect(try curl("-X", "DELETE", "\(url)/state/User").status == 403)
            let advice = try browser.run("return document.getElementById('read-only').textContent") as? String
            #expect(try #require(advice).contains("access=write to allow it."), "\(advice ?? "")")
            return
        }
        try await browser.wait(for: "document.querySelector(\"\(LandingPage.edit("name", of: "User"))\")")
        try browser.click(LandingPage.edit("name", of: "User"))
        try browser.type("anna", into: "form input")
        try browser.click("form button.first")
        try await browser.wait(for: "\(LandingPage.value("name", of: "User")) === 'anna'")
        #expect(try curl("\(url)/state/User/name").body == "\"anna\"\n")
    }
}
