/// How a stored document becomes a value of the present version.
protocol DocumentReading<Model>: Sendable {
    associatedtype Model: StateModel

    /// The name under which the model is stored and served.
    var name: String { get }
    /// The version of the fields, from 1.
    var schemaVersion: Int { get }

    /// Reads a document of this version of the fields and checks it.
    ///
    /// - Throws: ``ValidationError`` with every fault.
    func read(_ document: JSONObject) throws(ValidationError) -> Model

    /// Changes a document of an older version into one of this version: missing fields take their defaults, unknown ones are
    /// dropped.
    ///
    /// - Returns: the fields that were dropped and filled.
    /// - Throws: whatever makes the document unusable.
    func migrate(_ document: inout JSONObject, from version: Int) throws -> FieldChanges

    /// Checks that a migrated value reads back from its own document.
    ///
    /// - Throws: ``ValidationError`` with every place that would be lost or changed.
    func checkMigrated(_ model: Model) throws(ValidationError)

    /// The remedies for a stored document that cannot be used.
    ///
    /// - Parameters:
    ///   - document: the document as it is stored, or nil if it is not an object.
    ///   - version: the version of its fields.
    ///   - error: the reason why it cannot be used.
    /// - Returns: changes of the model that make it usable; none for a document that no model could use.
    func remedies(for document: JSONObject?, from version: Int, after error: (any Error)?) -> [StateError.Remedy]

    /// The reason why a document of a newer version cannot be used, as the end of a sentence, and the remedy.
    func refusal(ofNewer version: Int) -> (reason: String, remedy: StateError.Remedy)
}

/// How documents of a Swift type are read.
protocol TypeReading<Model>: DocumentReading {
    /// The defaults for missing fields at a migration, or nil for none.
    var knownDefaults: Model? { get }
}

extension TypeReading {
    var name: String { Model.modelName }
    var schemaVersion: Int { Model.schemaVersion }

    func read(_ document: JSONObject) throws(ValidationError) -> Model {
        try Model(document: document, showing: knownDefaults.map { [$0] } ?? [])
    }

    func migrate(_ document: inout JSONObject, from version: Int) throws -> FieldChanges {
        let stored = document
        try Model.migrate(&document, from: version)
        let isByHand = document != stored
        let defaults = try knownDefaults?.document() ?? JSONObject()
        var changes = DocumentCompletion.complete(&document, of: Model.self, with: defaults)
        changes.isByHand = isByHand
        return changes
    }

    func checkMigrated(_ model: Model) throws(ValidationError) {
        let document: [UInt8]
        do {
            document = try DocumentWriter.text(of: model)
        } catch {
            throw ValidationError(encoding: error)
        }
        try RoundTrip.check(model, writtenAs: document, comparesValues: false)
    }

    func remedies(for document: JSONObject?, from version: Int, after error: (any Error)?) -> [StateError.Remedy] {
        if document == nil { return [] }
        if version >= schemaVersion { return [.raiseTypeVersion] }
        let faults = (error as? ValidationError)?.faults ?? []
        let missing = faults.filter { $0.code == .missing }.map(\.pointer)
        return [.mendMigration(adding: missing)] + (missing.isEmpty || knownDefaults != nil ? [] : [.passDefaults])
    }

    func refusal(ofNewer version: Int) -> (reason: String, remedy: StateError.Remedy) {
        ("has schema version \(version), this program knows \(schemaVersion)", .runNewerProgram)
    }
}

/// Reads a stored document.
struct StoredReading<Model: StateModel> {
    let definition: any DocumentReading<Model>

    private var name: String { definition.name }

    /// Reads and checks a document, and migrates it if it has an older version.
    ///
    /// - Parameter stored: the document.
    /// - Returns: the value, and the changes of a migration, or nil if the document has this version.
    /// - Throws: ``StateError``: `storeCorrupt`, `newerDocument` or `corruptDocument`; `invalid` if a migrated value does not
    ///   read back from its document.
    func value(of stored: StoredDocument) throws(StateError) -> (model: Model, changes: FieldChanges?) {
        try check(stored)
        let document: JSONObject
        do {
            guard case .object(let object) = try JSONValue(parsing: stored.text) else {
                throw corrupt(stored, "is not an object")
            }
            document = object
        } catch {
            throw error as? StateError ?? corrupt(stored, "cannot be read: it \(error)", error)
        }
        if stored.schemaVersion == definition.schemaVersion {
            do throws(ValidationError) {
                return (try definition.read(document), nil)
            } catch {
                throw corrupt(stored, "cannot be read: \(error)", error, document, after: error)
            }
        }
        var migrated = document
        let what = "cannot be migrated from version \(stored.schemaVersion)"
        let changes: FieldChanges
        do {
            changes = try definition.migrate(&migrated, from: stored.schemaVersion)
        } catch {
            throw corrupt(stored, "\(what): \(error.sentence)", error, document)
        }
        let model: Model
        do throws(ValidationError) {
            model = try definition.read(migrated)
        } catch {
            throw corrupt(stored, "\(what): \(error)", error, document, after: error)
        }
        do throws(ValidationError) {
            try definition.checkMigrated(model)
        } catch {
            let sentence = "The stored \(name) \(what): the migrated value is not valid: \(error)."
            throw StateError(.invalid, sentence, .isKept, .useDefaults, model: name, underlying: error)
        }
        return (model, changes)
    }

    private func check(_ stored: StoredDocument) throws(StateError) {
        func damaged(_ reason: String) -> StateError {
            StateError(
                .storeCorrupt,
                "The stored \(name) is damaged: \(reason).",
                .isKept,
                .restoreCopy,
                .useDefaults,
                model: name
            )
        }
        guard stored.model == name else {
            throw damaged("it has the name \(stored.model.quoted), and its checksum fits to \(name)")
        }
        guard stored.isIntact else { throw damaged("its checksum does not fit") }
        if stored.schemaVersion > definition.schemaVersion {
            let (reason, remedy) = definition.refusal(ofNewer: stored.schemaVersion)
            throw StateError(.newerDocument, "The stored \(name) \(reason).", .isKept, remedy, model: name)
        }
    }

    /// The error for a document that cannot be used; `refusal` has its faults after the migration.
    private func corrupt(
        _ stored: StoredDocument,
        _ what: String,
        _ error: (any Error)? = nil,
        _ document: JSONObject? = nil,
        after refusal: ValidationError? = nil
    ) -> StateError {
        let subject = stored.isAdopted ? "The file \(name).json in the cache directory" : "The stored \(name)"
        let remedies =
            stored.isAdopted
            ? [.mendFile] : definition.remedies(for: document, from: stored.schemaVersion, after: refusal)
        return StateError(
            .corruptDocument,
            "\(subject) \(what)\(what.hasSuffix("?") ? "" : ".")",
            [.isKept] + (remedies.isEmpty ? [.restoreCopy] : remedies) + [.useDefaults],
            model: name,
            underlying: error
        )
    }
}

extension StoredDocument {
    /// Whether the document comes from another program.
    var isAdopted: Bool { revision == 0 && schemaVersion == 0 }
}
