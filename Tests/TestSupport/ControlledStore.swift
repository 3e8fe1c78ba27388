package import Myosin
internal import Primitives

/// A store in memory, whose writes wait and fail as a test says.
package final class ControlledStore: StateStore {
    /// What a failing write throws where the test does not say what.
    package struct Failure: Error {
        /// Makes the failure.
        package init() {}
    }

    fileprivate struct Content {
        var stored: StoreContent
        var batches: [[StoredDocument]] = []
        var watcher: (@Sendable ([StoredDocument]) -> Void)?
        var loadCount = 0
        var loadError: (any Error)?
        /// Whether a commit that fails is kept all the same.
        var keepsFailed = false
        /// How many writes may go on; nil for all.
        var allowance: Int?
        /// The documents of the write that waits.
        var waitingWrite: [StoredDocument]?
        var error: (any Error)?
        var failsOnce = false
    }

    private let content: Monitor<Content>

    /// Makes a store with documents; by default its numbers begin at 0, so the first model loaded has revision 1.
    package init(_ documents: [StoredDocument] = [], numbersReserved: UInt64 = 0) {
        var stored = StoreContent()
        stored.documents = Dictionary(documents.map { ($0.model, $0) }, uniquingKeysWith: { $1 })
        stored.numbersReserved = numbersReserved
        content = Monitor(Content(stored: stored))
    }

    /// The documents of each batch that was kept, without those that only reserved numbers.
    package var batches: [[StoredDocument]] { content.withLock { $0.batches.filter { !$0.isEmpty } } }

    /// The text that is kept of a model.
    package func text(of model: String) -> String? {
        content.withLock { $0.stored.documents[model].map { String(decoding: $0.text, as: UTF8.self) } }
    }

    /// Everything that is kept, for a store that goes on from here as if the process had been killed.
    package var kept: StoredState {
        content.withLock { content in
            var state = content.stored.state
            state.incarnation = "k3f9"
            return state
        }
    }

    /// Documents that were set aside, with the reasons.
    package var setAside: [StoreBatch.SetAside] { content.withLock { $0.stored.setAside } }

    /// How often the content was read.
    package var loadCount: Int { content.withLock { $0.loadCount } }

    /// Lets writes wait.
    package func block() { content.withLock { $0.allowance = 0 } }

    /// Waits until a write waits; false when none does within ``patience``.
    package func waitForCommit() async throws -> Bool { try await waitForCommit { _ in true } }

    /// Waits until a write of some text waits, and lets others go on, which may only reserve numbers; false when none does within
    /// ``patience``.
    package func waitForCommit(of text: String) async throws -> Bool {
        try await waitForCommit { documents in
            documents.contains { String(decoding: $0.text, as: UTF8.self).contains(text) }
        }
    }

    private func waitForCommit(_ isWanted: @escaping @Sendable ([StoredDocument]) -> Bool) async throws -> Bool {
        try await onThread { [content] in
            let isThere: Bool? = content.wait(upTo: patience) { state in
                guard let documents = state.waitingWrite else { return nil }
                if isWanted(documents) { return true }
                (state.allowance, state.waitingWrite) = (1, nil)
                content.notifyAll()
                return nil
            }
            return isThere ?? false
        }
    }

    /// Lets writes go on.
    ///
    /// - Parameter count: how many, before further ones wait; nil for all.
    package func unblock(_ count: Int? = nil) {
        content.withLock { ($0.allowance, $0.waitingWrite) = (count, nil) }
        content.notifyAll()
    }

    /// Lets commits fail from now on, or succeed again.
    ///
    /// - Parameters:
    ///   - error: what they throw; nil lets them succeed.
    ///   - isOnce: whether only the next one fails.
    ///   - isKept: whether what fails is kept all the same, as after an error of a flush.
    package func fail(with error: (any Error)?, once isOnce: Bool = false, keeping isKept: Bool = false) {
        content.withLock { ($0.error, $0.failsOnce, $0.keepsFailed) = (error, isOnce, isKept) }
    }

    /// Lets reading fail from now on, or succeed again.
    package func failLoading(with error: (any Error)?) { content.withLock { $0.loadError = error } }

    /// Changes documents behind the engine's back.
    ///
    /// - Parameters:
    ///   - isTold: whether whoever watches is told.
    ///   - change: the documents by model.
    package func changeElsewhere(isTold: Bool = true, _ change: (inout [String: StoredDocument]) -> Void) {
        let (changed, watcher) = content.withLock { content in
            let before = content.stored.documents
            change(&content.stored.documents)
            return (content.stored.documents.values.filter { before[$0.model] != $0 }, content.watcher)
        }
        if isTold { watcher?(changed.sorted { $0.model < $1.model }) }
    }

    package func load() throws -> StoredState {
        let error: (any Error)? = content.withLock { content in
            content.loadCount += 1
            return content.loadError
        }
        if let error { throw error }
        return kept
    }

    package func commit(_ batch: StoreBatch) throws {
        content.withLock { $0.waitingWrite = $0.allowance == 0 ? batch.documents : nil }
        content.notifyAll()
        let outcome: Result<Void, any Error>? = content.wait { content in
            if content.allowance == 0 { return nil }
            content.waitingWrite = nil
            content.allowance = content.allowance.map { $0 - 1 }
            let error = content.error
            if content.failsOnce { content.error = nil }
            if let error, !content.keepsFailed { return .failure(error) }
            if let conflict = content.stored.conflict(with: batch) { return .failure(conflict) }
            content.stored.keep(batch)
            content.batches.append(batch.documents)
            return error.map { .failure($0) } ?? .success(())
        }
        try outcome?.get()
    }

    package func watch(_ onChange: @escaping @Sendable ([StoredDocument]) -> Void) {
        content.withLock { $0.watcher = onChange }
    }

    package func close(numbersUsed: UInt64?) {
        if let numbersUsed { content.withLock { $0.stored.numbersReserved = numbersUsed } }
    }
}
