internal import Locking
package import Myosin

/// A thread that is in a context on a model until it is told to go.
package final class Holder {
    /// Why there is no such context.
    package struct Failure: Error {}

    private let mayGo = Gate()
    private let error = Lock<(any Error)?>(nil)
    private let thread: WorkerThread

    /// Opens the context.
    package init(_ state: State, _ model: any StateModel.Type) throws {
        let isHeld = Gate()
        thread = try WorkerThread { [mayGo, error] in
            do {
                try state.with(model) { _ in
                    isHeld.open()
                    mayGo.wait()
                }
            } catch let thrown {
                error.withLock { $0 = thrown }
            }
        }
        guard isHeld.wait() else { throw Failure() }
    }

    /// Ends the context.
    ///
    /// - Throws: what the context has thrown.
    package func letGo() throws {
        mayGo.open()
        thread.join()
        if let thrown = error.withLock({ $0 }) { throw thrown }
    }
}
