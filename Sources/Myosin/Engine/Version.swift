/// One value that a model had, with its document: immutable, so it is shared freely between threads.
class AnyVersion: @unchecked Sendable {
    // Sendable: every stored property of this class and of its one subclass is a constant of a Sendable type.
    let revision: UInt64
    /// The compact JSON text, UTF-8.
    let document: [UInt8]
    /// When the context that made it ended, in seconds since 1970.
    let time: Double

    init(revision: UInt64, document: [UInt8], time: Double) {
        (self.revision, self.document, self.time) = (revision, document, time)
    }

    /// What the store gets.
    func storedDocument(of cell: ModelCell) -> StoredDocument {
        StoredDocument(
            model: cell.name,
            schemaVersion: cell.schemaVersion,
            revision: revision,
            time: time,
            text: document
        )
    }
}

/// A version of a model of a known type.
final class Version<Model: StateModel>: AnyVersion, @unchecked Sendable {
    let model: Model

    init(_ model: Model, document: [UInt8], revision: UInt64, time: Double) {
        self.model = model
        super.init(revision: revision, document: document, time: time)
    }
}
