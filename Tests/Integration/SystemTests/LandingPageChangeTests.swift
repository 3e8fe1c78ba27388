import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// What happens to the landing page and to what is being typed while other things change: values, models, schemas, the connection.
@Suite(.serialized) struct LandingPageChangeTests {
    let directory: TemporaryDirectory
    private let models: String

    init() throws {
        directory = try TemporaryDirectory()
        models = directory.path + "/models"
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    }

    private func write(_ model: String, _ properties: String, more: String = "") throws {
        let text = #"{"type":"object","properties":{\#(properties)}\#(more)}"#
        try text.write(toFile: "\(models)/\(model).schema.json", atomically: true, encoding: .utf8)
    }

    private func open(_ model: String, _ field: String, _ arguments: String...) async throws -> (Service, Browser) {
        let exporter = try Service("myosin-exporter", ["--state.models", models] + arguments)
        let browser = try Browser(in: directory)
        try browser.open("http://\(exporter.address)/")
        try await browser.wait(for: "document.querySelector(\"\(LandingPage.edit(field, of: model))\")")
        return (exporter, browser)
    }

    private func put(_ exporter: Service, _ path: String, _ value: String) throws {
        #expect(try exporter.curl("/state/\(path)", "-X", "PUT", "-d", value).status == 200)
    }

    private let saved = "!document.querySelector('form')"

    @Test func aTextOfSeveralLinesKeepsThem() async throws {
        try write("Note", #""text":{"type":"string","default":"one\n  two\n"}"#)
        let (exporter, browser) = try await open("Note", "text")
        try browser.click(LandingPage.edit("text", of: "Note"))
        try browser.click("form button.first")
        try await browser.wait(for: saved)
        #expect(try exporter.curl("/state/Note/text").body == #""one\n  two\n""# + "\n")
        try browser.click(LandingPage.edit("text", of: "Note"))
        try browser.type("three\nfour", into: "form textarea")
        try browser.click("form button.first")
        try await browser.wait(for: saved)
        #expect(try exporter.curl("/state/Note/text").body == #""three\nfour""# + "\n")
    }

    /// What is no choice any more does not become the first one by a click on Save.
    @Test func aChoiceIsNeverMadeByItself() async throws {
        try write(
            "Dial",
            #""size":{"enum":[1.0,2.5,9007199254740993],"default":9007199254740993},"mode":{"type":"string","enum":["off","on"]}"#
        )
        let (exporter, browser) = try await open("Dial", "size")
        try browser.click(LandingPage.edit("size", of: "Dial"))
        try browser.click("form button.first")
        try await browser.wait(for: saved)
        #expect(try exporter.curl("/state/Dial/size").body == "9007199254740993\n")
        // Without a value the browser itself asks for one.
        try browser.click(LandingPage.edit("mode", of: "Dial"))
        try browser.click("form button.first")
        #expect(try browser.run("return document.querySelector('form select').validity.valueMissing") as? Bool == true)
        #expect(try exporter.curl("/state/Dial").body.contains("mode") == false)
    }

    /// An answer that comes after its form was closed does nothing to the next one.
    @Test func anOldAnswerClosesNoNewForm() async throws {
        try write("Tank", #""level":{"type":"number","default":1}"#)
        let (exporter, browser) = try await open("Tank", "level")
        try browser.run(
            """
            window.answers = 0;
            const fetch = window.fetch;
            window.fetch = async (path, more) => {
                const answer = await fetch(path, more);
                if (more?.method === "PUT") window.answers += 1;
                return answer;
            };
            """
        )
        try browser.click(LandingPage.edit("level", of: "Tank"))
        try browser.type("5", into: "form input")
        exporter.program.send(SIGSTOP)
        try browser.click("form button.first")
        try browser.press("\u{E00C}")
        try browser.click(LandingPage.edit("level", of: "Tank"))
        try browser.type("600", into: "form input")
        exporter.program.send(SIGCONT)
        try await browser.wait(for: "window.answers === 1")
        try await browser.wait(for: "\(LandingPage.value("level", of: "Tank")) === '5'")
        #expect(try browser.run("return document.querySelector('form input').value") as? String == "600")
        try browser.click("form button.first")
        try await browser.wait(for: saved)
        #expect(try exporter.curl("/state/Tank/level").body == "600\n")
    }

    /// SIGHUP adds a field, a description and a model, while somebody types; then it takes the field away.
    @Test func newSchemasAreShownAndDisturbNobody() async throws {
        try write("Tank", #""level":{"type":"number","default":1}"#, more: #","required":["level"]"#)
        let (exporter, browser) = try await open("Tank", "level")
        try browser.click(LandingPage.edit("level", of: "Tank"))
        try browser.type("4", into: "form input")
        try write("Alarm", #""on":{"type":"boolean","default":false}"#)
        try write(
            "Tank",
            #""level":{"type":"number","default":1},"heat":{"type":"number","x-unit":"kelvin","default":280}"#,
            more: #","required":["level","heat"],"description":"Holds water.","x-version":2"#
        )
        exporter.program.send(SIGHUP)
        try await browser.wait(for: "document.getElementById('model-Alarm')")
        try await browser.wait(for: "document.body.innerText.includes('280 kelvin')")
        try await browser.wait(for: "document.body.innerText.includes('Holds water.')")
        try browser.press("2")
        #expect(try browser.run("return document.activeElement.value") as? String == "42")
        try browser.click("form button.first")
        try await browser.wait(for: saved)
        #expect(try exporter.curl("/state/Tank/level").body == "42\n")
        // A form whose field is gone says so.
        try browser.click(LandingPage.edit("heat", of: "Tank"))
        try write("Tank", #""level":{"type":"number","default":1}"#, more: #","required":["level"],"x-version":3"#)
        exporter.program.send(SIGHUP)
        try await browser.wait(
            for: "document.getElementById('message').textContent.includes('no heat of Tank any more')"
        )
        try FileManager.default.removeItem(atPath: models + "/Alarm.schema.json")
        exporter.program.send(SIGHUP)
        try await browser.wait(for: "!document.getElementById('model-Alarm')")
        #expect(try browser.log() == [])
    }

    /// A stream whose events are lost on the way is found out, although the connection looks alive.
    @Test func aDeadStreamIsReplaced() async throws {
        try write("Tank", #""level":{"type":"number","default":1}"#)
        let (exporter, browser) = try await open("Tank", "level")
        try browser.run(
            "for (const name of ['snapshot', 'change']) source.removeEventListener(name, take); lastHeard -= 60000;"
        )
        try put(exporter, "Tank/level", "8")
        try await browser.wait(for: "\(LandingPage.value("level", of: "Tank")) === '8'")
        try await browser.wait(for: "\(LandingPage.connection) === 'Live'")
    }

    /// Why a page may not watch is told, and it does as soon as it may.
    @Test func aRefusalIsTold() async throws {
        try write("Tank", #""level":{"type":"number","default":1}"#)
        let exporter = try Service("myosin-exporter", ["--state.models", models, "--web.max-watchers", "1"])
        let watching = try Program("/usr/bin/curl", ["-sSN", "\(exporter.address)/state?watch"])
        _ = watching.output { $0.contains("snapshot") }
        let browser = try Browser(in: directory)
        try browser.open("http://\(exporter.address)/")
        try await browser.wait(
            for: "\(LandingPage.connection).startsWith('Not connected. The limit of clients that watch')"
        )
        #expect(watching.end(with: SIGKILL).isSignalled)
        try await browser.wait(for: "\(LandingPage.connection) === 'Live'")
        try await browser.wait(for: "\(LandingPage.value("level", of: "Tank")) === '1'")
    }

    /// Long names, texts and choices make no page wider than its window.
    @Test func longTextsFitAPhone() async throws {
        let long = String(repeating: "word", count: 40)
        try write(
            "Long",
            #""\#(long)":{"type":"string","enum":["\#(long)"],"default":"\#(long)"}"#,
            more: #","description":"See http://\#(long)""#
        )
        let exporter = try Service("myosin-exporter", ["--state.models", models])
        let browser = try Browser(in: directory, width: 340)
        try browser.open("http://\(exporter.address)/")
        try await browser.wait(for: "document.querySelector(\"\(LandingPage.edit(long, of: "Long"))\")")
        try browser.click(LandingPage.edit(long, of: "Long"))
        let widths = try browser.run("return [document.documentElement.scrollWidth, innerWidth]") as? [Int]
        #expect(widths == [340, 340])
    }
}
