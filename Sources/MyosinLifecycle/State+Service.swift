public import Myosin
internal import Primitives
public import ServiceLifecycle  // Where it is missing: .package(…, traits: ["MyosinLifecycle"])

/// A state as a service does nothing but close itself at the end.
///
/// Put it first in its group. A group stops its services in reverse order, each when the one behind it has stopped, so that the state
/// is closed after all that use it.
extension State: Service {
    /// Waits until the program stops, and closes the state.
    ///
    /// When its task is cancelled, the state is closed at once, whatever uses it.
    public func run() async throws {
        // An error says that the task is cancelled: then it is closed too.
        try? await gracefulShutdown()
        // It waits for the disk, which is no work for Swift's pool.
        await WorkerThread.perform { self.close() }
    }
}
