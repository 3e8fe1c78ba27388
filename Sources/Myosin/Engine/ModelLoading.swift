internal import Logging

/// How a model gets its first value: from its defaults and from what the store has.
struct ModelLoading<Model: StateModel> {
    let defaults: Model
    let stored: StoredDocument?
    /// The names in damaged rows that no loaded model has: one of them may be this model's, with a wrong name.
    let damaged: [String]
    let onCorrupt: State.OnCorrupt
    let logger: Logger

    private enum FirstValue {
        case defaults
        case asStored(Model, StoredDocument)
        /// The stored document is to be replaced by the value, and a copy of it to be kept.
        case instead(Model, of: StoredDocument, reason: String, isDefaults: Bool = false)
    }

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
        let first = try firstValue(try checkedDefaults())
        let number = try commits.takeRevision()
        func cell(
            _ model: Model,
            _ revision: UInt64,
            _ time: Double,
            isStored: Bool,
            isInQuarantine: Bool = false
        ) throws(StateError) -> TypedCell<Model> {
            let version = Version(model, document: try document(of: model), revision: revision, time: time)
            let metrics = metrics.model(Model.modelName)
            return TypedCell(
                defaults: defaults,
                version: version,
                isStored: isStored,
                isInQuarantine: isInQuarantine,
                metrics: metrics
            )
        }
        switch first {
        case .defaults: return try cell(defaults, number, wallClock(), isStored: false)
        case .asStored(let model, let stored): return try cell(model, stored.revision, stored.time, isStored: true)
        case .instead(let model, let former, let reason, let isDefaults):
            let cell = try cell(model, number, wallClock(), isStored: true, isInQuarantine: isDefaults)
            try commits.write(
                StoreBatch(
                    documents: [cell.published.storedDocument(of: cell)],
                    expectedRevisions: [Model.modelName: former.revision],
                    setAside: [.init(former, reason: reason)]
                )
            )
            return cell
        }
    }

    private func document(of model: Model) throws(StateError) -> [UInt8] {
        do {
            return JSONValue.object(try model.document()).bytes
        } catch {
            throw corrupt("cannot be encoded: \(error)")
        }
    }

    private func checkName() throws(StateError) {
        let name = Model.modelName
        if ModelName.isGood(name) { return }
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

    private func firstValue(_ defaults: JSONObject) throws(StateError) -> FirstValue {
        do {
            return try storedValue(defaults)
        } catch  where onCorrupt == .useDefaults && error.code != .newerDocument {
            logger.error(
                "A stored model could not be used; it begins with its defaults",
                metadata: ["model.name": "\(Model.modelName)", "error": "\(error)"]
            )
            guard let stored else { return .defaults }
            return .instead(self.defaults, of: stored, reason: "\(error)", isDefaults: true)
        }
    }

    private func storedValue(_ defaults: JSONObject) throws(StateError) -> FirstValue {
        guard let stored else {
            if damaged.isEmpty { return .defaults }
            throw StateError(
                .storeCorrupt,
                "The store has no \(Model.modelName), but damaged rows of which one may be it: "
                    + "\(damaged.map(\.quoted).joined(separator: ", ")). They were left as they are. Put a copy of the store "
                    + "in its place, or load with onCorrupt: .useDefaults.",
                model: Model.modelName
            )
        }
        guard stored.isIntact else {
            throw StateError(
                .storeCorrupt,
                "The stored \(Model.modelName) is damaged: its checksum does not fit. It was left as it is. Put a copy of "
                    + "the store in its place, or load with onCorrupt: .useDefaults, which keeps the row in quarantine.",
                model: Model.modelName
            )
        }
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
            if stored.schemaVersion == Model.schemaVersion { return .asStored(try Model(document: document), stored) }
            return try migrated(document, from: stored, defaults)
        } catch let error as StateError {
            throw error
        } catch {
            throw corrupt("cannot be read: \(error)", error)
        }
    }

    private func migrated(
        _ document: JSONObject,
        from stored: StoredDocument,
        _ defaults: JSONObject
    ) throws -> FirstValue {
        var document = document
        try Model.migrate(&document, from: stored.schemaVersion)
        let dropped = document.keys.filter { defaults[$0] == nil }
        for key in dropped { document[key] = nil }
        for (key, value) in defaults where document[key] == nil { document[key] = value }
        let model = try Model(document: document)
        logger.info(
            "A stored model is migrated; its former document is kept aside",
            metadata: [
                "model.name": "\(Model.modelName)", "model.fromVersion": "\(stored.schemaVersion)",
                "model.toVersion": "\(Model.schemaVersion)", "model.droppedFields": "\(dropped)",
            ]
        )
        let origin = stored.isAdopted ? "adopted from \(Model.modelName).json" : "migrated"
        let reason = "\(origin) from schema version \(stored.schemaVersion) to \(Model.schemaVersion)"
        return .instead(model, of: stored, reason: reason)
    }

    private func corrupt(_ what: String, _ error: (any Error)? = nil) -> StateError {
        let isAdopted = stored?.isAdopted == true
        let advice =
            isAdopted
            ? "Mend the file, or move it away."
            : "If the model's fields have changed, raise its schemaVersion; else load it with onCorrupt: .useDefaults, which "
                + "keeps the row in quarantine."
        return StateError(
            .corruptDocument,
            "\(isAdopted ? "The file \(Model.modelName).json in the cache directory" : "The stored \(Model.modelName)") "
                + "\(what). It was left as it is. \(advice)",
            model: Model.modelName,
            underlying: error
        )
    }
}

extension StoredDocument {
    /// Whether it is not the store's own.
    fileprivate var isAdopted: Bool { revision == 0 && schemaVersion == 0 }
}
