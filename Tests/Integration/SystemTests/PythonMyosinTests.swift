import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// A cache directory of Python myosin 0.2.3, from PyPI, that an executable goes on with.
@Suite struct PythonMyosinTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The models of its example program and of its usage page, with values of their own.
    private static let program = """
        import os, sys
        os.environ["MYOSIN_CACHE_BASE_PATH"] = sys.argv[1]
        from myosin import State, StateModel

        class Model(StateModel):
            def deserialize(self, **fields):
                for name, value in fields.items():
                    setattr(self, name, value)

        class Telemetry(Model):
            def __init__(self):
                super().__init__()
                self.tp = 25.5
            def serialize(self):
                return {"id": self.id, "temp": self.tp, "timestamp": 1661661213.072657}

        class System(Model):
            def __init__(self):
                super().__init__()
                self.online = False
            def serialize(self):
                return {"id": self.id, "online": self.online}

        class User(Model):
            def __init__(self, name, email):
                super().__init__(7)
                self.name, self.email = name, email
            def serialize(self):
                return {"id": self.id, "name": self.name, "email": self.email}

        with State() as state:
            state.load(Telemetry())
            state.load(System())
            state.load(User("chris", "chris@email.com"))
        with State(Telemetry, System, User) as state:
            telemetry, system, user = state.checkout(Telemetry), state.checkout(System), state.checkout(User)
            telemetry.tp, system.online, user.name = 61.25, True, "c\\u00f6 \\\\ S"
            for model in (telemetry, system, user):
                state.commit(model, cache=True)
        """

    private func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for model in ["Telemetry", "System", "User"] {
            files[model] = try Data(contentsOf: URL(filePath: "\(directory.path)/\(model).json"))
        }
        return files
    }

    @Test func itsDirectoryIsAdopted() throws {
        let python = try Program.run(
            "/usr/bin/env",
            ["python3", "-c", Self.program, directory.path],
            environment: ["PYTHONPATH": try PythonPackages.install(["myosin==0.2.3"], as: "myosin-0.2.3")]
        )
        try #require(python.status == 0, "Python says: \(python.errors)")
        let before = try files()
        let left = try #require(try JSONSerialization.jsonObject(with: before["System"] ?? Data()) as? [String: Any])
        let id = try #require(left["id"] as? String)

        let models = try TemporaryDirectory()
        for model in ["System", "User"] {
            let file = "\(model).schema.json"
            try FileManager.default.copyItem(
                atPath: "\(Service.exampleModels)/\(file)",
                toPath: "\(models.path)/\(file)"
            )
        }
        // The example program of Python says temp; what the schema does not declare is dropped, and kept aside.
        try """
        {"type": "object", "properties": {"temp": {"type": "number", "default": 0}, "humidity": {"type": "number", "default": 40}}}
        """
        .write(toFile: models.path + "/Telemetry.schema.json", atomically: true, encoding: .utf8)

        for round in 1...2 {
            let exporter = try Service(
                "myosin-exporter",
                ["--state.path", directory.path, "--state.models", models.path]
            )
            #expect(try exporter.curl("/state/System").body == #"{"id":"\#(id)","online":true}"# + "\n")
            let name = round == 1 ? #"cö \\ S"# : "cS"
            #expect(
                try exporter.curl("/state/User").body == #"{"id":7,"name":"\#(name)","email":"chris@email.com"}"# + "\n"
            )
            let telemetry = try exporter.curl("/state/Telemetry").body
            #expect(telemetry.contains(#""temp":61.25,"humidity":40}"#), "\(telemetry)")
            let put = try exporter.curl("/state/User", "-X", "PUT", "-d", #"{"name":"cS","email":"chris@email.com"}"#)
            #expect(put.status == 200)
            #expect(exporter.program.end(with: SIGTERM).status == 0)
            #expect(try files() == before, "its files stay as they are")
        }
        let former = try Program.sqlite("select model, document from quarantine order by 1", in: directory.path)
        for (model, text) in before.sorted(by: { $0.key < $1.key }) {
            #expect(former.contains("\(model)|\(String(decoding: text, as: UTF8.self))\n"))
        }
    }

    /// The example's own type renames the field.
    @Test func itsDirectoryIsAdoptedByTheDevice() async throws {
        try #"{"id": "t", "temp": 61.25, "timestamp": 1}"#
            .write(toFile: directory.path + "/Telemetry.json", atomically: true, encoding: .utf8)
        try await until {
            let copy = try directory.copy()
            let device = try Service("device-example", ["--state.path", copy.path])
            let telemetry = try device.curl("/state/Telemetry").body
            let temperature = try #require(telemetry.firstMatch(of: #/"id":"t","temperature":([\d.]+),/#)).1
            let page = try device.curl("/metrics").body
            let commits = #/\nmyosin_commit_latency_count\{model="Telemetry"\} (\d+)\n/#
            let count = try #require(page.firstMatch(of: commits)).1
            let readings = try #require(Double(count))
            // The first reading of the sensor puts the temperature into its range, which ends at 45.5. Each moves it by half a
            // degree at most, and rounds it.
            #expect(try #require(Double(temperature)) >= 45.5 - 0.51 * readings)
            #expect(device.program.end(with: SIGTERM).status == 0)
            // After more readings the device may as well have begun at the default of 21.5. Then another one is asked.
            return readings <= 20
        }
    }
}
