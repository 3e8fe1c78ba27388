package import Myosin
internal import Primitives

/// A thread that is in a context on a model until it is told to go.
package final class Holder {
    /// Why there is no such context.
    package struct Failure: Error {}

    private let mayGo = Gate()
    private let error = Lock<(any Error)?>(nil)
    private let thread: WorkerThread

    /// Opens the context.
    package convenience init(_ state: State, _ model: any StateModel.Type) throws {
        try self.init { body in try state.with(model) { _ in body() } }
    }

    /// Opens a context on a model that a schema declares.
    package convenience init(_ state: State, declared name: String) throws {
        try self.init { body in try state.update(declared: name) { _ in body() } }
    }

    private init(_ enter: @escaping @Sendable (() -> Void) throws -> Void) throws {
        let isHeld = Gate()
        thread = try WorkerThread { [mayGo, error] in
            do {
                try enter {
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
