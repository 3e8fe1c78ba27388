import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The container image without a container engine: the files that its build lays out, started as the Dockerfile and the compose file
/// say, with nothing else to be seen, read-only but for the volume, and for a user who may do nothing.
@Suite struct ImageTests {
    /// What `make image` has made.
    private static let root = repository + "/.build/image/root"
    private static let models = ["System", "Telemetry", "User"].map { "/etc/myosin/models/\($0).schema.json" }

    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func theImageHasWhatItNeedsAndNothingElse() throws {
        let paths = try #require(FileManager.default.enumerator(atPath: Self.root), "make image has not run")
            .compactMap { $0 as? String }
        let files = paths.map { "/" + $0 }
            .filter { path in
                var isDirectory: ObjCBool = false
                return FileManager.default.fileExists(atPath: Self.root + path, isDirectory: &isDirectory)
                    && !isDirectory.boolValue
            }
        let libraries = files.filter {
            $0.contains(#/^\/lib(64)?\/([a-z0-9_-]+-linux-gnu\/)?(lib|ld-)[a-zA-Z0-9+_.-]+\.so\.[0-9]+$/#)
        }
        #expect(Set(files).subtracting(libraries) == Set(["/usr/bin/myosin-exporter"] + Self.models))
        // Those of the system, of which the loader needs each; Swift's own are in the executable.
        let list = try Program.run("/usr/bin/ldd", [Self.root + "/usr/bin/myosin-exporter"]).output
        #expect(!libraries.isEmpty && !list.contains("libswift"))
        for library in libraries { #expect(list.contains(library.split(separator: "/").last ?? "?"), "\(library)") }
    }

    /// An instruction of the Dockerfile whose arguments are a JSON array.
    private func words(of instruction: String) throws -> [String] {
        let file = try String(contentsOfFile: repository + "/docker/Dockerfile", encoding: .utf8)
        let line = try #require(file.split(separator: "\n").last { $0.hasPrefix(instruction) })
        let array = try #require(line.firstIndex(of: "["))
        return try JSONDecoder().decode([String].self, from: Data(line[array...].utf8))
    }

    /// The health check of the Dockerfile, with the time that a busy machine may take.
    private func healthCheck() throws -> String {
        let words = try words(of: "HEALTHCHECK")
        #expect(words == ["/usr/bin/myosin-exporter", "health"])
        return quoted(words + ["--timeout=\(patience.components.seconds)s"])
    }

    private func quoted(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: " ") }

    /// Runs commands beside the image's process, in a network and a tree of mounts of their own.
    ///
    /// In them `image` runs a program in the image as its user, and `start` starts the process again; `$server` is its number.
    private func run(
        _ command: [String],
        waitingFor url: String = "http://127.0.0.1:8000/healthz",
        _ script: String
    ) throws -> Program.Ending {
        let mounted = directory.path + "/mounted"
        let whole = """
            set -eu
            ip link set lo up && ip address add 10.9.9.9/32 dev lo
            mkdir -p \(mounted) \(directory.path)/volume && chown 10001:10001 \(directory.path)/volume
            mkdir -p \(Self.root)/proc \(Self.root)/dev
            mount --bind \(Self.root) \(mounted) && mount -o remount,ro,bind \(mounted)
            mount --bind \(directory.path)/volume \(mounted)/var/lib/myosin
            mount -t proc proc \(mounted)/proc && mount --rbind /dev \(mounted)/dev
            image() { chroot --userspec=10001:10001 \(mounted) "$@"; }
            start() {
                chroot --userspec=10001:10001 \(mounted) \(quoted(command + Service.longDeadlines)) 2>> \(directory.path)/log &
                server=$!
                \(Service.shellWait(for: url))
            }
            start
            \(script)
            """
        let spaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        return try Program.run("/usr/bin/unshare", spaces + ["/bin/sh", "-c", whole])
    }

    @Test func itStartsFromTheseFilesAloneAndKeepsItsState() throws {
        // Without the last flag only the metrics are open on such an address.
        let command = try words(of: "ENTRYPOINT") + words(of: "CMD") + ["--web.anonymous=write"]
        let health = try healthCheck()
        let ending = try run(
            command,
            """
            image \(health) > /dev/null && echo healthy
            curl -sS http://127.0.0.1:8000/state | sed 's/"id":"[^"]*",//g'
            curl -sS -X PUT -d 30.5 http://127.0.0.1:8000/state/Telemetry/temperature
            curl -sS http://127.0.0.1:8000/metrics | grep -c '^process_resident_memory_bytes [1-9]'
            # Only the volume can be written to, and only by the user.
            chroot --userspec=10001:10001 / touch \(directory.path)/mounted/etc/myosin/models/new 2>/dev/null || echo read-only
            kill -9 $server; wait $server || true
            image \(health) 2>/dev/null || echo unhealthy
            start
            curl -sS http://127.0.0.1:8000/state/Telemetry/temperature
            kill $server && wait $server && echo stopped
            """
        )
        let log = (try? String(contentsOfFile: directory.path + "/log", encoding: .utf8)) ?? ""
        #expect(
            ending.output == """
                healthy
                {"System":{"online":false},"Telemetry":{"temperature":21.5,"humidity":40},"User":{"name":"chris","email":"chris@email.com"}}
                30.5
                1
                read-only
                unhealthy
                30.5
                stopped

                """,
            "\(ending.errors) \(log)"
        )
    }

    /// Where the service listens with the arguments that a user gives the container.
    private static let arguments = [
        ("--web.listen-address=:9000", "http://127.0.0.1:9000/healthz"),
        ("--web.listen-address=[::]:9000", "http://[::1]:9000/healthz"),
        ("--web.listen-address=127.0.0.1:9000,access=none", "http://127.0.0.1:9000/healthz"),
        ("--web.listen-address=unix:/var/lib/myosin/socket", "--unix-socket VOLUME/socket http://localhost/healthz"),
    ]

    @Test(arguments: arguments) func theHealthCheckFollowsTheArguments(_ argument: String, _ url: String) throws {
        let command = try words(of: "ENTRYPOINT") + [argument, "--state.models", "/etc/myosin/models"]
        let health = try healthCheck()
        let ending = try run(
            command,
            waitingFor: url.replacing("VOLUME", with: "\(directory.path)/volume"),
            """
            image \(health) > /dev/null && echo healthy
            kill -STOP $server
            image /usr/bin/myosin-exporter health --timeout 300ms 2> /dev/null || echo unhealthy
            kill -CONT $server
            kill $server && wait $server && echo stopped
            image \(health) 2> /dev/null || echo unhealthy
            """
        )
        #expect(ending.output == "healthy\nunhealthy\nstopped\nunhealthy\n", "\(ending.errors)")
    }

    // MARK: Compose

    /// The compose file as docker-compose understands it.
    private func composition() throws -> [String: Any] {
        let ending = try Program.run(
            "/bin/sh",
            [
                "-c",
                "docker-compose -f '\(repository)/docker/compose.yaml' config | /usr/bin/python3 -c 'import json, sys, yaml; "
                    + "json.dump(yaml.safe_load(sys.stdin), sys.stdout)'",
            ]
        )
        let object = try? JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any]
        return try #require(object?["services"] as? [String: Any], "docker-compose says: \(ending.errors)")
    }

    @Test func theCompositionIsPinnedAndOpenOnLoopbackOnly() throws {
        let services = try composition()
        #expect(services.keys.sorted() == ["exporter", "grafana", "prometheus"])
        for (name, service) in services {
            let service = try #require(service as? [String: Any])
            if name == "exporter" {
                let build = try #require(service["build"] as? [String: String])
                #expect(build["context"] == repository && build["dockerfile"] == "docker/Dockerfile")
                #expect(service["read_only"] as? Bool == true && service["cap_drop"] as? [String] == ["ALL"])
            } else {
                let image = try #require(service["image"] as? String)
                #expect(image.contains(#/^[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+$/#), "\(image)")
            }
            let ports = try #require(service["ports"] as? [String])
            #expect(ports.count == 1 && ports.allSatisfy { $0.hasPrefix("127.0.0.1:") })
            for volume in try #require(service["volumes"] as? [String]) where volume.hasPrefix("/") {
                let source = try #require(volume.split(separator: ":").first)
                #expect(FileManager.default.fileExists(atPath: String(source)), "\(volume)")
                #expect(volume.hasSuffix(":ro"))
            }
        }
        let prometheus = try #require(services["prometheus"] as? [String: Any])
        let dependencies = try #require(prometheus["depends_on"] as? [String: [String: Any]])
        #expect(dependencies["exporter"]?["condition"] as? String == "service_healthy")
        let targets = try String(contentsOfFile: repository + "/docker/prometheus/compose-targets.yml", encoding: .utf8)
        #expect(targets.contains(#"["exporter:8000"]"#) && targets.contains(#"instance: "localhost:8000""#))
    }

    /// The flags of the compose file: who comes through the published port may write, and Prometheus asks for exporter:8000.
    @Test func theExporterRunsAsTheCompositionSays() throws {
        let exporter = try #require(try composition()["exporter"] as? [String: Any])
        let flags = try #require(exporter["command"] as? [String])
        let ending = try run(
            try words(of: "ENTRYPOINT") + flags,
            """
            curl -sS -X PUT -d true http://10.9.9.9:8000/state/System/online
            curl -sS -H 'Host: localhost:8000' http://10.9.9.9:8000/state/System/online
            curl -sS -o /dev/null -w '%{http_code}\\n' -H 'Host: exporter:8000' http://10.9.9.9:8000/metrics
            curl -sS -o /dev/null -w '%{http_code}\\n' -H 'Host: elsewhere:8000' http://10.9.9.9:8000/metrics
            kill $server && wait $server && echo stopped
            """
        )
        #expect(ending.output == "true\ntrue\n200\n421\nstopped\n", "\(ending.errors)")
    }
}
