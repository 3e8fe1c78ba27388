/// Where documents are kept across restarts.
///
/// The engine calls a store from one thread at a time and never concurrently: first ``load()`` once, then the other
/// methods in any order, ``close(numbersUsed:)`` last. Calls may block; no lock that readers need is held meanwhile.
/// Whatever is thrown should be a ``StateError`` with one of the `store…` codes and a sentence that says what to do;
/// any other error is told as ``StateError/Code/storeFailed``.
public protocol StateStore: AnyObject, Sendable {
    /// Reads everything that is kept.
    ///
    /// - Returns: the documents and the numbers that may have been used.
    /// - Throws: ``StateError``.
    func load() throws -> StoredState

    /// Writes a batch: all of it durably, or nothing of it.
    ///
    /// - Parameter batch: the documents, at most one a model, and the numbers to reserve.
    /// - Throws: ``StateError``; with the code `storeFailed` it is unknown whether the batch is kept.
    func commit(_ batch: StoreBatch) throws

    /// Keeps a copy of a document that is going to be replaced since it is old or broken.
    ///
    /// - Parameters:
    ///   - document: the document as it was stored.
    ///   - reason: why, as a sentence.
    /// - Throws: ``StateError``.
    func setAside(_ document: StoredDocument, reason: String) throws

    /// Removes all documents durably; reserved numbers and what was set aside stay.
    ///
    /// - Throws: ``StateError``.
    func clear() throws

    /// Gives everything back that the store holds.
    ///
    /// - Parameter numbersUsed: the highest number in use, so that the rest of the reserved range need not be skipped.
    func close(numbersUsed: UInt64)
}

/// What a store has kept.
public struct StoredState: Sendable {
    /// The documents, at most one a model.
    public var documents: [StoredDocument]
    /// The highest number that may have been used as a revision or for a publication.
    public var numbersReserved: UInt64

    /// Makes the content of a store.
    ///
    /// - Parameters:
    ///   - documents: the documents, at most one a model.
    ///   - numbersReserved: the highest number that may have been used.
    public init(documents: [StoredDocument], numbersReserved: UInt64) {
        (self.documents, self.numbersReserved) = (documents, numbersReserved)
    }
}

/// One model's document as it is stored.
public struct StoredDocument: Sendable, Hashable {
    /// The model's name.
    public var model: String
    /// The version of the model's fields.
    public var schemaVersion: Int
    /// The revision at which the document was committed.
    public var revision: UInt64
    /// When it was committed, in seconds since 1970.
    public var time: Double
    /// The JSON text, UTF-8.
    public var text: [UInt8]

    /// Makes a document.
    ///
    /// - Parameters:
    ///   - model: the model's name.
    ///   - schemaVersion: the version of the model's fields.
    ///   - revision: the revision at which it was committed.
    ///   - time: when it was committed, in seconds since 1970.
    ///   - text: the JSON text, UTF-8.
    public init(model: String, schemaVersion: Int, revision: UInt64, time: Double, text: [UInt8]) {
        (self.model, self.schemaVersion, self.revision) = (model, schemaVersion, revision)
        (self.time, self.text) = (time, text)
    }
}

/// What is written together.
public struct StoreBatch: Sendable {
    /// The documents, at most one a model.
    public var documents: [StoredDocument]
    /// When given, numbers up to this one may be used from now on, also if the process dies.
    public var numbersReserved: UInt64?

    /// Makes a batch.
    ///
    /// - Parameters:
    ///   - documents: the documents, at most one a model.
    ///   - numbersReserved: the number up to which the engine may count from now on.
    public init(documents: [StoredDocument], numbersReserved: UInt64? = nil) {
        (self.documents, self.numbersReserved) = (documents, numbersReserved)
    }
}
