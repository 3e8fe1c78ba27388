import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Who may do what at which address, with the exporter in a network of its own: loopback, an address that other machines would
/// reach, and a Unix socket, all at once.
@Suite struct AccessTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// What is asked, and from which access on it is open.
    private static let requests = [
        ("/metrics", "metrics"), ("/healthz", "metrics"), ("/readyz", "metrics"), ("/state", "read"),
        ("/state/User/name", "read"), ("/schema", "read"), ("-X PATCH -d {} /state", "write"),
        ("-X DELETE /state/System", "write"), ("-X PUT -d 1 /state/Telemetry/humidity", "write"),
    ]

    private static let levels = ["none", "metrics", "read", "write"]

    @Test(arguments: levels) func eachListenerDecidesForItself(access: String) throws {
        let exporter = Program.path(of: "myosin-exporter")
        let socket = "\(directory.path)/socket"
        let curl = "curl -s -o /dev/null \(Service.curlLimit.joined(separator: " ")) -w '%{http_code}\\n'"
        func ask(_ request: String, _ place: String) -> String {
            // The path is the last word.
            let words = request.split(separator: " ")
            return "\(curl) \(words.dropLast().joined(separator: " ")) \(place)\(words.last ?? "")"
        }
        let places = ["http://10.9.9.9:8000", "http://127.0.0.1:8001", "--unix-socket \(socket) http://localhost"]
        let lines = places.flatMap { place in Self.requests.map { ask($0.0, place) } }
        let script = """
            ip link set lo up && ip address add 10.9.9.9/32 dev lo || exit 1
            \(exporter) --state.models \(Service.exampleModels) --web.anonymous \(access) --web.listen-address 10.9.9.9:8000 --web.listen-address 127.0.0.1:8001 \
            --web.listen-address unix:\(socket) \(Service.longDeadlines.joined(separator: " ")) 2> \(directory.path)/log &
            \(Service.shellWait(for: "http://127.0.0.1:8001/healthz"))
            \(lines.joined(separator: "\n"))
            kill $!
            wait $!
            """
        let ending = try Program.run("/usr/bin/unshare", ["-n", "/bin/sh", "-c", script])
        let statuses = ending.output.split(separator: "\n").compactMap { Int($0) }
        try #require(statuses.count == 3 * Self.requests.count, "\(ending.errors)")
        let granted = try #require(Self.levels.firstIndex(of: access))
        for (index, request) in Self.requests.enumerated() {
            let needed = try #require(Self.levels.firstIndex(of: request.1))
            #expect(statuses[index] == (granted >= needed ? 200 : 403), "\(request.0) from elsewhere")
            #expect(statuses[index + Self.requests.count] == 200, "\(request.0) on loopback")
            #expect(statuses[index + 2 * Self.requests.count] == 200, "\(request.0) on a Unix socket")
        }
    }
}
