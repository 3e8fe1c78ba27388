internal import Logging
internal import Myosin
internal import MyosinService
internal import Primitives

/// What a program reports to its service manager in its life; nothing where there is no manager.
final class ServiceReports: Sendable {
    private let manager: ServiceManager?
    private let logger: Logger
    private struct Phase {
        /// How many reloads run.
        var reloads = 0
        var isStopping = false
    }

    /// Held while one of the reports that it orders is sent: only their senders wait for it.
    private let phase = Lock(Phase())
    private let watchdog = Lock<ServiceWatchdog?>(nil)

    /// The time by which a start is extended, and the pause between two extensions.
    private static let extended = Duration.seconds(60)
    private let pause: Duration

    /// Makes the reports of a program.
    ///
    /// - Parameters:
    ///   - manager: the manager; nil for none.
    ///   - logger: for reports that do not arrive.
    ///   - pause: the pause between two reports of a start that takes long.
    init(to manager: ServiceManager? = .own, logger: Logger, pause: Duration = .seconds(10)) {
        (self.manager, self.logger, self.pause) = (manager, logger, pause)
    }

    /// Opens the store while the manager waits for as long as that takes.
    ///
    /// A large store is read and checked whole. A disk that does not respond is waited for too: another start would not help.
    ///
    /// - Parameter open: opens it.
    /// - Returns: what that returns.
    /// - Throws: what that throws.
    func extendingStart<Result>(_ open: () throws -> Result) throws -> Result {
        guard let manager else { return try open() }
        manager.send(.extendTimeout(Self.extended), .status("Opening the state"))
        let isOpen = Monitor(false)
        let pause = pause
        // Without a thread the start has the time that the unit gives it.
        let thread = try? WorkerThread {
            while isOpen.wait(upTo: pause, until: { $0 ? true : nil }) == nil {
                manager.send(.extendTimeout(Self.extended))
            }
        }
        defer {
            isOpen.withLock { $0 = true }
            isOpen.notifyAll()
            thread?.join()
        }
        return try open()
    }

    /// Reports that requests are answered, and that the process is alive from now on.
    ///
    /// - Parameters:
    ///   - state: the state.
    ///   - service: its service, which listens.
    func ready(_ state: State, _ service: StateService) {
        guard let manager else { return }
        if !manager.send(.ready, .status(Self.status(state, service))) {
            logger.warning("The service manager has not got the report that the service is ready")
        }
        guard let period = manager.watchdogPeriod else { return }
        do {
            let watchdog = try ServiceWatchdog(period: period) {
                manager.send(.alive)
            } ask: { answered in
                service.whenResponsive { state.whenResponsive(answered) }
            }
            self.watchdog.withLock { $0 = watchdog }
        } catch {
            logger.error("The service manager will miss its watchdog", metadata: ["error": "\(error)"])
        }
    }

    /// Reports a reload while it runs.
    ///
    /// - Parameters:
    ///   - state: the state.
    ///   - service: its service.
    ///   - reload: the reload.
    func reloading(_ state: State, _ service: StateService, _ reload: @Sendable () async -> Void) async {
        guard let manager else { return await reload() }
        phase.withLock { phase in
            phase.reloads += 1
            if !phase.isStopping { manager.send(ServiceManager.reloadingNow) }
        }
        await reload()
        let status = Self.status(state, service)
        phase.withLock { phase in
            phase.reloads -= 1
            // Several at once are over with the last one, and nothing is ready any more once it stops.
            if phase.reloads == 0, !phase.isStopping { manager.send(.ready, .status(status)) }
        }
    }

    /// Reports that the process stops.
    func stopping() {
        let watchdog = watchdog.withLock { watchdog in
            defer { watchdog = nil }
            return watchdog
        }
        watchdog?.end()
        phase.withLock { phase in
            phase.isStopping = true
            manager?.send(.stopping, .status("Stopping"))
        }
    }

    private static func status(_ state: State, _ service: StateService) -> String {
        let count = state.modelNames.count
        let addresses = service.addresses.map { "\($0)" }.joined(separator: ", ")
        return "\(count) model\(count == 1 ? "" : "s"), listening on \(addresses)"
    }
}
