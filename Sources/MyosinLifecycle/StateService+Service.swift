public import MyosinService
internal import MicroHTTP
public import ServiceLifecycle  // Where it is missing: .package(…, traits: ["MyosinLifecycle"])

extension StateService: Service {
    /// Starts unless it runs already, answers requests until the program stops, and stops.
    ///
    /// At a graceful shutdown it answers the requests in progress, for five seconds at most. If its task is cancelled, it waits
    /// for nothing.
    ///
    /// - Throws: `ServerError` if the service cannot start; see `start()`.
    public func run() async throws {
        do {
            try start()
        } catch  where error.code == .alreadyStarted {
            // Started by the program, which needed the addresses.
        }
        do {
            try await gracefulShutdown()
            await stop()
        } catch {
            // The task is cancelled, so the stop waits for nothing.
            await stop(within: .zero)
        }
    }
}
