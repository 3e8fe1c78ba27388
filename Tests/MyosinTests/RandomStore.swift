import Locking
import Myosin
import TestSupport

/// A store in memory that takes its time and fails, as a seed says.
///
/// What fails throws and keeps nothing. Opening never fails.
final class RandomStore: StateStore {
    private struct Content {
        var generator: SeededRandom
        var documents: [String: StoredDocument] = [:]
        var isOpen = false
    }

    private let content: Monitor<Content>
    private let failurePercent: Int

    init(seed: UInt64, failurePercent: Int) {
        content = Monitor(Content(generator: SeededRandom(seed: seed)))
        self.failurePercent = failurePercent
    }

    func load() throws -> StoredState { StoredState(documents: [], numbersReserved: 0) }

    func commit(_ batch: StoreBatch) throws {
        try takeTime()
        content.withLock { content in
            for document in batch.documents { content.documents[document.model] = document }
        }
    }

    func clear() throws {
        try takeTime()
        content.withLock { $0.documents = [:] }
    }

    func setAside(_ document: StoredDocument, reason: String) throws {}

    func close(numbersUsed: UInt64) {}

    private func takeTime() throws {
        let percent = failurePercent
        let (delay, error): (Duration, StateError?) = content.withLock { content in
            guard content.isOpen else {
                content.isOpen = true
                return (.zero, nil)
            }
            let delay = Duration.microseconds(Int.random(in: 0...300, using: &content.generator))
            guard content.generator.chance(percent) else { return (delay, nil) }
            let code = content.generator.chance(50) ? StateError.Code.storeFull : .storeFailed
            return (delay, StateError(code, "The store fails at random."))
        }
        // A disk's latency: nobody's turn depends on how long it is.
        _ = content.wait(upTo: delay) { _ in Optional<Bool>.none }
        if let error { throw error }
    }
}
