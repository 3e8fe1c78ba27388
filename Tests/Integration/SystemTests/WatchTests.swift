import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Watching from outside: with curl, with Python's sseclient, with a browser.
@Suite struct WatchTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func makeExporter() throws -> Service {
        try Service("myosin-exporter", ["--state.path", directory.path + "/state"])
    }

    private func set(_ exporter: Service, _ temperature: Int) throws {
        let reply = try exporter.curl("/state/Telemetry/temperature", "-X", "PUT", "-d", "\(temperature)")
        #expect(reply.status == 200)
    }

    /// The lines of a stream without what is new each time, and without heartbeats, which come at any time.
    private func stable(_ text: String) -> String {
        text.replacing(#/"id":"[0-9a-f-]+"/#, with: #""id":"ID""#).replacing(#/id: [a-z0-9]{4}-/#, with: "id: k3f9-")
            .replacing(#/(?m)^:\n/#, with: "")
    }

    @Test func curlShowsEveryChange() throws {
        let exporter = try makeExporter()
        let watching = try Program("/usr/bin/curl", ["-sSN", "\(exporter.address)/state/Telemetry?watch"])
        let all = try Program("/usr/bin/curl", ["-sSNH", "Accept: text/event-stream", "\(exporter.address)/state"])
        _ = watching.output { $0.contains("snapshot") }
        _ = all.output { $0.contains("\"User\"") }
        try set(exporter, 20)
        let patch = #"{"User":{"name":"cS"},"Telemetry":{"temperature":21}}"#
        #expect(try exporter.curl("/state", "-X", "PATCH", "-d", patch).status == 200)
        let text = stable(watching.output { $0.contains("-5\n\n") })
        #expect(
            text == """
                retry: 2000
                event: snapshot
                data: {"model":"Telemetry","revision":2,"value":{"id":"ID","temperature":21.5,"humidity":40}}
                id: k3f9-3

                event: change
                data: {"model":"Telemetry","revision":4,"value":{"id":"ID","temperature":20,"humidity":40}}
                id: k3f9-4

                event: change
                data: {"model":"Telemetry","revision":5,"value":{"id":"ID","temperature":21,"humidity":40}}
                id: k3f9-5


                """
        )
        let end = stable(all.output { $0.contains("-5\n\n") })
        // What one request has changed is one group, whose last event has the number.
        #expect(
            end.hasSuffix(
                """
                event: change
                data: {"model":"User","revision":5,"value":{"id":"ID","name":"cS","email":"chris@email.com"}}

                event: change
                data: {"model":"Telemetry","revision":5,"value":{"id":"ID","temperature":21,"humidity":40}}
                id: k3f9-5


                """
            )
        )
        // A stop ends the streams, without an error for their clients.
        #expect(exporter.program.end(with: SIGTERM).status == 0)
        #expect(watching.end().status == 0 && all.end().status == 0)
    }

    @Test func aClientResumesAfterAKill() throws {
        let exporter = try makeExporter()
        let first = try Program("/usr/bin/curl", ["-sSN", "\(exporter.address)/state?watch"])
        _ = first.output { $0.contains("-3\n") }
        try set(exporter, 20)
        let seen = try #require(first.output { $0.contains("-4\n") }.firstMatch(of: #/id: ([a-z0-9]{4})-4\n/#))
        #expect(exporter.program.end(with: SIGKILL).isSignalled)
        let again = try makeExporter()
        let second = try Program(
            "/usr/bin/curl",
            ["-sSN", "-H", "Last-Event-ID: \(seen.1)-4", "\(again.address)/state?watch"]
        )
        let text = second.output { $0.contains(#/id: .*\n/#) }
        #expect(text.contains("event: snapshot") && text.contains(#""temperature":20,"#))
        let id = try #require(text.firstMatch(of: #/id: (.*)\n/#)).1
        #expect(id.hasPrefix("\(seen.1)-"))
        // And within this process only what has changed since.
        try set(again, 22)
        let third = try Program(
            "/usr/bin/curl",
            ["-sSN", "-H", "Last-Event-ID: \(id)", "\(again.address)/state?watch"]
        )
        let rest = third.output { $0.contains("\n\n") }
        #expect(rest.contains("event: change") && rest.contains(#""temperature":22,"#) && !rest.contains("User"))
    }

    @Test func aPollIsAnsweredOnChangeOrInTheEnd() throws {
        let exporter = try makeExporter()
        let tag = try #require(
            try exporter.curl("/state/Telemetry", "-D", "-").body.firstMatch(of: #/ETag: ("[a-z0-9]{4}-\d+")/#)
        )
        .1
        let condition = ["-H", "If-None-Match: \(tag)"]
        let late = try exporter.curl("/state/Telemetry", condition[0], condition[1], "-H", "Prefer: wait=1", "-D", "-")
        #expect(late.status == 304 && late.body.contains("Preference-Applied: wait=1"))
        let polling = try Program(
            "/usr/bin/curl",
            ["-sS", "-H", "Prefer: wait=300"] + condition + ["\(exporter.address)/state/Telemetry/temperature"]
        )
        // It is on its way as soon as the metrics count it, or a little later; either way it gets the new value.
        try set(exporter, 25)
        #expect(polling.end().output == "25\n")
    }

    @Test func beyondTheLimitThereIsAReason() throws {
        let exporter = try Service("myosin-exporter", ["--web.max-watchers", "1"])
        let watching = try Program("/usr/bin/curl", ["-sSN", "\(exporter.address)/state?watch"])
        _ = watching.output { $0.contains("snapshot") }
        let refused = try exporter.curl("/state?watch", "-D", "-")
        #expect(refused.status == 503 && refused.body.contains("Retry-After: 1"))
        #expect(refused.body.contains("The limit of clients that watch at a time is reached: 1."))
        #expect(refused.body.contains("--web.max-watchers"))
        #expect(try exporter.curl("/state").status == 200)
        #expect(try exporter.curl("/state/Telemetry/temperature?watch").status == 400)
    }

    /// Python's sseclient reads the events, and resumes by itself after the server was killed.
    @Test func sseclientReadsAndResumes() throws {
        let script = """
            import json, sys, sseclient
            for event in sseclient.SSEClient(sys.argv[1], retry=100):
                data = json.loads(event.data)
                print(event.event, data["model"], data["value"].get("temperature"), event.id, flush=True)
            """
        let library = try PythonPackages.install(["sseclient==0.0.27"], as: "sseclient-0.0.27")
        let address = try freeAddress(on: "127.0.9.1")
        func start() throws -> Program {
            let program = try Program(
                Program.path(of: "myosin-exporter"),
                [
                    "--state.path", directory.path + "/state", "--state.models", Service.exampleModels,
                    "--web.listen-address", address,
                ] + Service.longDeadlines
            )
            _ = program.errors { $0.contains("Listening") }
            return program
        }
        func put(_ number: Int) throws {
            let place = "\(address)/state/Telemetry/temperature"
            let curl = ["-sSf", "-X", "PUT", "-d", "\(number)", place] + Service.curlLimit
            #expect(try Program.run("/usr/bin/curl", curl).status == 0)
        }
        let exporter = try start()
        let client = try Program(
            "/usr/bin/env",
            ["python3", "-c", script, "http://\(address)/state/Telemetry?watch"],
            environment: ["PYTHONPATH": library]
        )
        _ = client.output { $0.contains("snapshot") }
        try put(1)
        try put(2)
        let seen = client.output { $0.contains("Telemetry 2 ") }
        #expect(seen.contains("change Telemetry 1 ") && seen.contains("change Telemetry 2 "))
        // The client tries once, two seconds after its connection has ended, and ends where there is no server then. So it stands
        // still until there is one.
        client.send(SIGSTOP)
        #expect(exporter.end(with: SIGKILL).isSignalled)
        let again = try start()
        client.send(SIGCONT)
        try put(3)
        let rest = client.output { $0.contains("Telemetry 3 ") }
        #expect(rest.contains("Telemetry 3 "))
        #expect(again.end(with: SIGTERM).status == 0)
    }

    /// A page in a browser gets the events by EventSource.
    @Test func aBrowserIsToldOfChanges() throws {
        let exporter = try makeExporter()
        let browser = try Browser(in: directory)
        try browser.open("http://\(exporter.address)/healthz")
        let seen = try browser.runToEnd(
            """
            const done = arguments[0], seen = [], source = new EventSource("/state?watch");
            const note = event => {
                const data = JSON.parse(event.data);
                seen.push(`${event.type} ${data.model} ${event.lastEventId.replace(/^[a-z0-9]{4}-/, "k3f9-")}`);
                if (data.model === "User" && event.type === "snapshot")
                    fetch("/state/System/online", {method: "PUT", body: "true", headers: {"Content-Type": "application/json"}});
                if (event.type === "change") { source.close(); done(seen); }
            };
            source.addEventListener("snapshot", note);
            source.addEventListener("change", note);
            """
        )
        #expect(
            seen as? [String] == [
                "snapshot System ", "snapshot Telemetry ", "snapshot User k3f9-3", "change System k3f9-4",
            ]
        )
    }
}
