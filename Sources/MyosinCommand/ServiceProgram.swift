internal import CoreMetrics
internal import Exposition
public import Logging
public import MicroHTTP
public import Myosin
public import MyosinService
internal import Primitives
public import ServiceLifecycle
internal import SwiftMetricsBackend

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The life of an executable with the service: open the state, listen, run until a signal, stop, close.
public struct ServiceProgram {
    private let options: ServiceOptions
    private let defaultStatePath: String?
    private let models: ModelOptions?
    /// What the program logs to.
    public let logger: Logger

    /// Prepares the program and its log, on standard error.
    ///
    /// Standard streams that are missing are replaced by `/dev/null`. SIGPIPE and SIGXFSZ are ignored from now on, also by the
    /// programs that this one starts.
    ///
    /// - Parameters:
    ///   - options: the flags.
    ///   - name: the label of the log.
    ///   - defaultStatePath: the directory where neither the flag nor the variable names one; nil keeps nothing then.
    ///   - models: the flags that name the models' files, for the first line of the log; nil for a program that has its models in
    ///     Swift, of which nothing is known before they are loaded.
    public init(
        options: ServiceOptions,
        name: String,
        defaultStatePath: String? = nil,
        models: ModelOptions? = nil
    ) {
        (self.options, self.defaultStatePath, self.models) = (options, defaultStatePath, models)
        StandardStreams.prepare()
        let format = options.log.format
        LoggingSystem.bootstrap { LineLogHandler(label: $0, format: format) }
        LogWriter.log.reportGaps { LogLine.gap($0, label: name, format) }
        var logger = Logger(label: name)
        logger.logLevel = options.log.level
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, unless the process ignored the signal when it was started.
    ///
    /// - Parameters:
    ///   - load: loads the models into the state; what it returns is done on SIGHUP, which ends the program otherwise. The service manager
    ///     waits for its end.
    ///   - routes: makes the program's own routes, in addition to those of the service.
    ///   - middleware: functions around each allowed request, the outermost first.
    ///   - workers: makes what else runs, once the models are loaded.
    ///   - onStart: called when requests are answered, with the first address as clients write it.
    /// - Throws: `StateError` or `ServerError` when the start fails, an error with the remedy where the system gives too few threads,
    ///   and what a worker throws otherwise.
    public func run(
        load: (State) throws -> (@Sendable () async -> Void)?,
        routes: (State) -> [Route] = { _ in [] },
        middleware: [Middleware] = [],
        workers: (State, Logger) throws -> [any Service] = { _, _ in [] },
        onStart: (String) -> Void = { _ in }
    ) async throws {
        if options.printsSettings { return try printSettings() }
        // Before anything is opened.
        _ = try models?.directory
        try StackLimit.check()
        // A stop needs a thread, which may be missing by then: all that it takes runs on those of the program.
        try await withTaskExecutorPreference(try ProgramExecutor.shared()) {
            try await serve(load, routes, middleware, workers, onStart)
        }
    }

    private func serve(
        _ load: (State) throws -> (@Sendable () async -> Void)?,
        _ routes: (State) -> [Route],
        _ middleware: [Middleware],
        _ workers: (State, Logger) throws -> [any Service],
        _ onStart: (String) -> Void
    ) async throws {
        // From here on a signal is kept for later: once something is open it must be closed again.
        let signals = try ProgramSignals.trap()
        try ThreadReserve.check()
        let configuration = try options.makeServiceConfiguration()
        logStart(configuration)
        OpenFileLimit.raise()
        let reports = ServiceReports(logger: logger)
        let state = try reports.extendingStart { try openState() }
        defer { close(state) }
        MetricsSystem.bootstrap(Self.metricsFactory(state, logger))
        try Self.countDroppedLines(in: state)
        if !state.hasStore {
            logger.notice("The state is kept in memory only; --state.path names a directory that keeps it")
        }
        let onHangUp = try reports.extendingStart { try load(state) }
        let service = StateService(
            state: state,
            configuration: configuration,
            routes: routes(state),
            middleware: middleware,
            logger: logger
        )
        let addresses = try service.start()
        logger.info("Ready", metadata: .models(state.modelNames))
        reports.ready(state, service)
        onStart(addresses.first.map(Self.clientAddress) ?? "")
        do {
            let reload = onHangUp.map { reload in
                { @Sendable in await reports.reloading(state, service, reload) }
            }
            try await run(try workers(state, logger), until: signals, reload)
        } catch {
            reports.stopping()
            await service.stop()
            throw error
        }
        logger.info("Stopping")
        reports.stopping()
        await service.stop()
    }

    private func openState() throws -> State {
        try State(
            cache: cache,
            logger: logger,
            maxDocumentBytes: options.engine.maxDocumentBytes,
            showsSummaries: !options.web.hidesSummaries
        )
    }

    /// Runs workers until a signal ends the program.
    private func run(
        _ workers: [any Service],
        until signals: AsyncStream<Int32>,
        _ onHangUp: (@Sendable () async -> Void)?
    ) async throws {
        // The group logs every step of its own at info; what matters is logged here.
        var quiet = logger
        quiet.logLevel = max(options.log.level, .warning)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: workers.map { .init(service: $0) } + [
                    .init(
                        service: UntilSignal(signals: signals, onHangUp: onHangUp),
                        successTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                logger: quiet
            )
        )
        try await group.run()
    }

    /// Closes the state, and says that it waits for the store where that takes longer than a second: another program may have
    /// locked the database.
    private func close(_ state: State) {
        let isClosed = Monitor(false)
        let logger = logger
        // Without a thread to watch it is closed all the same, without a word.
        let observer = try? WorkerThread {
            if isClosed.wait(upTo: .seconds(1), until: { $0 ? true : nil }) == nil {
                logger.notice("Waiting for the store, which another program may have locked")
            }
        }
        state.close()
        isClosed.withLock { $0 = true }
        isClosed.notifyAll()
        observer?.join()
    }

    /// Prints each setting with its source, after the checks of a start that need no file.
    private func printSettings() throws {
        _ = try options.makeServiceConfiguration(hasSockets: false)
        guard let settings = CommandSettings.current.withLock({ $0 }) else {
            throw ProgramError(description: "--print-config needs a command that is a ServiceCommand.")
        }
        for line in settings.table(statePath: defaultStatePath) { print(line) }
    }

    /// Says what is started, so that a log shows with which version and settings it was written.
    private func logStart(_ configuration: ServiceConfiguration) {
        var metadata: Logger.Metadata = [
            "version": "\(myosinVersion)",
            "web.listeners": .array(
                configuration.accessByListener.map { "\($0.address),access=\($0.access.rawValue)" }
            ),
        ]
        if case .directory(let path, _) = cache { metadata["state.path"] = "\(path)" }
        if let models { metadata["models.path"] = .array(models.paths.map { "\($0)" }) }
        logger.info("Starting", metadata: metadata)
        for variable in CommandSettings.current.withLock({ $0?.unknownVariables }) ?? [] {
            var metadata: Logger.Metadata = ["variable.name": "\(variable.name)"]
            metadata["variable.suggestion"] = variable.suggestion.map { "\($0)" }
            logger.warning(
                "A variable of the environment has a name like a setting, but no flag has it",
                metadata: metadata
            )
        }
    }

    /// Has what libraries record through swift-metrics on the page.
    private static func metricsFactory(_ state: State, _ logger: Logger) -> RegistryMetricsFactory {
        var options = RegistryMetricsFactory.Options()
        options.refused = { error in
            logger.error("A metric of swift-metrics is not shown", metadata: ["error": "\(error)"])
        }
        return RegistryMetricsFactory(state.metrics, options: options)
    }

    private static func countDroppedLines(in state: State) throws {
        let dropped = try state.metrics.counter(
            named: "myosin_log_lines_dropped",
            help: "Lines of the log that could not be written, or found no room among those that wait."
        )
        let counted = Lock(0)
        state.metrics.addQuickCollector {
            let total = LogWriter.log.droppedLines
            // Under the lock, so that of two pages at once neither adds what the other has.
            counted.withLock { counted in
                dropped.increment(by: Double(max(0, total - counted)))
                counted = max(counted, total)
            }
        }
    }

    private var cache: State.Cache {
        (options.store.path ?? defaultStatePath).map { .directory($0, options.storeOptions) } ?? .none
    }

    private static func clientAddress(_ address: BoundAddress) -> String {
        guard let port = address.port else { return "\(address)" }
        return ["127.0.0.1", "::1", "::", "0.0.0.0"].contains(address.host) ? "localhost:\(port)" : "\(address)"
    }
}

/// Keeps a group running until a signal comes that ends the program.
private struct UntilSignal: Service {
    let signals: AsyncStream<Int32>
    let onHangUp: (@Sendable () async -> Void)?

    func run() async throws {
        let executor = try ProgramExecutor.shared()
        for await signal in signals {
            guard signal == SIGHUP, let onHangUp else { return }
            // Beside the signals, so that one which ends the program does not wait for files that cannot be read.
            Task(executorPreference: executor) { await onHangUp() }
        }
    }
}
