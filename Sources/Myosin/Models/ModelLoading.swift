internal import Logging
internal import Primitives

/// How a model gets its first value: from its defaults and from what the store has.
struct ModelLoading<Model: StateModel> {
    let definition: any ModelDefinition<Model>
    let stored: StoredDocument?
    /// Whether the stored document is the defaults, which have replaced one in quarantine.
    let isInQuarantine: Bool
    let onCorrupt: State.OnCorrupt
    let logger: Logger

    private var name: String { definition.name }

    private enum FirstValue {
        case defaults(Model)
        case asStored(Model, StoredDocument)
        /// The stored document is to be replaced by the value, and a copy of it to be kept.
        case instead(Model, of: StoredDocument, reason: String, isDefaults: Bool = false)
    }

    /// Makes the model's cell and writes what has to be written for it.
    ///
    /// - Throws: ``StateError``: as ``prepareCell(commits:metrics:)``, or what the store throws.
    func makeCell(commits: CommitQueue, metrics: EngineMetrics) throws(StateError) -> ModelCell {
        let (cell, batch) = try prepareCell(commits: commits, metrics: metrics)
        if let batch { try commits.write(batch) }
        return cell
    }

    /// Makes the model's cell.
    ///
    /// - Returns: the cell, and what has to be written before anybody sees it.
    /// - Throws: ``StateError``: `badName`, `invalid`, `corruptDocument`, `newerDocument`, or what the store throws.
    func prepareCell(
        commits: CommitQueue,
        metrics: EngineMetrics
    ) throws(StateError) -> (cell: ModelCell, batch: StoreBatch?) {
        try checkName()
        if Model.self is any AnyObject.Type {
            throw StateError(
                .notAValue,
                "\(name) is a class, whose one object everybody would share. Make it a struct.",
                model: name
            )
        }
        let defaults = definition.defaults
        try check(defaults)
        let first = try firstValue(defaults)
        let number = try commits.takeRevision()
        func cell(
            _ model: Model,
            _ revision: UInt64,
            _ time: ChangeTime,
            isStored: Bool,
            isInQuarantine: Bool = false
        ) throws(StateError) -> ModelCell {
            let version = Version(
                model,
                document: try document(of: model),
                definition: definition,
                definitionGeneration: 0
            )
            version.number(revision: revision, time: time)
            return ModelCell(
                version,
                incarnation: commits.incarnation,
                isStored: isStored,
                isInQuarantine: isInQuarantine,
                maxDocumentBytes: commits.maxDocumentBytes,
                metrics: metrics.model(name)
            )
        }
        let now = ChangeTime.Moment()
        switch first {
        case .defaults(let model): return (try cell(model, number, ChangeTime(now), isStored: false), nil)
        case .asStored(let model, let stored):
            let cell = try cell(
                model,
                stored.revision,
                ChangeTime(stored: stored.time, at: now),
                isStored: true,
                isInQuarantine: isInQuarantine
            )
            return (cell, nil)
        case .instead(let model, let former, let reason, let isDefaults):
            let time = ChangeTime(now, after: ChangeTime(stored: former.time, at: now))
            let cell = try cell(model, number, time, isStored: true, isInQuarantine: isDefaults)
            let batch = StoreBatch(
                documents: [cell.published.storedDocument(of: cell)],
                expectedRevisions: [name: former.model == name ? former.revision : 0],
                setAside: [.init(former, reason: reason, isReplacedByDefaults: isDefaults)]
            )
            return (cell, batch)
        }
    }

    private func document(of model: Model) throws(StateError) -> [UInt8] {
        do {
            return try DocumentWriter.text(of: model)
        } catch {
            throw corrupt("cannot be encoded: \(error)")
        }
    }

    private func checkName() throws(StateError) {
        if ModelName.isGood(name) { return }
        throw StateError(
            .badName,
            "\(name.quoted) cannot be a model's name. Give the type a static modelName of ASCII letters, digits, _, - "
                + "and . that begins with a letter.",
            model: name
        )
    }

    private func check(_ defaults: Model) throws(StateError) {
        do {
            try definition.check(defaults)
            if try defaults.document()["id"] == nil {
                throw ValidationError("/id", "must be encoded; add it to the coding keys", code: .missing)
            }
        } catch let error as ValidationError {
            throw .invalid("The defaults of \(name): the model", error)
        } catch {
            throw .invalid(name, ValidationError("", "cannot be encoded: \(error)"))
        }
    }

    private func firstValue(_ defaults: Model) throws(StateError) -> FirstValue {
        do {
            return try storedValue() ?? .defaults(defaults)
        } catch  where onCorrupt == .useDefaults && error.code != .newerDocument {
            logger.error(
                "A stored model could not be used; it begins with its defaults",
                metadata: ["model.name": "\(name)", "error": "\(error)"]
            )
            guard let stored else { return .defaults(defaults) }
            return .instead(defaults, of: stored, reason: "\(error)", isDefaults: true)
        }
    }

    private func storedValue() throws(StateError) -> FirstValue? {
        guard let stored else { return nil }
        guard stored.model == name else {
            throw StateError(
                .storeCorrupt,
                "The stored \(name) is damaged: it has the name \(stored.model.quoted), and its checksum fits to \(name). It was left "
                    + "as it is. Put a copy of the store in its place, or load with onCorrupt: .useDefaults, which keeps the row in "
                    + "quarantine.",
                model: name
            )
        }
        guard stored.isIntact else {
            throw StateError(
                .storeCorrupt,
                "The stored \(name) is damaged: its checksum does not fit. It was left as it is. Put a copy of "
                    + "the store in its place, or load with onCorrupt: .useDefaults, which keeps the row in quarantine.",
                model: name
            )
        }
        if stored.schemaVersion > definition.schemaVersion {
            throw StateError(
                .newerDocument,
                "The stored \(name) has schema version \(stored.schemaVersion), this program knows "
                    + "\(definition.schemaVersion). Run the newer program, or use another cache directory. It was left as it is.",
                model: name
            )
        }
        do {
            guard case .object(let document) = try JSONValue(parsing: stored.text) else {
                throw corrupt("is not an object")
            }
            if stored.schemaVersion == definition.schemaVersion {
                return .asStored(try definition.read(document), stored)
            }
            return try migrated(document, from: stored)
        } catch let error as StateError {
            throw error
        } catch {
            throw corrupt("cannot be read: \(error)", error)
        }
    }

    private func migrated(_ document: JSONObject, from stored: StoredDocument) throws -> FirstValue {
        var document = document
        let dropped = try definition.migrate(&document, from: stored.schemaVersion)
        let model = try definition.read(document)
        logger.info(
            "A stored model is migrated; its former document is kept aside",
            metadata: [
                "model.name": "\(name)", "model.fromVersion": .stringConvertible(stored.schemaVersion),
                "model.toVersion": .stringConvertible(definition.schemaVersion), "model.droppedFields": "\(dropped)",
            ]
        )
        let origin = stored.isAdopted ? "adopted from \(name).json" : "migrated"
        let reason = "\(origin) from schema version \(stored.schemaVersion) to \(definition.schemaVersion)"
        return .instead(model, of: stored, reason: reason)
    }

    private func corrupt(_ what: String, _ error: (any Error)? = nil) -> StateError {
        let isAdopted = stored?.isAdopted == true
        let advice =
            isAdopted
            ? "Mend the file, or move it away."
            : "If the model's fields have changed, raise its schemaVersion (x-version in a schema); else load it with onCorrupt: "
                + ".useDefaults, which keeps the row in quarantine."
        return StateError(
            .corruptDocument,
            "\(isAdopted ? "The file \(name).json in the cache directory" : "The stored \(name)") "
                + "\(what). It was left as it is. \(advice)",
            model: name,
            underlying: error
        )
    }
}

extension StoredDocument {
    /// Whether it is not the store's own.
    fileprivate var isAdopted: Bool { revision == 0 && schemaVersion == 0 }
}
