internal import Primitives

/// What a store has kept.
public struct StoredState: Sendable {
    /// The documents, at most one a model.
    public var documents: [StoredDocument]
    /// The highest number that may have been used as a revision or for a publication.
    public var numbersReserved: UInt64
    /// The number up to which the engine may count without asking the store; nil if it has to reserve numbers first.
    public var numbersGranted: UInt64?
    /// The store's incarnation, which it gets when it is made and when it is found to be a copy: small letters and digits.
    ///
    /// Numbers of another incarnation were given to something else. A store without one gets another one with each process.
    public var incarnation: String?
    /// The models whose documents are defaults that have replaced one in quarantine.
    public var inQuarantine: Set<String> = []
    /// Warnings for the log, as sentences.
    public var remarks: [String] = []

    /// Makes the content of a store.
    ///
    /// - Parameters:
    ///   - documents: the documents, at most one a model.
    ///   - numbersReserved: the highest number that may have been used.
    public init(documents: [StoredDocument], numbersReserved: UInt64) {
        (self.documents, self.numbersReserved) = (documents, numbersReserved)
    }

    /// The incarnation, if it is one.
    var knownIncarnation: String? { incarnation.flatMap { Self.isIncarnation($0) ? $0 : nil } }

    /// Whether a text consists of small letters and digits, as incarnations do.
    package static func isIncarnation(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0.isDigit || $0.isSmallLetter }
    }

    /// A new incarnation: four characters, so that a client can tell two at a glance.
    static func makeIncarnation() -> String {
        if let sequence = IDSequence.current { return sequence.nextIncarnation() }
        let characters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<4).compactMap { _ in characters.randomElement() })
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
    /// Of a damaged document, the checksum that is stored with it.
    package var damagedChecksum: [UInt8]?

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

    /// The document as JSON, or nil if the text is not JSON.
    public var json: JSONValue? {
        // A damaged text is reported when its model is loaded.
        try? JSONValue(parsing: text)
    }

    /// Whether a damaged document is intact but for its model's name, which is this one.
    func isIntact(as model: String) -> Bool {
        var document = self
        document.model = model
        return damagedChecksum == Checksum.of(document)
    }
}
