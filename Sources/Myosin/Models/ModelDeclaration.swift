/// A model that is declared when the program runs: what its documents may contain.
///
/// The target `StateSchema` makes one of a JSON Schema.
package protocol ModelDeclaration: AnyObject, Sendable {
    /// The name under which the model is stored and served.
    var name: String { get }
    /// The version of the fields, from 1.
    var schemaVersion: Int { get }
    /// Whether writes of clients go to the store.
    var isDurable: Bool { get }
    /// Whether clients must name the revision that they change.
    var requiresRevision: Bool { get }
    /// The longest document, in bytes; nil for the state's own limit.
    var maxDocumentBytes: Int? { get }
    /// How much it takes to check a document.
    var cost: CheckCost { get }
    /// The JSON Schema of the documents.
    var schema: JSONObject { get }
    /// The document where none is stored, with an `id`, in order of the fields.
    var defaults: JSONObject { get }

    /// Checks a document.
    ///
    /// - Throws: ``ValidationError`` with every fault.
    func check(_ document: JSONObject) throws(ValidationError)

    /// Gives missing fields their defaults and drops unknown ones.
    ///
    /// - Returns: the pointers of the fields that were dropped and filled.
    func complete(_ document: inout JSONObject) -> FieldChanges

    /// Makes the document that a client wants of the present one, and checks it.
    ///
    /// - Throws: ``ValidationError`` with every fault.
    func apply(_ change: DocumentChange, to document: JSONObject) throws(ValidationError) -> JSONObject
}

/// The definition of a model that a declaration describes.
struct DeclaredDefinition: ModelDefinition {
    let declaration: any ModelDeclaration

    var name: String { declaration.name }
    var schemaVersion: Int { declaration.schemaVersion }
    var isDurable: Bool { declaration.isDurable }
    var requiresRevision: Bool { declaration.requiresRevision }
    var maxDocumentBytes: Int? { declaration.maxDocumentBytes }
    var cost: CheckCost { declaration.cost }
    var defaults: DeclaredModel { DeclaredModel(fields: declaration.defaults) }

    func read(_ document: JSONObject) throws(ValidationError) -> DeclaredModel {
        try declaration.check(document)
        return DeclaredModel(fields: document)
    }

    func check(_ model: DeclaredModel) throws(ValidationError) { try declaration.check(model.fields) }

    // It is its document.
    func checkRoundTrip(_ model: DeclaredModel, writtenAs document: [UInt8], comparesValues: Bool) {}
    func checkReads(_ document: [UInt8]) {}
    func checkMigrated(_ model: DeclaredModel) {}

    func migrate(_ document: inout JSONObject, from version: Int) -> FieldChanges { declaration.complete(&document) }

    func remedies(for document: JSONObject?, from version: Int, after error: (any Error)?) -> [StateError.Remedy] {
        guard var document else { return [] }
        return [raising(from: version, mends: &document) ?? .acceptValue]
    }

    /// The higher version that makes a document valid; nil where none does.
    func raising(from version: Int, mends document: inout JSONObject) -> StateError.Remedy? {
        let (next, isOver) = schemaVersion.addingReportingOverflow(1)
        guard version == schemaVersion, !isOver else { return nil }
        let changes = declaration.complete(&document)
        // Only whether it is valid counts; the present faults are reported by the caller.
        return (try? declaration.check(document)) == nil ? nil : .raiseVersion(to: next, renaming: changes.renames)
    }

    func refusal(ofNewer version: Int) -> (reason: String, remedy: StateError.Remedy) {
        ("has the version \(version), and the schema has \(schemaVersion)", .keepVersion(version))
    }

    func prepare(
        _ change: DocumentChange,
        on published: DeclaredModel
    ) throws(ValidationError) -> @Sendable (DeclaredModel) throws -> DeclaredModel {
        // What a document may be depends on what is there, if only on its read-only fields; so it is tried on what is visible,
        // and done again only where that has changed.
        let expected = try declaration.apply(change, to: published.fields)
        return { base in
            let fields = base == published ? expected : try declaration.apply(change, to: base.fields)
            return try keepingIdentity(DeclaredModel(fields: fields), of: base)
        }
    }
}
