import Foundation
import HTTPTypes
import MicroHTTP
import Myosin
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

/// Commands in messages are typed as they stand, and do nothing else than they say.
@Suite struct CommandTests {
    private static let odd =
        #"{"type":"object","properties":{"a b":{"type":"number"},"it's":{"type":"number"},"c[0]{x}":{}}}"#

    private func fixture() throws -> Fixture {
        let fixture = try Fixture(.socket, loadsModels: false)
        try fixture.state.declare([try JSONSchemaDeclaration(name: "Odd", text: Array(Self.odd.utf8))])
        return fixture
    }

    @Test(arguments: [
        ("/state/Odd/a%20c", "a%20b"), ("/state/Odd/it'", "it%27s"), ("/state/Odd/c[0]{y}", "c%5B0%5D%7Bx%7D"),
    ])
    func whatWasMeantIsAsURLsHaveIt(_ path: String, _ name: String) throws {
        let refused = try Refused(try fixture().reply(to: .get(path)))
        #expect(refused.detail.hasSuffix("Type curl localhost:8000/state/Odd/\(name) to read it."), "\(refused.detail)")
    }

    /// A shell reads them as one word, and curl expands nothing of it.
    @Test(arguments: [
        "/state/Odd/a$(touch%20x)", "/state/Odd/a;id", "/state/Odd/'$HOME'", "/state/Odd/`id`", "/state/Odd/a&b|c",
        "/state/Odd/a[1-9]{b,c}", "/state/Odd/*",
    ])
    func whatWasAskedForIsQuoted(_ path: String) throws {
        let reply = try fixture().reply(to: Call(.post, path).with(host: "[::1]:8000"))
        let detail = try Refused(reply).detail
        let command = try #require(detail.firstMatch(of: #/Type curl (-X PUT -d 21.5 .*) to change it/#)).1
        let words = try Self.words(String(command))
        #expect(words.dropLast() == ["-X", "PUT", "-d", "21.5"])
        let url = try #require(words.last)
        #expect(url.hasPrefix("[::1]:8000/state/Odd/") && !url.dropFirst(5).contains(#/[\[\]{}`|]/#), "\(url)")
    }

    /// From such a host curl would guess another protocol.
    @Test(arguments: [
        ("ftp.lan:8000", "http://ftp.lan:8000"), ("SMTP.lan", "http://SMTP.lan"), ("ftpd.lan", "ftpd.lan"),
    ])
    func theSchemeIsSaidWhereCurlTakesAnother(_ host: String, _ start: String) throws {
        let fixture = try Fixture(.direct, allowedHosts: ["ftp.lan", "smtp.lan", "ftpd.lan"])
        let refused = try Refused(try fixture.reply(to: Call.get("/state/Usr").with(host: host)))
        #expect(refused.detail.hasSuffix("Type curl \(start)/state/User to read it."), "\(refused.detail)")
    }

    /// The words that a shell makes of a command.
    private static func words(_ command: String) throws -> [String] {
        let script = "for word in \(command); do printf '%s\\n' \"$word\"; done"
        return try Program.run("/bin/sh", ["-c", script]).output.split(separator: "\n").map(String.init)
    }
}
