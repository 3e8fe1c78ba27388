/// One value that a model had, with its document: immutable, so it is shared freely between threads.
class AnyVersion: @unchecked Sendable {
    // Sendable: every stored property of this class and of its one subclass is a constant of a Sendable type, but for one that is
    // written before the version is shared with readers.
    let revision: UInt64
    /// The compact JSON text, UTF-8.
    let document: [UInt8]
    /// When the context that made it ended, in seconds since 1970.
    let time: Double
    /// The version of the fields.
    let schemaVersion: Int
    /// The number of the publication by which it became visible; its revision, which is no less, where that is not known.
    ///
    /// Set by ``CommitQueue`` under its lock, before the version is visible.
    var publication: UInt64

    init(revision: UInt64, document: [UInt8], time: Double, schemaVersion: Int) {
        (self.revision, self.document, self.time, self.schemaVersion) = (revision, document, time, schemaVersion)
        publication = revision
    }

    /// What the store gets.
    func storedDocument(of cell: ModelCell) -> StoredDocument {
        StoredDocument(
            model: cell.name,
            schemaVersion: schemaVersion,
            revision: revision,
            time: time,
            text: document
        )
    }
}

/// A definition of a model among those that it has had.
struct Edition<Model: StateModel>: Sendable {
    let definition: any ModelDefinition<Model>
    /// Rises with each new definition, from 0.
    let number: Int

    /// What comes after this one.
    func next(_ definition: any ModelDefinition<Model>) -> Edition {
        Edition(definition: definition, number: number + 1)
    }
}

/// A version of a model of a known type.
final class Version<Model: StateModel>: AnyVersion, @unchecked Sendable {
    let model: Model
    /// What the model is with this value: the two change in one step, so that nobody holds a value against another definition.
    let edition: Edition<Model>

    init(_ model: Model, document: [UInt8], revision: UInt64, time: Double, edition: Edition<Model>) {
        (self.model, self.edition) = (model, edition)
        super
            .init(
                revision: revision,
                document: document,
                time: time,
                schemaVersion: edition.definition.schemaVersion
            )
    }
}
