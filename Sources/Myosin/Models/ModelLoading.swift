internal import Logging
internal import Primitives

/// How a model gets its first value: from its defaults and from what the store has.
struct ModelLoading<Model: StateModel> {
    let definition: any ModelDefinition<Model>
    let stored: StoredDocument?
    /// Whether the stored document is the defaults, which have replaced one in quarantine.
    let isInQuarantine: Bool
    let onCorrupt: State.OnCorrupt
    /// Where migrations and quarantined documents are logged; nil to find out only what a start makes of the model.
    let logger: Logger?

    private var name: String { definition.name }

    /// What the model begins with.
    private enum FirstValue {
        case defaults(Model)
        case asStored(Model, StoredDocument)
        case migrated(Model, from: StoredDocument, FieldChanges)
        /// The defaults are to replace the stored document; a copy of it is kept.
        case defaultsInstead(Model, of: StoredDocument, StateError)
    }

    /// What a start makes of the model, found out without a change of anything.
    var start: ModelStart {
        func start(_ kind: ModelStart.Kind) -> ModelStart { ModelStart(model: name, kind: kind) }
        do throws(StateError) {
            return switch try firstValue() {
            case .defaults: start(.new)
            case .asStored(_, let stored): start(.asStored(version: stored.schemaVersion))
            case .migrated(_, let stored, let changes):
                start(.migrated(from: stored.isAdopted ? nil : stored.schemaVersion, changes))
            case .defaultsInstead(_, _, let error): start(.quarantined(error))
            }
        } catch {
            return start(.refused(error))
        }
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
        let first = try firstValue()
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
        let now = commits.moment
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
        case .migrated(let model, let former, let changes):
            if let logger {
                changes.log(
                    to: logger,
                    "A stored model is migrated",
                    "; its former document is kept aside",
                    of: name,
                    from: former.schemaVersion,
                    to: definition.schemaVersion
                )
            }
            let origin = former.isAdopted ? "adopted from \(name).json" : "migrated"
            let reason = "\(origin) from schema version \(former.schemaVersion) to \(definition.schemaVersion)"
            return try replacing(former, by: model, reason)
        case .defaultsInstead(let model, let former, let error):
            logger?
                .error(
                    "A stored model could not be used; it begins with its defaults",
                    metadata: ["model.name": "\(name)", "error": "\(error.explanation)"]
                )
            return try replacing(former, by: model, error.explanation, isDefaults: true)
        }
        func replacing(_ former: StoredDocument, by model: Model, _ reason: String, isDefaults: Bool = false)
            throws(StateError) -> (cell: ModelCell, batch: StoreBatch?)
        {
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
            throw .invalid(name, ValidationError(encoding: error))
        }
    }

    // MARK: The first value

    private func checkName() throws(StateError) {
        if ModelName.isGood(name) { return }
        throw StateError(.badName, "\(name.quoted) cannot be a model's name.", .chooseGoodName, model: name)
    }

    /// Checks a value of the program, and that it reads back from its document.
    private func check(_ model: Model, _ subject: String) throws(StateError) {
        do {
            try definition.check(model)
            if try model.document()["id"] == nil {
                throw ValidationError("/id", "must be encoded; add it to the coding keys", code: .missing)
            }
            let document = try DocumentWriter.text(of: model)
            try definition.checkRoundTrip(model, writtenAs: document, comparesValues: true)
        } catch {
            let error = ValidationError(encoding: error)
            throw StateError(
                .invalid,
                "\(subject) of \(name): the model is not valid: \(error).",
                model: name,
                underlying: error
            )
        }
    }

    private func firstValue() throws(StateError) -> FirstValue {
        try checkName()
        if Model.self is any AnyObject.Type {
            throw StateError(
                .notAValue,
                "\(name) is a class, whose one object everybody would share.",
                .useValueType,
                model: name
            )
        }
        let defaults = definition.defaults
        try check(defaults, "The defaults")
        for (index, sample) in Model.samples.enumerated() { try check(sample, "Sample \(index + 1)") }
        guard let stored else { return .defaults(defaults) }
        do {
            return try value(of: stored)
        } catch  where onCorrupt == .useDefaults && error.code != .newerDocument {
            return .defaultsInstead(defaults, of: stored, error)
        }
    }

    private func value(of stored: StoredDocument) throws(StateError) -> FirstValue {
        let (model, changes) = try StoredReading(definition: definition).value(of: stored)
        return changes.map { .migrated(model, from: stored, $0) } ?? .asStored(model, stored)
    }
}
