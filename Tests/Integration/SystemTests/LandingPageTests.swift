import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The page at `/` in a browser, as people use it; one browser at a time, since each takes what a small machine has.
@Suite(.serialized) struct LandingPageTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func makeExporter(_ arguments: String..., listening host: String = "127.0.0.1") throws -> Service {
        try Service("myosin-exporter", ["--state.path", directory.path + "/state"] + arguments, listening: host)
    }

    private func openPage(of exporter: Service, _ browser: Browser) async throws {
        try browser.open("http://\(exporter.address)/")
        try await browser.wait(for: "document.querySelectorAll('#models section').length === 3")
        // The units come with the schemas.
        try await browser.wait(for: "document.body.innerText.includes('celsius')")
    }

    private func put(_ exporter: Service, _ temperature: String) throws {
        #expect(try exporter.curl("/state/Telemetry/temperature", "-X", "PUT", "-d", temperature).status == 200)
    }

    private func value(_ field: String, of model: String) -> String { LandingPage.value(field, of: model) }

    private func edit(_ field: String, _ model: String) -> String { LandingPage.edit(field, of: model) }

    // MARK: Looks

    struct Look: CustomTestStringConvertible {
        let width: Int
        let isDark: Bool
        var testDescription: String { "\(width) pixels, \(isDark ? "dark" : "light")" }
    }

    private static let looks = [320, 1_200].flatMap { width in [false, true].map { Look(width: width, isDark: $0) } }

    /// axe, by Deque, looks for what keeps people out: names, labels, roles, contrast, structure.
    @Test(arguments: looks) func thePageIsForEverybody(look: Look) async throws {
        let exporter = try makeExporter()
        let browser = try Browser(in: directory, width: look.width, isDark: look.isDark)
        try await openPage(of: exporter, browser)
        // With lines of recent numbers, a mark on what has changed, and a form with a fault.
        for temperature in ["20", "21", "22"] { try put(exporter, temperature) }
        // From then on nothing moves any more.
        try await browser.wait(
            for: "document.querySelector('svg.trend')?.getAttribute('aria-label').startsWith('the last 4 values')"
        )
        try browser.run(
            "document.querySelector('#model-Telemetry').closest('section').querySelector('tr').className = 'changed'"
        )
        try browser.click(edit("email", "User"))
        try browser.type("nobody", into: "form input")
        try browser.press("\u{E007}")
        try await browser.wait(for: "document.querySelector('form .fault').textContent")
        let library = try PythonPackages.install(
            ["--no-deps", "axe-playwright-python==0.1.8"],
            as: "axe-playwright-python-0.1.8"
        )
        let axe = try String(contentsOfFile: library + "/axe_playwright_python/axe.min.js", encoding: .utf8)
        let found = try browser.runToEnd(
            """
            \(axe)
            const done = arguments[arguments.length - 1];
            const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
            axe.run({ runOnly: tags }).then(result => done({
                passes: result.passes.map(rule => rule.id),
                violations: result.violations.map(rule => rule.id + ": " + rule.nodes.map(node => node.html + " " + node.failureSummary).join(" ")),
            }), error => done({ passes: [], violations: [String(error)] }));
            """
        )
        let result = try #require(found as? [String: [String]])
        #expect(result["violations"] == [])
        #expect(
            Set(result["passes"] ?? [])
                .isSuperset(of: ["color-contrast", "button-name", "label", "region", "svg-img-alt"])
        )
        #expect(try browser.run("return document.documentElement.scrollWidth <= innerWidth") as? Bool == true)
        let background = try browser.run("return getComputedStyle(document.body).backgroundColor") as? String
        #expect(background == (look.isDark ? "rgb(17, 24, 30)" : "rgb(255, 255, 255)"))
        // The refused PUT is a line of the browser's own.
        #expect(try browser.log().filter { !$0.contains("422 (Unprocessable Content)") } == [])
    }

    @Test func itSaysWhatThereIs() async throws {
        let exporter = try makeExporter("--web.telemetry-path", "/numbers")
        let browser = try Browser(in: directory)
        try await openPage(of: exporter, browser)
        #expect(try browser.run("return document.title") as? String == "Myosin · \(exporter.address)")
        let links = try browser.run(
            "return [...document.querySelectorAll('nav a')].map(link => link.getAttribute('href'))"
        )
        let paths = try #require(links as? [String])
        // Relative, since the page may be below a path.
        #expect(paths == ["./state", "./schema", "./openapi.json", "./numbers", "./healthz", "./readyz"])
        for path in paths { #expect(try exporter.curl(String(path.dropFirst())).status == 200) }
        let version = try browser.run("return document.querySelector('.version').textContent") as? String
        #expect(try exporter.curl("/numbers").body.contains(#"myosin_meta_info{version="\#(version ?? "")"} 1"#))
        #expect(try browser.log() == [])
    }

    // MARK: What changes

    /// The server sends an event for each PUT, and the first picture after an event has the value: no timer and no request of the
    /// page delays it.
    @Test func aPutByCurlIsShownWithinASecond() async throws {
        let exporter = try makeExporter()
        let browser = try Browser(in: directory)
        try await openPage(of: exporter, browser)
        // Notes for each event what the first picture after it shows: the value and the name of the field that is marked.
        try browser.run(
            """
            [window.pictures, window.asked] = [{}, []];
            const [update, fetch] = [Model.prototype.update, window.fetch];
            Model.prototype.update = function (event) {
                update.call(this, event);
                if (this.name !== "Telemetry") return;
                // After the page has dealt with the event, so that it has asked for the picture before.
                queueMicrotask(() => requestAnimationFrame(() => {
                    const mark = document.querySelector("tr.changed")?.firstChild.textContent;
                    window.pictures[event.value.temperature] ??= [\(value("temperature", of: "Telemetry")), mark];
                }));
            };
            window.fetch = (path, more) => {
                if (more?.method !== "HEAD") window.asked.push(path);
                return fetch(path, more);
            };
            """
        )
        for temperature in 30..<35 {
            try put(exporter, "\(temperature)")
            try await browser.wait(for: "\(temperature) in window.pictures")
            let picture = try browser.run("return window.pictures[\(temperature)]") as? [String]
            #expect(picture == ["\(temperature) celsius", "temperature"])
        }
        let asked = try browser.run("return window.asked.filter(path => path.startsWith('/state'))") as? [String]
        #expect(asked == [], "the page has asked for values")
        try await browser.wait(
            for: "document.querySelector('svg.trend').getAttribute('aria-label').includes('from 21.5 to 34')"
        )
        // The mark on what has changed goes away.
        try await browser.wait(for: "!document.querySelector('tr.changed')")
        #expect(try browser.log() == [])
    }

    @Test func itSaysThatTheConnectionIsLostAndResumes() async throws {
        let address = try freeAddress(on: "127.0.9.3")
        func start(_ models: String) throws -> Program {
            let arguments = ["--state.path", directory.path + "/state", "--state.models", models]
            let program = try Program(
                Program.path(of: "myosin-exporter"),
                arguments + ["--web.listen-address", address] + Service.longDeadlines
            )
            _ = program.errors { $0.contains("Listening") }
            return program
        }
        let exporter = try start(Service.exampleModels)
        let browser = try Browser(in: directory)
        try browser.open("http://\(address)/")
        try await browser.wait(for: "document.body.innerText.includes('21.5 celsius')")
        try await browser.wait(for: "document.getElementById('connection').textContent === 'Live'")
        #expect(exporter.end(with: SIGKILL).isSignalled)
        try await browser.wait(
            for: "document.getElementById('connection').textContent.startsWith('Connection lost at ')"
        )
        #expect(try browser.run("return document.body.classList.contains('lost')") as? Bool == true)
        // What is there when it comes back, changed meanwhile: another temperature, and no model User any more.
        let models = directory.path + "/models"
        try FileManager.default.copyItem(atPath: Service.exampleModels, toPath: models)
        try FileManager.default.removeItem(atPath: models + "/User.schema.json")
        let again = try start(models)
        let change = ["-sSf", "-X", "PUT", "-d", "-7.25", "\(address)/state/Telemetry/temperature"]
        #expect(try Program.run("/usr/bin/curl", change + Service.curlLimit).status == 0)
        try await browser.wait(for: "document.getElementById('connection').textContent === 'Live'")
        try await browser.wait(for: "document.body.innerText.includes('-7.25 celsius')")
        try await browser.wait(for: "!document.getElementById('model-User')")
        try await browser.wait(for: "!document.body.classList.contains('lost')")
        #expect(again.end(with: SIGTERM).status == 0)
    }

    // MARK: What a visitor changes

    @Test func aFieldIsEditedAndAFaultIsTold() async throws {
        let exporter = try makeExporter()
        let browser = try Browser(in: directory)
        try await openPage(of: exporter, browser)
        // By mouse.
        try browser.click(edit("temperature", "Telemetry"))
        try browser.type("18.50", into: "form input")
        try browser.click("form button.first")
        try await browser.wait(for: "!document.querySelector('form')")
        try await browser.wait(for: "\(value("temperature", of: "Telemetry")) === '18.5 celsius'")
        #expect(try exporter.curl("/state/Telemetry/temperature").body == "18.5\n")
        // By keyboard: the form has the focus, Return saves, Escape leaves, and the button has the focus again.
        try browser.click(edit("temperature", "Telemetry"))
        try browser.type("warm", into: "form input")
        try browser.press("\u{E007}")
        try await browser.wait(
            for: "document.querySelector('form .fault').textContent === 'must be a number, got a string'"
        )
        try browser.type("-300", into: "form input")
        try browser.press("\u{E007}")
        try await browser.wait(for: "document.querySelector('form .fault').textContent.includes('-273.15')")
        try browser.press("\u{E00C}")
        try await browser.wait(for: "!document.querySelector('form')")
        let focus = try browser.run("return document.activeElement.getAttribute('aria-label')") as? String
        #expect(focus == "Edit temperature of Telemetry")
        #expect(try exporter.curl("/state/Telemetry/temperature").body == "18.5\n")
        // A boolean is chosen.
        try browser.click(edit("online", "System"))
        try browser.run("document.querySelector('form select').value = 'true'")
        try browser.click("form button.first")
        try await browser.wait(for: "!document.querySelector('form')")
        #expect(try exporter.curl("/state/System/online").body == "true\n")
        // What is read-only has no form.
        #expect(try browser.run("return document.querySelectorAll(\"\(edit("id", "User"))\").length") as? Int == 0)
    }

    /// Fields of every kind: numbers that JavaScript cannot hold, texts that look like HTML, null, objects in objects, lists, states.
    @Test func everyKindOfFieldIsShownAndEdited() async throws {
        let models = directory.path + "/models"
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        let schema = """
            {"type": "object", "x-require-if-match": true, "properties": {
              "count": {"type": "integer", "default": 9007199254740993},
              "label": {"type": "string", "default": "<b>&amp;"},
              "limit": {"type": ["number", "null"], "default": null},
              "mode": {"type": "string", "enum": ["off", "eco"], "default": "eco"},
              "note": {"type": "string"},
              "place": {"$ref": "#/$defs/place", "default": {"room": "hall"}},
              "tags": {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]}},
             "required": ["count", "label", "limit", "mode", "place", "tags"],
             "$defs": {"place": {"type": "object", "properties": {"room": {"type": "string", "minLength": 2}}, "required": ["room"]}}}
            """
        try schema.write(toFile: models + "/Thing.schema.json", atomically: true, encoding: .utf8)
        let exporter = try makeExporter("--state.models", models)
        let browser = try Browser(in: directory)
        try browser.open("http://\(exporter.address)/")
        // Fields without a value come last, when the schema is there.
        try await browser.wait(for: "document.querySelector(\"\(edit("note", "Thing"))\")")
        func shown() throws -> [String: String] {
            let rows = try browser.run(
                "return Object.fromEntries([...document.querySelectorAll('tbody tr:not(.edit)')].map(row => [row.children[0].textContent, row.children[1].textContent.trim()]))"
            )
            return try #require(rows as? [String: String]).filter { $0.key != "id" }
        }
        #expect(
            try shown() == [
                "count": "9007199254740993", "label": "<b>&amp;", "limit": "null", "mode": "eco", "note": "not set",
                "place.room": "hall", "tags": #"["a","b"]"#,
            ]
        )
        func change(_ field: String, _ act: () throws -> Void) async throws {
            try browser.click(edit(field, "Thing"))
            try act()
            try browser.click("form button.first")
            try await browser.wait(for: "!document.querySelector('form')")
        }
        try await change("count") { try browser.type("-9007199254740995", into: "form input") }
        try await change("label") { try browser.type("\"quoted\"", into: "form input") }
        try await change("limit") {
            try browser.click("form input[type=checkbox]")
            try browser.type("1.5", into: "form input[type=text]")
        }
        try await change("mode") { try browser.run("document.querySelector('form select').selectedIndex = 0") }
        try await change("note") { try browser.type("new", into: "form input") }
        try await change("place.room") { try browser.type("attic", into: "form input") }
        try await change("tags") { try browser.type("[\"c\"]", into: "form textarea") }
        let document = try exporter.curl("/state/Thing").body.replacing(#/"id":"[^"]+",/#, with: "")
        #expect(
            document
                == #"{"count":-9007199254740995,"label":"\"quoted\"","limit":1.5,"mode":"off","note":"new","#
                + #""place":{"room":"attic"},"tags":["c"]}"# + "\n"
        )
        try await browser.wait(for: "document.body.innerText.includes('attic')")
        #expect(try shown()["count"] == "-9007199254740995")
        // 428 is how the server asks for the revision; the page then sends it.
        #expect(try browser.log().filter { !$0.contains("428 (Precondition Required)") } == [])
    }

    @Test func whoMayOnlyReadIsToldSo() async throws {
        let exporter = try makeExporter("--web.anonymous", "read", listening: "0.0.0.0")
        let browser = try Browser(in: directory)
        try await openPage(of: exporter, browser)
        #expect(try browser.run("return document.querySelectorAll('#models button').length") as? Int == 0)
        #expect(try browser.run("return document.body.innerText.includes('can only be read')") as? Bool == true)
    }

    /// A page shows a bounded part of a state of many models, and finds the others.
    @Test func manyModelsAreFoundByTheirNames() async throws {
        let models = directory.path + "/models"
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        let schema = #"{"type":"object","properties":{"n":{"type":"integer","default":1}},"required":["n"]}"#
        for number in 1_000..<1_300 {
            try schema.write(toFile: "\(models)/M\(number).schema.json", atomically: true, encoding: .utf8)
        }
        let exporter = try makeExporter("--state.models", models)
        let browser = try Browser(in: directory)
        try browser.open("http://\(exporter.address)/")
        try await browser.wait(for: "document.body.innerText.includes('100 of 300 models are shown')")
        try await browser.wait(for: "document.querySelectorAll('#models section').length === 100")
        try browser.type("m1234", into: "#filter")
        try await browser.wait(for: "document.querySelectorAll('#models section').length === 1")
        #expect(try exporter.curl("/state/M1234/n", "-X", "PUT", "-d", "77").status == 200)
        try await browser.wait(for: "\(value("n", of: "M1234")) === '77'")
    }
}
