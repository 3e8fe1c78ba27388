/// What is written together.
public struct StoreBatch: Sendable {
    /// A document that is going to be replaced or removed, of which a copy is kept.
    public struct SetAside: Sendable, Hashable {
        /// The document as it was stored.
        public var document: StoredDocument
        /// Why it is not used any more, as a sentence.
        public var reason: String
        /// Whether the document of the batch that replaces it is the model's defaults.
        ///
        /// ``StoredState/inQuarantine`` lists the model until the document changes.
        public var isReplacedByDefaults: Bool

        /// Makes the copy.
        ///
        /// - Parameters:
        ///   - document: the document as it was stored.
        ///   - reason: why it is not used any more.
        ///   - isReplacedByDefaults: whether the model's defaults replace it.
        public init(_ document: StoredDocument, reason: String, isReplacedByDefaults: Bool = false) {
            (self.document, self.reason, self.isReplacedByDefaults) = (document, reason, isReplacedByDefaults)
        }
    }

    /// Documents to copy to quarantine, which keeps as many as the store's retention allows.
    public var setAside: [SetAside]
    /// Whether all documents are removed before those of the batch are written.
    public var isClearing: Bool
    /// The documents to write, at most one a model.
    public var documents: [StoredDocument]
    /// The revisions, by model, of the stored documents that the batch replaces; 0 where none may be stored.
    ///
    /// For models not listed, any stored document is replaced.
    public var expectedRevisions: [String: UInt64]
    /// When given, numbers up to this one may be used from now on, also if the process dies.
    public var numbersReserved: UInt64?

    /// Makes a batch.
    ///
    /// - Parameters:
    ///   - documents: the documents to write, at most one a model.
    ///   - expectedRevisions: the revisions, by model, of the stored documents that the batch replaces.
    ///   - setAside: documents of which copies are kept.
    ///   - isClearing: whether all documents are removed first.
    ///   - numbersReserved: the number up to which the engine may count from now on.
    public init(
        documents: [StoredDocument] = [],
        expectedRevisions: [String: UInt64] = [:],
        setAside: [SetAside] = [],
        isClearing: Bool = false,
        numbersReserved: UInt64? = nil
    ) {
        (self.documents, self.expectedRevisions) = (documents, expectedRevisions)
        (self.setAside, self.isClearing, self.numbersReserved) = (setAside, isClearing, numbersReserved)
    }

    /// Whether there is nothing to write.
    public var isEmpty: Bool {
        documents.isEmpty && setAside.isEmpty && !isClearing && numbersReserved == nil && expectedRevisions.isEmpty
    }
}
