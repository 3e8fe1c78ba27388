public import ArgumentParser
internal import Logging
internal import MicroHTTP
internal import Myosin
internal import MyosinService

/// The flags that every executable with the service has, named as Prometheus exporters name theirs.
public struct ServiceOptions: ParsableArguments {
    @OptionGroup var web: WebOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var log: LogOptions

    @Flag(
        name: .customLong("print-config"),
        help: "Print the value of each flag and its source, the command line for example, and end."
    )
    var printsSettings = false

    /// Makes the flags for the parser to fill in.
    public init() {}

    var storeOptions: SQLiteStore.Options {
        SQLiteStore.Options(group: store.group, maxQuarantined: engine.maxQuarantined)
    }

    /// Makes the configuration of the service.
    ///
    /// - Parameter hasSockets: whether this process may have been given sockets by systemd.
    /// - Returns: the configuration.
    /// - Throws: `ServerError` where sockets of systemd are wanted and there are none.
    func makeServiceConfiguration(hasSockets: Bool = true) throws -> ServiceConfiguration {
        var configuration = try web.makeServiceConfiguration(hasSockets: hasSockets)
        configuration.logsAccess = log.logsAccess
        return configuration
    }
}

/// The flags of a command that works on the files of the state.
///
/// It takes all flags of the service, so that the same arguments serve for both, and ignores those that do not name the store.
public struct StoreCommandOptions: ParsableArguments {
    /// The flags that name the store.
    @OptionGroup public var store: StoreOptions
    @OptionGroup(visibility: .hidden) var web: WebOptions
    @OptionGroup(visibility: .hidden) var engine: EngineOptions
    @OptionGroup(visibility: .hidden) var log: LogOptions
    @OptionGroup(visibility: .hidden) var models: ModelOptions

    /// Makes the flags for the parser to fill in.
    public init() {}
}
