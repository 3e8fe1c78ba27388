public import ArgumentParser  // Where it is missing: .package(…, traits: ["MyosinCommand"])
internal import MicroHTTP
internal import MyosinService

/// The subcommand `health`: asks the running service whether it is alive, as the health check of a container does.
///
/// Put it into the `subcommands` of your ``ServiceCommand``.
public struct HealthCommand: ParsableCommand {
    /// The name of the subcommand and its help.
    public static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask the running service whether it is alive; status 0 if it is, and 1 if not.",
        discussion: """
            Without --web.listen-address it finds the process of this program and asks where that one listens. It takes all \
            flags of the service and ignores those that do not say where it listens. Of several addresses, one must answer.
            """
    )

    @Flag(name: .customLong("ready"), help: "Ask /readyz: whether the service should be sent requests.")
    var asksReadiness = false

    @Option(
        name: .customLong("timeout"),
        help: ArgumentHelp("How long all of it may take. (default: 2s)", valueName: "duration"),
        transform: duration
    )
    var timeout = Duration.seconds(2)

    @OptionGroup(visibility: .hidden) var options: ServiceOptions
    @OptionGroup(visibility: .hidden) var models: ModelOptions

    /// Makes the command for the parser to fill in.
    public init() {}

    /// Asks the service, and prints a line about it.
    ///
    /// - Throws: an error with a sentence that says why the service is not alive, or not ready.
    public func run() throws {
        let addresses = try addresses()
        let check = HealthCheck(asksReadiness: asksReadiness, timeout: timeout, prefix: prefix)
        print(try check.verdict(of: addresses))
    }

    /// The prefix of the flags, else that of the running process.
    private var prefix: PathPrefix {
        if let prefix = options.web.pathPrefix { return prefix }
        // Several processes, or none, have no prefix in common; the addresses are known all the same.
        return (try? RunningService.only())?.prefix ?? .none
    }

    /// Where to ask: at the addresses of the flags, else at those of the running process, else at the default one.
    private func addresses() throws -> [BoundAddress] {
        if !options.web.listeners.isEmpty || options.web.usesSystemdSockets {
            return try Self.addresses(of: options.web.listeners, withSystemd: options.web.usesSystemdSockets, nil)
        }
        guard let service = try RunningService.only() else {
            return ServiceConfiguration().listeners.compactMap(\.address.clientAddress)
        }
        let listening = try service.listeners
        return try Self.addresses(of: listening.listeners, withSystemd: listening.usesSystemdSockets, service)
    }

    /// The addresses of some listeners; those that do not say theirs have that of the running process.
    private static func addresses(
        of listeners: [ServiceListener],
        withSystemd usesSystemdSockets: Bool,
        _ service: RunningService?
    ) throws -> [BoundAddress] {
        var addresses = listeners.compactMap(\.address.clientAddress).map { service?.resolved($0) ?? $0 }
        let others = listeners.map(\.address).filter { $0.clientAddress == nil }
        if others.isEmpty, !usesSystemdSockets { return addresses }
        guard let service = try service ?? RunningService.only() else {
            if !addresses.isEmpty { return addresses }
            throw HealthFailure("No process of this program is to be seen here. Run health as the user of the service.")
        }
        // The sockets of the unit and a port that the system has picked are among all of them.
        let isAnyWanted = usesSystemdSockets || others.contains { $0.descriptorNumber == nil }
        let descriptors = isAnyWanted ? [nil] : others.map(\.descriptorNumber)
        for address in try descriptors.flatMap({ try service.socketAddresses(of: $0) })
        where !addresses.contains(address) {
            addresses.append(address)
        }
        if !addresses.isEmpty { return addresses }
        throw HealthFailure("Process \(service.process) does not listen yet.")
    }
}

/// Why a service is not alive, or not ready.
struct HealthFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
