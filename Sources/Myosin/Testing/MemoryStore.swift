internal import Primitives

/// A store in memory, for tests: commits with `cache: true` work without a directory.
///
/// What was committed is there for another `State` over the same store once the first was closed. Two states cannot have it open at
/// once, as they cannot share a directory: the second one gets `storeInUse`.
public final class MemoryStore: StateStore {
    private struct Content {
        var stored: StoreContent
        var failure: StateError.Code?
        var failures = 0
    }

    /// The incarnation of its numbers.
    private let incarnation = StoredState.makeIncarnation()
    private let content: Lock<Content>

    /// Makes an empty store.
    public init() { content = Lock(Content(stored: StoreContent())) }

    /// Makes a store with documents as an earlier program has left them.
    ///
    /// - Parameter documents: the version of the fields, from 1, and the document as JSON text, by model; version 0 is a file of Python
    ///   myosin. A text that is not JSON is kept as it is, and loading its model throws `corruptDocument`.
    public convenience init(documents: [String: (version: Int, String)]) {
        self.init(texts: documents.mapValues { ($0.version, Array($0.1.utf8)) })
    }

    /// Makes a store with documents as an earlier program has left them.
    ///
    /// - Parameter documents: the version of the fields, from 1, and the document, by model; a string is a JSON text.
    public convenience init(documents: [String: (version: Int, JSONValue)]) {
        self.init(texts: documents.mapValues { ($0.version, $0.1.string.map { Array($0.utf8) } ?? $0.1.bytes) })
    }

    private init(texts: [String: (version: Int, text: [UInt8])]) {
        var stored = StoreContent()
        for (model, document) in texts.sorted(by: { $0.key < $1.key }) {
            stored.numbersReserved += 1
            stored.documents[model] = StoredDocument(
                model: model,
                schemaVersion: document.version,
                revision: document.version == 0 ? 0 : stored.numbersReserved,
                time: 0,
                text: document.text
            )
        }
        content = Lock(Content(stored: stored))
    }

    // MARK: What a test looks at and decides

    /// The stored documents, by model.
    public var documents: [String: StoredDocument] { content.withLock { $0.stored.documents } }

    /// The documents that were set aside, the latest 1,000, with the reasons.
    public var quarantine: [StoreBatch.SetAside] { content.withLock { $0.stored.setAside } }

    /// Lets the next commits fail.
    ///
    /// Only batches with documents count, and a failed one keeps nothing. After any code but `storeFull`, `storeInUse` and
    /// `storeNoQuorum` the engine opens the store again and writes what is published; that counts, too.
    ///
    /// - Parameters:
    ///   - count: how many commits fail; 0 lets them succeed again.
    ///   - code: the code of the error, `storeFull` for example.
    public func failCommits(_ count: Int = 1, with code: StateError.Code) {
        content.withLock { ($0.failures, $0.failure) = (max(0, count), code) }
    }

    // MARK: The store

    /// Reads everything that is kept.
    ///
    /// - Returns: the documents, and the numbers to go on from.
    /// - Throws: ``StateError``: `storeInUse` while another state has the store open.
    public func load() throws -> StoredState {
        content.withLock { content in
            var state = content.stored.state
            state.incarnation = incarnation
            return state
        }
    }

    /// Keeps a batch, or nothing of it.
    ///
    /// - Throws: ``StateError``: `storeConflict` where the batch expects another document, or the code of ``failCommits(_:with:)``.
    public func commit(_ batch: StoreBatch) throws {
        try content.withLock { content in
            if let code = content.failure, content.failures > 0 {
                // The engine tries with small batches whether a store works again, a test cannot know how often.
                if !batch.documents.isEmpty || batch.isClearing { content.failures -= 1 }
                throw StateError(code, "The test lets this commit fail with \(code).")
            }
            if let conflict = content.stored.conflict(with: batch) { throw conflict }
            content.stored.keep(batch)
        }
    }

    /// Notes the last number in use.
    public func close(numbersUsed: UInt64?) {
        content.withLock { $0.stored.numbersReserved = numbersUsed ?? $0.stored.numbersReserved }
    }
}

/// What a store in memory keeps.
package struct StoreContent {
    /// The documents, by model.
    package var documents: [String: StoredDocument] = [:]
    /// The highest number that may have been used.
    package var numbersReserved: UInt64 = 0
    /// What was set aside.
    package private(set) var setAside: [StoreBatch.SetAside] = []
    private static let maxSetAside = 1_000

    /// Makes an empty one.
    package init() {}

    /// All of it, as a store loads it.
    package var state: StoredState {
        StoredState(documents: documents.values.sorted { $0.model < $1.model }, numbersReserved: numbersReserved)
    }

    /// Why a batch cannot be kept; nil if it can.
    package func conflict(with batch: StoreBatch) -> StateError? {
        let model = batch.expectedRevisions.sorted { $0.key < $1.key }
            .first { (documents[$0.key]?.revision ?? 0) != $0.value }?
            .key
        return model.map { StateError(.storeConflict, "Somebody else has changed \($0).", model: $0) }
    }

    /// Keeps a batch.
    package mutating func keep(_ batch: StoreBatch) {
        setAside = (setAside + batch.setAside).suffix(Self.maxSetAside)
        if batch.isClearing { documents = [:] }
        for document in batch.documents { documents[document.model] = document }
        numbersReserved = batch.numbersReserved ?? numbersReserved
    }
}
