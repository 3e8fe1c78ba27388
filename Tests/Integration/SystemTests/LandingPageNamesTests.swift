import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Fields on the landing page whose names look like paths, like each other, or like what JavaScript has for itself.
@Suite(.serialized) struct LandingPageNamesTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The names of fields, how the page shows them, and whether a URL can have them.
    private static let names: [(name: String, shown: String, isEditable: Bool)] = [
        ("eth0.up", #""eth0.up""#, true), ("eth0\nup", #""eth0\nup""#, true), ("eth0/up", "eth0/up", false),
        ("eth0~1up", "eth0~1up", true), (#"eth0","up"#, #""eth0\",\"up""#, true), ("eth0 up", "eth0 up", true),
        ("eth0  up", #""eth0  up""#, true), (" eth0 up", #"" eth0 up""#, true), ("it's", "it's", true),
        (#"back\slash"#, #""back\\slash""#, true), ("<b>&amp;", "<b>&amp;", true), ("100%25", "100%25", true),
        ("a?b#c", "a?b#c", true), ("__proto__", "__proto__", true), ("constructor", "constructor", true),
        ("toString", "toString", true), ("", #""""#, false), ("..", #""..""#, false), ("caf\u{e9}", "caf\u{e9}", true),
        ("p\u{430}ge", #""p\u0430ge""#, true), ("page", "page", true),
        ("\u{441}\u{43e}\u{440}", #""\u0441\u043e\u0440""#, true), ("cop", "cop", true),
        ("\u{ff43}op", #""\uff43op""#, true), ("\u{442}\u{435}\u{43c}\u{43f}", "\u{442}\u{435}\u{43c}\u{43f}", true),
        ("pa\u{200b}ge", #""pa\u200bge""#, true),
        ("pa\u{a0}ge", #""pa\u00a0ge""#, true), ("日本", "日本", true), ("0", "0", true),
    ]

    private func open() async throws -> (Service, Browser) {
        let models = directory.path + "/models"
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        var properties: [String: Any] = Self.names.enumerated()
            .reduce(into: [:]) { all, row in
                all[row.element.name] = ["type": "string", "default": "value \(row.offset)"] as [String: Any]
            }
        let up: [String: Any] = ["type": "string", "default": "nested"]
        properties["eth0"] = ["type": "object", "properties": ["up": up], "default": ["up": "nested"]] as [String: Any]
        let required = Self.names.map(\.name) + ["eth0"]
        let schema: [String: Any] = ["type": "object", "properties": properties, "required": required]
        try JSONSerialization.data(withJSONObject: schema).write(to: URL(filePath: models + "/Odd.schema.json"))
        let exporter = try Service("myosin-exporter", ["--state.models", models])
        let browser = try Browser(in: directory)
        try browser.open("http://\(exporter.address)/")
        try await browser.wait(for: "document.querySelector('tbody button')")
        return (exporter, browser)
    }

    /// The values of all fields by what the page shows for their names; a name that is there twice has both.
    private func rows(_ browser: Browser) throws -> [String: String] {
        let rows = try browser.run(
            "return [...document.querySelectorAll('tbody tr:not(.edit)')].map(row => [0, 1].map(cell => row.children[cell].textContent))"
        )
        let pairs = try #require(rows as? [[String]])
            .map { ($0[0], $0[1].trimmingCharacters(in: .whitespaces)) }
        return Dictionary(pairs.filter { $0.0 != "id" }) { "\($0), \($1)" }
    }

    private func document(_ exporter: Service) throws -> [String: Any] {
        let data = Data(try exporter.curl("/state/Odd").body.utf8)
        var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        object["id"] = nil
        return object
    }

    @Test func eachFieldIsItself() async throws {
        let (exporter, browser) = try await open()
        var expected = Dictionary(uniqueKeysWithValues: Self.names.enumerated().map { ($1.shown, "value \($0)") })
        expected["eth0.up"] = "nested"
        #expect(try rows(browser) == expected)

        // A mark goes after two seconds, within which a busy machine may not look: here it stays.
        try browser.run(
            """
            const former = window.setTimeout;
            window.setTimeout = (act, time, ...more) => time === markMilliseconds ? 0 : former(act, time, ...more);
            """
        )
        // A change marks its own row alone.
        func change(_ pointer: String, _ patch: String, shows: String) async throws {
            try browser.run(
                "for (const row of document.querySelectorAll('tr.changed')) row.classList.remove('changed')"
            )
            #expect(try exporter.curl("/state/Odd", "-X", "PATCH", "-d", patch).status == 200)
            try await browser.wait(for: "document.querySelector('tr.changed')")
            let marked = try browser.run(
                "return [...document.querySelectorAll('tr.changed')].map(row => row.firstChild.textContent)"
            )
            #expect(marked as? [String] == [shows])
        }
        try await change("eth0.up", #"{"eth0.up":"one name"}"#, shows: #""eth0.up""#)
        try await change("eth0", #"{"eth0":{"up":"two names"}}"#, shows: "eth0.up")
        try await change("newline", #"{"eth0\nup":"a line each"}"#, shows: #""eth0\nup""#)
        try await change("slash", #"{"eth0/up":"a slash"}"#, shows: "eth0/up")
        try await change("proto", #"{"__proto__":"of its own"}"#, shows: "__proto__")
        expected[#""eth0.up""#] = "one name"
        expected["eth0.up"] = "two names"
        expected[#""eth0\nup""#] = "a line each"
        expected["eth0/up"] = "a slash"
        expected["__proto__"] = "of its own"
        #expect(try rows(browser) == expected)
        #expect(try browser.log() == [])
    }

    /// Each form changes its own field, and says what is wrong with that.
    @Test func eachFieldIsEditedByItself() async throws {
        let (exporter, browser) = try await open()
        var expected = try document(exporter)
        for (number, row) in (Self.names + [("eth0", "eth0.up", true)]).enumerated() {
            let find =
                "[...document.querySelectorAll('tbody tr:not(.edit)')].find(row => row.firstChild.textContent === arguments[0])"
            let opened = try browser.run(
                "const button = \(find).querySelector('button'); button?.click(); return Boolean(button)",
                row.shown
            )
            #expect(opened as? Bool == row.isEditable, "\(row.shown)")
            if !row.isEditable { continue }
            let label = try browser.run("return document.querySelector('form label').textContent")
            #expect(label as? String == row.shown)
            try browser.type("new \(number)", into: "form input")
            try browser.click("form button.first")
            try await browser.wait(for: "!document.querySelector('form')")
            expected[row.name] = row.name == "eth0" ? ["up": "new \(number)"] : "new \(number)"
            #expect(try document(exporter) as NSDictionary == expected as NSDictionary, "\(row.shown)")
        }
        #expect(try browser.log() == [])
    }
}
