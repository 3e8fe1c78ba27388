internal import Locking
package import Myosin

/// A store in memory, whose commits wait and fail as a test says.
package final class ControlledStore: StateStore {
    /// What a failing commit throws where the test does not say what.
    package struct Failure: Error {
        /// Makes the failure.
        package init() {}
    }

    private struct Content {
        var documents: [String: StoredDocument]
        var batches: [[StoredDocument]] = []
        var numbersReserved: UInt64 = 0
        var isBlocked = false
        var hasWaitingCommit = false
        var error: (any Error)?
        var failsOnce = false
    }

    private let content: Monitor<Content>

    /// Makes a store with documents; its numbers begin at 0, so the first model that is loaded has revision 1.
    package init(_ documents: [StoredDocument] = []) {
        content = Monitor(Content(documents: Dictionary(documents.map { ($0.model, $0) }, uniquingKeysWith: { $1 })))
    }

    /// The documents of each batch that was kept, without those that only reserved numbers.
    package var batches: [[StoredDocument]] { content.withLock { $0.batches.filter { !$0.isEmpty } } }

    /// The text that is kept of a model.
    package func text(of model: String) -> String? {
        content.withLock { $0.documents[model].map { String(decoding: $0.text, as: UTF8.self) } }
    }

    /// Lets commits wait.
    package func block() { content.withLock { $0.isBlocked = true } }

    /// Waits until a commit waits; false when none does within ten seconds.
    package func waitForCommit() -> Bool {
        content.wait(upTo: .seconds(10)) { $0.hasWaitingCommit ? true : nil } ?? false
    }

    /// Lets commits go on.
    package func unblock() {
        content.withLock { $0.isBlocked = false }
        content.notifyAll()
    }

    /// Lets commits fail from now on, or succeed again.
    ///
    /// - Parameters:
    ///   - error: what commits throw; nil lets them succeed.
    ///   - isOnce: whether only the next one fails.
    package func fail(with error: (any Error)?, once isOnce: Bool = false) {
        content.withLock { ($0.error, $0.failsOnce) = (error, isOnce) }
    }

    package func load() throws -> StoredState {
        content.withLock { content in
            StoredState(documents: Array(content.documents.values), numbersReserved: content.numbersReserved)
        }
    }

    package func commit(_ batch: StoreBatch) throws {
        content.withLock { $0.hasWaitingCommit = $0.isBlocked }
        content.notifyAll()
        let outcome: Result<Void, any Error>? = content.wait { content in
            if content.isBlocked { return nil }
            content.hasWaitingCommit = false
            if let error = content.error {
                if content.failsOnce { content.error = nil }
                return .failure(error)
            }
            for document in batch.documents { content.documents[document.model] = document }
            content.batches.append(batch.documents)
            content.numbersReserved = batch.numbersReserved ?? content.numbersReserved
            return .success(())
        }
        try outcome?.get()
    }

    package func setAside(_ document: StoredDocument, reason: String) throws {}

    package func clear() throws { content.withLock { $0.documents = [:] } }

    package func close(numbersUsed: UInt64) {}
}
