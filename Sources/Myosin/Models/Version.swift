/// One value that a model had, with its document.
///
/// It is immutable from when it is shared, so it is shared freely between threads.
@usableFromInline class AnyVersion: @unchecked Sendable {
    // Sendable: every stored property of this class and of its one subclass is a constant of a Sendable type, but for its numbers.
    // These are written under the lock of `CommitQueue` while only the context that made the version knows it; others get it from
    // there, or under the lock of its cell, which is taken later.

    /// The model's type.
    @usableFromInline final let modelType: any StateModel.Type
    /// The compact JSON text, UTF-8.
    final let document: [UInt8]
    /// The version of the fields.
    final let schemaVersion: Int
    /// The number of the definition among those that the model has had, from 0.
    final let definitionGeneration: Int
    /// The revision of the change that made it; 0 while it is only staged.
    @usableFromInline final private(set) var revision: UInt64 = 0
    /// When the context that made it ended.
    final private(set) var time = ChangeTime.never
    /// The number of the publication by which it became visible; its revision, which is no less, where that is not known.
    final var publication: UInt64 = 0

    fileprivate init(_ modelType: any StateModel.Type, document: [UInt8], schemaVersion: Int, definitionGeneration: Int)
    {
        (self.modelType, self.document, self.schemaVersion, self.definitionGeneration) = (
            modelType, document, schemaVersion, definitionGeneration
        )
    }

    /// This version as one of its model's type.
    @inlinable final func typed<Model: StateModel>(as type: Model.Type = Model.self) -> Version<Model> {
        precondition(modelType == type, "a version of \(modelType) is none of \(type)")
        // The initializer above is called only by that of the subclass, with its own type. A checked cast would look up the
        // subclass for that type, each time.
        return unsafeDowncast(self, to: Version<Model>.self)
    }

    /// Gives the version its numbers.
    final func number(revision: UInt64, time: ChangeTime) {
        (self.revision, self.time, publication) = (revision, time, revision)
    }

    /// Gives the version the numbers of one with the same value.
    final func number(as other: AnyVersion) {
        (revision, time, publication) = (other.revision, other.time, other.publication)
    }

    /// What the store gets.
    final func storedDocument(of cell: ModelCell) -> StoredDocument {
        StoredDocument(
            model: cell.name,
            schemaVersion: schemaVersion,
            revision: revision,
            time: time.stored(),
            text: document
        )
    }

    // MARK: For the subclass, which knows the type

    /// What the model is with this value.
    var anyDefinition: any ModelDefinition { mustOverride() }

    // What the definition says, without a copy of it.
    var isDurable: Bool { mustOverride() }
    var requiresRevision: Bool { mustOverride() }
    var cost: CheckCost { mustOverride() }

    /// Prepares a change, without a lock, for a context that finds this value or another one.
    ///
    /// A whole document is read and validated here, a part of one when it is clear what it is a part of.
    func prepare(_ change: DocumentChange, isCached: Bool) throws(ValidationError) -> Replacement { mustOverride() }

    /// Prepares to put a document in its place that somebody else has stored.
    func prepareAdoption(of document: StoredDocument) throws -> Replacement { mustOverride() }

    /// Changes a staged model in a way that was prepared before.
    typealias Replacement = @Sendable (StagedModel) throws(StateError) -> Void

    private func mustOverride(_ function: StaticString = #function) -> Never {
        preconditionFailure("\(function) is for the subclass")
    }
}

/// A version of a model of a known type.
///
/// But for subscriptions it is the one class of the engine that depends on the model's type: code that does is not compiled for
/// that type, as it is in another module, and looks much up when it runs.
@usableFromInline final class Version<Model: StateModel>: AnyVersion, @unchecked Sendable {
    @usableFromInline let model: Model
    /// What the model is with this value: the two change in one step, so that nobody holds a value against another definition.
    let definition: any ModelDefinition<Model>

    init(_ model: Model, document: [UInt8], definition: any ModelDefinition<Model>, definitionGeneration: Int) {
        (self.model, self.definition) = (model, definition)
        super
            .init(
                Model.self,
                document: document,
                schemaVersion: definition.schemaVersion,
                definitionGeneration: definitionGeneration
            )
    }

    override var anyDefinition: any ModelDefinition { definition }
    override var isDurable: Bool { definition.isDurable }
    override var requiresRevision: Bool { definition.requiresRevision }
    override var cost: CheckCost { definition.cost }

    override func prepare(_ change: DocumentChange, isCached: Bool) throws(ValidationError) -> Replacement {
        try change.checkDepth()
        let prepared = try definition.prepare(change, on: model)
        return { [definitionGeneration] (staged) throws(StateError) in
            try staged.timeCommit { () throws(StateError) in
                let new: Model
                do {
                    let present: Version<Model> = staged.latest.typed()
                    // The definition may have been replaced since.
                    let make =
                        present.definitionGeneration == definitionGeneration
                        ? prepared : try present.definition.prepare(change, on: present.model)
                    new = try make(present.model)
                } catch {
                    throw .invalid(staged.cell.name, ValidationError(encoding: error))
                }
                try staged.put(new, isCached: isCached, isRead: true)
            }
        }
    }

    override func prepareAdoption(of document: StoredDocument) throws -> Replacement {
        guard document.schemaVersion == schemaVersion else {
            throw ValidationError("", "has schema version \(document.schemaVersion), not \(schemaVersion)")
        }
        guard case .object(let object) = try JSONValue(parsing: document.text) else {
            throw ValidationError("", "is not an object", code: .type)
        }
        let model = try definition.read(object)
        return { (staged) throws(StateError) in try staged.adopt(model, storedAt: document.revision) }
    }
}
