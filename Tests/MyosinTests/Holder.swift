import Locking
import Myosin
import TestSupport
import Testing

/// A thread that is in a context on some models until it is told to go.
final class Holder {
    private let mayGo = Gate()
    private let thread: WorkerThread

    init(_ state: State, _ model: any StateModel.Type) throws {
        let (isHeld, mayGo) = (Gate(), mayGo)
        thread = try WorkerThread {
            #expect(throws: Never.self) {
                try state.with(model) { _ in
                    isHeld.open()
                    mayGo.wait()
                }
            }
        }
        try #require(isHeld.wait())
    }

    /// Ends the context.
    func letGo() {
        mayGo.open()
        thread.join()
    }
}
