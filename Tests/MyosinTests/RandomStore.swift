import Myosin
import Primitives
import TestSupport

/// A store in memory that takes its time and fails, as a seed says.
///
/// What fails throws; with the code `storeFailed`, half of the time it is kept all the same. Opening never fails.
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

    func load() throws -> StoredState {
        content.withLock { content in
            StoredState(documents: content.documents.values.sorted { $0.model < $1.model }, numbersReserved: 0)
        }
    }

    func commit(_ batch: StoreBatch) throws {
        let error = takeTime()
        content.withLock { content in
            guard error == nil || error?.code == .storeFailed && content.generator.chance(50) else { return }
            if batch.isClearing { content.documents = [:] }
            for document in batch.documents { content.documents[document.model] = document }
        }
        if let error { throw error }
    }

    func close(numbersUsed: UInt64?) {}

    private func takeTime() -> StateError? {
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
        return error
    }
}
