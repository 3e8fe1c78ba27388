import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The manual's sessions with curl, typed into a shell beside the exporter: each answer is the one that is shown.
@Suite struct SessionTests {
    /// What is typed, and what it prints.
    private struct Exchange {
        let command: String
        let output: String
    }

    private static let manual = "\(repository)/Sources/MyosinService/MyosinService.docc/UsingCurl.md"

    @Test func theManualsSessionsAreTrue() throws {
        let directory = try TemporaryDirectory()
        let exporter = try Service("myosin-exporter", ["--state.path", directory.path + "/state"])
        let exchanges = Self.exchanges(in: try String(contentsOfFile: Self.manual, encoding: .utf8))
        #expect(exchanges.count > 25)
        try type(exchanges, beside: exporter) { $0 }
    }

    /// The one with the device; its sensor reads another value every second.
    @Test func theReadmesSessionIsTrue() throws {
        let directory = try TemporaryDirectory()
        let device = try Service("device-example", ["--state.path", directory.path + "/state"])
        let exchanges = Self.exchanges(in: try String(contentsOfFile: "\(repository)/README.md", encoding: .utf8))
            .prefix { $0.command.hasPrefix("curl ") }
        #expect(exchanges.count > 4)
        try type(Array(exchanges), beside: device, comparing: Self.withoutReadings)
    }

    private func type(
        _ exchanges: [Exchange],
        beside service: Service,
        comparing stable: (String) -> String
    ) throws {
        let port = try #require(service.address.split(separator: ":").last)
        let head = try service.curl("/state", "-D", "-").body
        let incarnation = try #require(head.firstMatch(of: #/ETag: "([a-z0-9]+)-/#)).1
        for exchange in exchanges {
            let command = exchange.command.replacing("localhost:8000", with: "localhost:\(port)")
                .replacing("k3f9-", with: "\(incarnation)-")
            let curl = "curl -s \(Service.curlLimit.joined(separator: " ")) "
            let ending = try Program.run("/bin/sh", ["-c", command.replacing("curl ", with: curl)])
            let output = ending.output.replacing("\r\n", with: "\n")
                .replacing("localhost:\(port)", with: "localhost:8000").replacing("\(incarnation)-", with: "k3f9-")
            #expect(stable(Self.stable(output)) == stable(Self.stable(exchange.output)), "\(exchange.command)")
        }
    }

    /// Without what the device's sensor has read.
    private static func withoutReadings(_ text: String) -> String {
        text.replacing(#/(temperature":|humidity":|celsius |percent )[0-9.]+/#) { "\($0.output.1)N" }
    }

    /// The exchanges of all console blocks, in order.
    private static func exchanges(in text: String) -> [Exchange] {
        text.components(separatedBy: "```console\n").dropFirst()
            .flatMap { rest in
                let block = rest.components(separatedBy: "\n```")[0]
                return ("\n" + block).components(separatedBy: "\n$ ").dropFirst()
                    .map { text in
                        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
                        return Exchange(command: String(lines[0]), output: lines.count > 1 ? String(lines[1]) : "")
                    }
            }
    }

    /// Without what is new each time: identities and dates; an answer's last line end is not shown.
    private static func stable(_ text: String) -> String {
        let identity = #/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#
        let date = #/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/#
        return text.replacing(identity, with: "ID").replacing(date, with: "DATE").trimmingCharacters(in: .newlines)
    }
}
