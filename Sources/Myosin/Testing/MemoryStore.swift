internal import Primitives

/// A store in memory, for tests: commits with `cache: true` work without a directory.
///
/// After you close the state, another `State` over the same store loads the committed documents. As with a directory, one state
/// has the store at a time: a second one gets `storeInUse`.
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

    /// Makes a store with the documents of an earlier program, as JSON text.
    ///
    /// - Parameter documents: the version of the fields, from 1, and the document as JSON text, by model; version 0 is a file of
    ///   Python myosin. A text that is not JSON is kept as it is, and loading its model throws `corruptDocument`.
    public convenience init(documents: [String: (version: Int, String)]) {
        self.init(texts: documents.mapValues { ($0.version, Array($0.1.utf8)) })
    }

    /// Makes a store with the documents of an earlier program.
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

    // MARK: For tests

    /// The stored documents, by model.
    public var documents: [String: StoredDocument] { content.withLock { $0.stored.documents } }

    /// The last 1,000 documents that were set aside, with the reasons.
    public var quarantine: [StoreBatch.SetAside] { content.withLock { $0.stored.setAside } }

    /// Makes the next commits fail.
    ///
    /// Only batches with documents and resets count, and a failed batch keeps nothing. After any code but `storeFull`,
    /// `storeInUse` and `storeNoQuorum` the engine opens the store again and writes the published values; that write counts, too.
    ///
    /// - Parameters:
    ///   - count: the number of commits that fail; 0 makes commits succeed again.
    ///   - code: the code of the error, `storeFull` for example.
    public func failCommits(_ count: Int = 1, with code: StateError.Code) {
        content.withLock { ($0.failures, $0.failure) = (max(0, count), code) }
    }

    // MARK: The store

    /// Reads the whole content.
    ///
    /// - Returns: the documents, and the next free numbers.
    /// - Throws: nothing; the second state of an open store throws `storeInUse` before it loads.
    public func load() throws -> StoredState {
        content.withLock { content in
            var state = content.stored.state
            state.incarnation = incarnation
            return state
        }
    }

    /// Keeps a batch as a whole, or nothing of it.
    ///
    /// - Throws: ``StateError``: `storeConflict` if the batch expects another document, or the code of ``failCommits(_:with:)``.
    public func commit(_ batch: StoreBatch) throws {
        try content.withLock { content in
            if let code = content.failure, content.failures > 0 {
                // The engine tests a failed store with small batches, and a test cannot know their number.
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

/// The content of a store in memory.
package struct StoreContent {
    /// The documents, by model.
    package var documents: [String: StoredDocument] = [:]
    /// The highest number that may have been used.
    package var numbersReserved: UInt64 = 0
    /// The documents that were set aside.
    package private(set) var setAside: [StoreBatch.SetAside] = []
    private static let maxSetAside = 1_000

    /// Makes an empty content.
    package init() {}

    /// The whole content as a store loads it.
    package var state: StoredState {
        StoredState(documents: documents.values.sorted { $0.model < $1.model }, numbersReserved: numbersReserved)
    }

    /// The error for a batch that cannot be kept, or nil if it can.
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
