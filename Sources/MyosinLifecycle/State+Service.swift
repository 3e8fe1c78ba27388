public import Myosin
internal import Primitives
public import ServiceLifecycle  // Where it is missing: .package(…, traits: ["MyosinLifecycle"])

/// As a service, a state only closes itself at the end.
///
/// Put it first in its group. A group stops its services in reverse order, each after the one behind it, so the state closes
/// after all services that use it.
extension State: Service {
    /// Waits until the program stops, and closes the state.
    ///
    /// If its task is cancelled, the state closes at once, even while it is in use.
    public func run() async throws {
        // An error means that the task is cancelled; the state closes then, too.
        try? await gracefulShutdown()
        // It waits for the disk, which must not block Swift's pool.
        await WorkerThread.perform { self.close() }
    }
}
