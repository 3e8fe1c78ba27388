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
    /// The version of the model's fields; 0 for one that comes from elsewhere, such as Python myosin's cache.
    public var schemaVersion: Int
    /// The revision at which the document was committed; 0 for one that is not in the store itself.
    public var revision: UInt64
    /// When it was committed, in seconds since 1970.
    public var time: Double
    /// The JSON text, UTF-8.
    public var text: [UInt8]
    /// Whether all of it is as it was written; a damaged document is told, never used.
    public var isIntact: Bool

    /// Makes a document.
    ///
    /// - Parameters:
    ///   - model: the model's name.
    ///   - schemaVersion: the version of the model's fields.
    ///   - revision: the revision at which it was committed.
    ///   - time: when it was committed, in seconds since 1970.
    ///   - text: the JSON text, UTF-8.
    ///   - isIntact: whether all of it is as it was written.
    public init(
        model: String,
        schemaVersion: Int,
        revision: UInt64,
        time: Double,
        text: [UInt8],
        isIntact: Bool = true
    ) {
        (self.model, self.schemaVersion, self.revision) = (model, schemaVersion, revision)
        (self.time, self.text, self.isIntact) = (time, text, isIntact)
    }
}
