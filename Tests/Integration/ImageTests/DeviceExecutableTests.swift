import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// What `make build` lays out runs on a machine that has Debian's libraries and no Swift.
@Suite struct DeviceExecutableTests {
    private static let executables = ["myosin-exporter", "device-example"]

    private func path(of executable: String) throws -> String {
        let path = "\(repository)/.build/device/\(executable)"
        try #require(FileManager.default.isExecutableFile(atPath: path), "make build has not run")
        return path
    }

    private func lines(_ command: String) throws -> [String] {
        try Program.run("/bin/sh", ["-c", command]).output.split(separator: "\n").map(String.init)
    }

    @Test(arguments: executables) func theyNeedDebiansLibrariesOnly(_ executable: String) throws {
        let path = try path(of: executable)
        let section = try lines("readelf --dynamic --wide \(path)")
        let needed = section.filter { $0.contains("(NEEDED)") }
            .compactMap { $0.firstMatch(of: #/\[(.+)\]/#).map { String($0.1) } }
        let known: Set = [
            "libmicrohttpd.so.12", "libsqlite3.so.0", "libz.so.1", "libstdc++.so.6", "libgcc_s.so.1", "libm.so.6",
            "libc.so.6",
            "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
        ]
        #expect(needed.contains("libmicrohttpd.so.12") && Set(needed).subtracting(known) == [])
        // A path to libraries, where there is one, begins with the place of the executable.
        for line in section where line.contains("(RUNPATH)") || line.contains("(RPATH)") {
            #expect(line.contains("[$ORIGIN]"), "\(line)")
        }
        #expect(try !lines("readelf --sections --wide \(path)").contains { $0.contains(".debug_info") })
        #expect(try lines("ldd \(path)").allSatisfy { !$0.contains("not found") && !$0.contains("/opt/") })
    }

    /// With the libraries of the toolchain out of sight.
    @Test(arguments: executables) func theyRunWithoutTheToolchain(_ executable: String) throws {
        let directory = try TemporaryDirectory()
        let models = executable == "myosin-exporter" ? "--state.models \(Service.exampleModels)" : ""
        let script = """
            set -eu
            runtime=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\\(.*\\)".*/\\1/p')
            test -d "$runtime/linux" && mount -t tmpfs none "$runtime" && test -z "$(ls "$runtime")"
            cp \(try path(of: executable)) \(directory.path)/program
            ip link set lo up
            \(directory.path)/program \(models) --state.path \(directory.path)/state \
                \(Service.longDeadlines.joined(separator: " ")) &
            \(Service.shellWait(for: "http://127.0.0.1:8000/healthz"))
            curl -sS -X PUT -d 30.5 http://127.0.0.1:8000/state/Telemetry/humidity
            \(directory.path)/program health --timeout 1h
            kill $! && wait $! && echo stopped
            """
        let spaces = ["--mount", "--net", "--propagation", "private"]
        let ending = try Program.run("/usr/bin/unshare", spaces + ["/bin/sh", "-c", script])
        #expect(ending.output.hasSuffix("30.5\n127.0.0.1:8000 is healthy.\nstopped\n"), "\(ending.errors)")
    }
}
