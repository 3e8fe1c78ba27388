import ArgumentParser
import Myosin
import MyosinCommand

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A simulated device: a sensor and an uplink share `Telemetry` and `System`, and the service shows both.
@main
struct DeviceExample: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "device-example",
        abstract: "Run a simulated device that shares its state over HTTP.",
        version: "device-example \(myosinVersion)",
        subcommands: [HealthCommand.self]
    )

    @OptionGroup var options: ServiceOptions

    func run() async throws {
        let program = ServiceProgram(
            options: options,
            name: "device-example",
            defaultStatePath: ExecutableDirectory.path.map { $0 + "/device-example-state" }
        )
        try await program.run { state in
            try state.load(User(name: "chris", email: "chris@email.com"))
            try state.load(Telemetry())
            try state.load(System())
            return nil
        } workers: { state, logger in
            [Sensor(state: state), try Uplink(state: state, logger: logger)]
        } onStart: { address in
            StandardOutput.write(
                """
                The device is running. In another terminal, try:

                  curl \(address)/state/Telemetry
                  curl -X PUT -d '{"name":"cS","email":"chris@email.com"}' \(address)/state/User
                  curl \(address)/metrics

                Press Ctrl-C to stop.

                """
            )
        }
    }
}

/// The directory of the running executable, so that what it keeps lies with the build and goes with it.
enum ExecutableDirectory {
    /// The path, or nil where the system does not tell it.
    static var path: String? {
        guard let resolved = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(resolved) }
        let file = String(cString: resolved)
        return file.lastIndex(of: "/").map { String(file[..<$0]) }
    }
}
