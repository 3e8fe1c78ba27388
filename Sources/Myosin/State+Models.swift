internal import Exposition
internal import Logging
internal import Primitives

/// The models that a state knows.
struct Models {
    var byType: [ObjectIdentifier: ModelCell] = [:]
    var byName: [String: ModelCell] = [:] {
        didSet { sorted = nil }
    }
    /// All of them in order of their names; nil until somebody asks.
    private var sorted: [ModelCell]?
    /// What the store had and no model has asked for yet, where it is intact.
    private(set) var stored: [String: StoredDocument] = [:]
    /// The same where it is damaged; mostly nothing.
    private(set) var damaged: [String: StoredDocument] = [:]
    /// The models whose stored documents are defaults that have replaced one in quarantine.
    var inQuarantine: Set<String> = []
    /// The names of those that are being loaded.
    var loading: Set<String> = []
    /// Whether the declared models are being replaced.
    var isDeclaring = false
    /// Rises whenever a model comes, goes or changes its definition.
    var generation = 0

    /// All loaded models, in order of their names.
    mutating func inOrder() -> [ModelCell] {
        if let sorted { return sorted }
        let new = byName.values.sorted { $0.name < $1.name }
        sorted = new
        return new
    }

    /// Notes what the store has of a model that is not loaded.
    mutating func take(_ document: StoredDocument) {
        forget(document.model)
        if document.isIntact { stored[document.model] = document } else { damaged[document.model] = document }
    }

    /// What the store had of a model that is not loaded; a damaged document that is intact under this name is the model's, too.
    func document(of name: String) -> StoredDocument? {
        stored[name] ?? damaged[name] ?? damaged.values.first { $0.isIntact(as: name) }
    }

    /// Whether there is no model, neither loaded nor in the store.
    var isEmpty: Bool { byName.isEmpty && loading.isEmpty && stored.isEmpty && damaged.isEmpty }

    /// Forgets what the store had of a model.
    mutating func forget(_ name: String) {
        stored[name] = nil
        damaged = damaged.filter { $0.key != name && !$0.value.isIntact(as: name) }
    }

    /// A loaded model by type.
    func cell(of type: any StateModel.Type) throws(StateError) -> ModelCell {
        if let cell = byType[ObjectIdentifier(type)] { return cell }
        throw .notLoaded(type.modelName)
    }

    /// Forgets what the store had of all models that are not loaded.
    mutating func forgetAll() { (stored, damaged) = ([:], [:]) }
}

extension State {
    /// Registers a model with its defaults; a stored value wins over them.
    ///
    /// A stored document of an older version, or one that Python myosin has left, is migrated and written again; the
    /// former one is kept aside. Loading a model again changes nothing: it keeps its value, its lock and its subscribers.
    ///
    /// - Parameters:
    ///   - defaults: the value where none is stored, and the one that ``reset()`` returns to.
    ///   - onCorrupt: what to do when the stored document is damaged, cannot be read or is not valid.
    /// - Returns: the present value.
    /// - Throws: ``StateError``: `badName`; `nameTaken` if another type has the name; `invalid` if the defaults or
    ///   samples are not valid, or they or the migrated value do not read back from their documents; `notAValue` if the
    ///   model is a class; `corruptDocument`, `storeCorrupt` or `newerDocument` if the stored document can't be used,
    ///   and then it stays as it is; another `store…` code if a migrated document can't be written; `nestedContext` if
    ///   called inside a context; `closed`.
    @discardableResult
    public func load<Model: StateModel>(
        _ defaults: Model,
        onCorrupt: OnCorrupt = .fail
    ) throws(StateError) -> Checkout<Model> {
        try ThreadContext.checkOutside()
        let name = Model.modelName
        // Who comes while the model is being loaded waits, so that nothing is migrated or set aside twice.
        let found: (cell: ModelCell?, stored: StoredDocument?, isInQuarantine: Bool)? = models.wait { models in
            if let cell = models.byName[name] { return (cell, nil, false) }
            if !models.loading.insert(name).inserted { return nil }
            return (nil, models.document(of: name), models.inQuarantine.contains(name))
        }
        if let present = found?.cell {
            if present.modelType == Model.self { return Checkout(of: present.published) }
            throw StateError(
                .nameTaken,
                "Another type is loaded under the name \(name).",
                .chooseOtherName,
                model: name
            )
        }
        defer {
            models.withLock { _ = $0.loading.remove(name) }
            models.notifyAll()
        }
        let loading = ModelLoading(
            definition: TypeDefinition(defaults: defaults),
            stored: found?.stored,
            isInQuarantine: found?.isInQuarantine ?? false,
            onCorrupt: onCorrupt,
            logger: logger
        )
        let new = try loading.makeCell(commits: commits, metrics: engineMetrics)
        models.withLock { models in
            models.byType[ObjectIdentifier(Model.self)] = new
            models.byName[name] = new
            models.forget(name)
            models.generation += 1
            // Before anybody can commit to it.
            commits.add([new])
        }
        new.metrics.revision.set(Double(new.published.revision))
        return Checkout(of: new.published)
    }

    /// What ``load(_:onCorrupt:)`` does with a stored document that cannot be used.
    public enum OnCorrupt: Sendable {
        /// Throws, every time, and leaves the document as it is.
        case fail
        /// Moves the document to the store's quarantine and begins with the defaults.
        case useDefaults
    }

    /// All loaded models, in order of their names.
    var cells: [ModelCell] { models.withLock { $0.inOrder() } }

    /// A loaded model by name.
    ///
    /// Its name has the same code points; `Dictionary` finds other spellings, too.
    func cell(named name: String) -> ModelCell? {
        models.withLock { $0.byName[name] }.flatMap { $0.name.isSpelled(as: name) ? $0 : nil }
    }

    /// A loaded model by type.
    func cell(of type: any StateModel.Type) throws(StateError) -> ModelCell {
        guard let cell = models.withLock({ $0.byType[ObjectIdentifier(type)] }) else {
            throw .notLoaded(type.modelName)
        }
        return cell
    }

    /// Forgets what the store had for models that are not loaded.
    func forgetStored() { models.withLock { $0.forgetAll() } }

    /// Documents that no model has taken and that would be lost, or come back, when the store is emptied.
    var unusedDocuments: [StoreBatch.SetAside] {
        models.withLock { models in
            (models.damaged.values + models.stored.values.filter { $0.revision == 0 }).sorted { $0.model < $1.model }
        }
        .map { .init($0, reason: "not used: the state was reset") }
    }

    /// Takes over what somebody else has stored: a commit of its own for each loaded model, once its lock is free.
    func adopt(_ documents: [StoredDocument]) {
        for document in documents {
            let loaded: ModelCell? = models.withLock { models in
                if let cell = models.byName[document.model] { return cell }
                models.take(document)
                return nil
            }
            guard let cell = loaded else { continue }
            let logger = logger
            @Sendable func tell(_ error: any Error) {
                logger.error(
                    "What somebody else has stored was not taken over",
                    metadata: ["model.name": "\(document.model)", "error": "\(error)"]
                )
            }
            do {
                let adoption = try cell.prepareAdoption(of: document)
                enqueue([cell], wait: .seconds(600)) { [commits] context in
                    // The model may have been loaded from it, or been committed, since the store was read.
                    if commits.storedRevision(of: document.model) < document.revision {
                        try adoption(context.stagedModel(cell))
                    }
                } completion: { result in
                    if case .failure(let error) = result { tell(error) }
                }
            } catch {
                tell(error)
            }
        }
    }
}
