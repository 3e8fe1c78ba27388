import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// A headless Chromium, driven by chromedriver (W3C WebDriver), with a profile of its own.
final class Browser {
    /// What a test wanted and the browser has not done.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let driver: Program
    private let address: String
    private let bodyFile: String
    private var session = ""

    /// Starts it, with a window of some CSS pixels, a phone's where it is narrow, for a user who likes light or dark pages.
    init(in directory: TemporaryDirectory, width: Int = 1_200, height: Int = 900, isDark: Bool = false) throws {
        let started = #/started successfully on port (\d+)/#
        var driver = try Program("/usr/bin/chromedriver", ["--port=0"])
        var output = driver.output { $0.contains(started) }
        // It picks a port for IPv6 first, which another program can have for IPv4.
        for _ in 0..<5 where output.contains("port not available") {
            driver = try Program("/usr/bin/chromedriver", ["--port=0"])
            output = driver.output { $0.contains(started) }
        }
        self.driver = driver
        let port = try #require(output.firstMatch(of: started), "chromedriver says: \(output)").1
        address = "127.0.0.1:\(port)"
        bodyFile = "\(directory.path)/body-\(port)"
        let limit = Int(patience / .milliseconds(1))
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--user-data-dir=\(directory.path)/profile-\(port)",
        ]
        let options: [String: Any] = [
            "goog:chromeOptions": ["args": arguments, "browserStartupTimeout": limit],
            // Those of tests are signed by nobody.
            "acceptInsecureCerts": true, "goog:loggingPrefs": ["browser": "ALL"],
            "timeouts": ["script": limit, "pageLoad": limit],
        ]
        let made = try ask("POST", "/session", ["capabilities": ["alwaysMatch": options]]) as? [String: Any]
        session = "/session/\(try #require(made?["sessionId"] as? String))"
        try command(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600]
        )
        let scheme = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
        try command("Emulation.setEmulatedMedia", ["features": [scheme]])
        // No page gives up a request because a busy machine has held up the server.
        try command(
            "Page.addScriptToEvaluateOnNewDocument",
            ["source": "AbortSignal.timeout = () => new AbortController().signal;"]
        )
    }

    deinit {
        // Chromium itself would stay when its driver is killed.
        if !session.isEmpty { _ = try? ask("DELETE", session) }
        // SIGTERM is blocked in it, as in all that Process starts here.
        _ = driver.end(with: SIGKILL)
    }

    // MARK: Pages

    /// Goes to a page.
    func open(_ url: String) throws { _ = try ask("POST", session + "/url", ["url": url]) }

    /// Runs a function's body on the page, and gives what it returns.
    @discardableResult
    func run(_ script: String, _ arguments: Any...) throws -> Any? {
        try ask("POST", session + "/execute/sync", ["script": script, "args": arguments])
    }

    /// Runs a function's body on the page whose last argument is called with the result.
    func runToEnd(_ script: String) throws -> Any? {
        try ask("POST", session + "/execute/async", ["script": script, "args": []])
    }

    /// Waits until an expression on the page is true.
    func wait(for expression: String) async throws {
        let end = SuspendingClock.now + patience
        while SuspendingClock.now < end {
            if try run("return Boolean(\(expression))") as? Bool == true { return }
            // The page depends on other processes, which have no way to wake this one.
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "never true: \(expression), of \(try run("return document.body.innerText") ?? "")")
    }

    /// What the page has written to the console since this was asked last.
    func log() throws -> [String] {
        let entries = try ask("POST", session + "/se/log", ["type": "browser"]) as? [[String: Any]]
        return (entries ?? []).map { "\($0["level"] ?? "") \($0["message"] ?? "")" }
    }

    /// Keeps a picture of the window.
    func takePicture(_ path: String) throws {
        let text = try #require(try ask("GET", session + "/screenshot") as? String)
        try #require(Data(base64Encoded: text)).write(to: URL(filePath: path))
    }

    // MARK: A user's hands

    /// Clicks on the first element that a selector finds.
    func click(_ selector: String) throws { _ = try ask("POST", "\(element(selector))/click", [:]) }

    /// Types into an element, instead of what is there.
    func type(_ text: String, into selector: String) throws {
        let element = try element(selector)
        _ = try ask("POST", "\(element)/clear", [:])
        _ = try ask("POST", "\(element)/value", ["text": text])
    }

    /// Presses keys where the focus is.
    func press(_ keys: String) throws {
        let actions = keys.flatMap { key in ["keyDown", "keyUp"].map { ["type": $0, "value": String(key)] } }
        let source: [String: Any] = ["type": "key", "id": "keyboard", "actions": actions]
        _ = try ask("POST", session + "/actions", ["actions": [source]])
    }

    private func element(_ selector: String) throws -> String {
        let found = try ask("POST", session + "/element", ["using": "css selector", "value": selector])
        let object = try #require(found as? [String: String])
        return "\(session)/element/\(try #require(object.values.first))"
    }

    // MARK: The driver

    private func command(_ name: String, _ parameters: [String: Any]) throws {
        _ = try ask("POST", session + "/goog/cdp/execute", ["cmd": name, "params": parameters])
    }

    private func ask(_ method: String, _ path: String, _ body: [String: Any]? = nil) throws -> Any? {
        var arguments = ["-sS", "-X", method, "http://\(address)\(path)"] + Service.curlLimit
        if let body {
            // A file, as scripts can be longer than what programs take as an argument.
            try JSONSerialization.data(withJSONObject: body).write(to: URL(filePath: bodyFile))
            arguments += ["-H", "Content-Type: application/json", "--data-binary", "@\(bodyFile)"]
        }
        let ending = try Program.run("/usr/bin/curl", arguments)
        guard let answer = try? JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any] else {
            throw Failure(description: "\(method) \(path): \(ending.output)\(ending.errors)")
        }
        let value = answer["value"]
        if let fault = value as? [String: Any], let error = fault["error"] as? String {
            throw Failure(description: "\(method) \(path): \(error): \(fault["message"] ?? "")")
        }
        return value is NSNull ? nil : value
    }
}
