public import MyosinService
internal import MicroHTTP
public import ServiceLifecycle  // Where it is missing: .package(…, traits: ["MyosinLifecycle"])

extension StateService: Service {
    /// Starts, unless that was done before, answers requests until the program stops, and stops.
    ///
    /// At a graceful shutdown it answers what is under way, for five seconds at most. When its task is cancelled it waits for nothing.
    ///
    /// - Throws: `ServerError` when the service cannot start, `start()` says when.
    public func run() async throws {
        do {
            try start()
        } catch  where error.code == .alreadyStarted {
            // By the program, which wanted to know the addresses.
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
