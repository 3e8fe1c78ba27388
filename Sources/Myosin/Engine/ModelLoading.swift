internal import Logging

/// How a model gets its first value: from its defaults and from what the store has.
struct ModelLoading<Model: StateModel> {
    let defaults: Model
    let stored: StoredDocument?
    let logger: Logger

    /// Makes the model's cell.
    ///
    /// - Throws: ``StateError``: `badName`, `invalid`, `corruptDocument`, `newerDocument`, or what the store throws.
    func makeCell(commits: CommitQueue, metrics: EngineMetrics) throws(StateError) -> TypedCell<Model> {
        try checkName()
        if Model.self is any AnyObject.Type {
            throw StateError(
                .notAValue,
                "\(Model.modelName) is a class, whose one object everybody would share. Make it a struct.",
                model: Model.modelName
            )
        }
        let defaultDocument = try checkedDefaults()
        let (model, isAsStored) = try firstValue(defaultDocument, commits)
        let document: [UInt8]
        do {
            document = JSONValue.object(try model.document()).bytes
        } catch {
            throw corrupt("cannot be encoded: \(error)")
        }
        let newRevision = try commits.takeRevision()
        let version = Version(
            model,
            document: document,
            revision: isAsStored ? stored?.revision ?? newRevision : newRevision,
            time: isAsStored ? stored?.time ?? wallClock() : wallClock()
        )
        return TypedCell(
            defaults: defaults,
            version: version,
            isStored: isAsStored,
            metrics: metrics.model(Model.modelName)
        )
    }

    private func checkName() throws(StateError) {
        let name = Model.modelName
        let isGood =
            name.utf8.first.map { Character(Unicode.Scalar($0)).isLetter } == true
            && name.utf8.allSatisfy { byte in
                byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
                    || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(byte)
            }
        if isGood { return }
        throw StateError(
            .badName,
            "\(name.quoted) cannot be a model's name. Give the type a static modelName of ASCII letters, digits, _, - "
                + "and . that begins with a letter.",
            model: name
        )
    }

    private func checkedDefaults() throws(StateError) -> JSONObject {
        do {
            try defaults.checkContent()
            let document = try defaults.document()
            if document["id"] == nil { throw ValidationError("/id", "must be encoded; add it to the coding keys") }
            return document
        } catch let error as ValidationError {
            throw .invalid("The defaults of \(Model.modelName): the model", error)
        } catch {
            throw .invalid(Model.modelName, ValidationError("", "cannot be encoded: \(error)"))
        }
    }

    private func firstValue(_ defaults: JSONObject, _ commits: CommitQueue) throws(StateError) -> (Model, Bool) {
        guard let stored else { return (self.defaults, false) }
        if stored.schemaVersion > Model.schemaVersion {
            throw StateError(
                .newerDocument,
                "The stored \(Model.modelName) has schema version \(stored.schemaVersion), this program knows "
                    + "\(Model.schemaVersion). Run the newer program, or use another cache directory. It was left as it is.",
                model: Model.modelName
            )
        }
        do {
            guard case .object(let document) = try JSONValue(parsing: stored.text) else {
                throw corrupt("is not an object")
            }
            if stored.schemaVersion == Model.schemaVersion { return (try Model(document: document), true) }
            return (try migrated(document, from: stored, defaults, commits), false)
        } catch let error as StateError {
            throw error
        } catch {
            throw corrupt("cannot be read: \(error)", error)
        }
    }

    private func migrated(
        _ document: JSONObject,
        from stored: StoredDocument,
        _ defaults: JSONObject,
        _ commits: CommitQueue
    ) throws -> Model {
        var document = document
        try Model.migrate(&document, from: stored.schemaVersion)
        let dropped = document.keys.filter { defaults[$0] == nil }
        for key in dropped { document[key] = nil }
        for (key, value) in defaults where document[key] == nil { document[key] = value }
        let model = try Model(document: document)
        let reason = "migrated from schema version \(stored.schemaVersion) to \(Model.schemaVersion)"
        try commits.withStore { try $0.setAside(stored, reason: reason) }
        logger.info(
            "A stored model was migrated; its former document was set aside",
            metadata: [
                "model.name": "\(Model.modelName)", "model.fromVersion": "\(stored.schemaVersion)",
                "model.toVersion": "\(Model.schemaVersion)", "model.droppedFields": "\(dropped)",
            ]
        )
        return model
    }

    private func corrupt(_ what: String, _ error: (any Error)? = nil) -> StateError {
        StateError(
            .corruptDocument,
            "The stored \(Model.modelName) \(what). It was left as it is. Mend it, or move it away, or raise the "
                + "model's schemaVersion if its fields have changed.",
            model: Model.modelName,
            underlying: error
        )
    }
}
