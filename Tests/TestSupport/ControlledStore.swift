internal import Locking
package import Myosin

/// A store in memory, whose writes wait and fail as a test says.
package final class ControlledStore: StateStore {
    /// What a failing write throws where the test does not say what.
    package struct Failure: Error {
        /// Makes the failure.
        package init() {}
    }

    private struct Content {
        var documents: [String: StoredDocument]
        var batches: [[StoredDocument]] = []
        var numbersReserved: UInt64 = 0
        /// How many writes may go on; nil for all.
        var allowance: Int?
        var hasWaitingWrite = false
        var error: (any Error)?
        var failsOnce = false
        var canBeCleared = false
    }

    private let content: Monitor<Content>

    /// Makes a store with documents; by default its numbers begin at 0, so the first model loaded has revision 1.
    package init(_ documents: [StoredDocument] = [], numbersReserved: UInt64 = 0) {
        content = Monitor(
            Content(
                documents: Dictionary(documents.map { ($0.model, $0) }, uniquingKeysWith: { $1 }),
                numbersReserved: numbersReserved
            )
        )
    }

    /// The documents of each batch that was kept, without those that only reserved numbers.
    package var batches: [[StoredDocument]] { content.withLock { $0.batches.filter { !$0.isEmpty } } }

    /// The text that is kept of a model.
    package func text(of model: String) -> String? {
        content.withLock { $0.documents[model].map { String(decoding: $0.text, as: UTF8.self) } }
    }

    /// Everything that is kept, for a store that goes on from here as if the process had been killed.
    package var kept: StoredState {
        content.withLock { content in
            StoredState(
                documents: content.documents.values.sorted { $0.model < $1.model },
                numbersReserved: content.numbersReserved
            )
        }
    }

    /// Lets writes wait.
    package func block() { content.withLock { $0.allowance = 0 } }

    /// Waits until a write waits; false when none does within a minute.
    package func waitForCommit() async throws -> Bool {
        try await onThread { [content] in
            content.wait(upTo: .seconds(60)) { $0.hasWaitingWrite ? true : nil } ?? false
        }
    }

    /// Lets writes go on.
    ///
    /// - Parameter count: how many, before further ones wait; nil for all.
    package func unblock(_ count: Int? = nil) {
        content.withLock { ($0.allowance, $0.hasWaitingWrite) = (count, false) }
        content.notifyAll()
    }

    /// Lets writes, that is commits and clearing, fail from now on, or succeed again.
    ///
    /// - Parameters:
    ///   - error: what they throw; nil lets them succeed.
    ///   - isOnce: whether only the next one fails.
    package func fail(with error: (any Error)?, once isOnce: Bool = false) {
        content.withLock { ($0.error, $0.failsOnce, $0.canBeCleared) = (error, isOnce, false) }
    }

    /// Lets commits fail from now on, while the store can be emptied all the same.
    package func failCommits(with error: any Error) {
        content.withLock { ($0.error, $0.failsOnce, $0.canBeCleared) = (error, false, true) }
    }

    package func load() throws -> StoredState { kept }

    package func commit(_ batch: StoreBatch) throws {
        try write { content in
            for document in batch.documents { content.documents[document.model] = document }
            content.batches.append(batch.documents)
            content.numbersReserved = batch.numbersReserved ?? content.numbersReserved
        }
    }

    package func clear() throws { try write(isClearing: true) { $0.documents = [:] } }

    package func setAside(_ document: StoredDocument, reason: String) throws {}

    package func close(numbersUsed: UInt64) {}

    private func write(isClearing: Bool = false, _ change: @Sendable (inout Content) -> Void) throws {
        content.withLock { $0.hasWaitingWrite = $0.allowance == 0 }
        content.notifyAll()
        let outcome: Result<Void, any Error>? = content.wait { content in
            if content.allowance == 0 { return nil }
            content.hasWaitingWrite = false
            content.allowance = content.allowance.map { $0 - 1 }
            if let error = content.error, !(isClearing && content.canBeCleared) {
                if content.failsOnce { content.error = nil }
                return .failure(error)
            }
            change(&content)
            return .success(())
        }
        try outcome?.get()
    }
}
