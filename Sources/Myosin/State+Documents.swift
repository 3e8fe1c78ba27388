/// Models by name, as documents: how they are read and written by those who know no types.
extension State {
    /// The names of all loaded models, sorted.
    package var modelNames: [String] { cells.map(\.name) }

    /// How many models there are.
    package var modelCount: Int { cells.count }

    /// How long the published documents of all models are together; where that is more than a limit, some number above it.
    package func documentBytes(upTo limit: Int) -> Int {
        var bytes = 0
        for cell in cells {
            bytes += cell.published.document.count
            if bytes > limit { break }
        }
        return bytes
    }

    /// Whether a model has the name.
    package func hasModel(named name: String) -> Bool { cell(named: name) != nil }

    /// A model's type; nil when no model has the name.
    package func modelType(named name: String) -> (any StateModel.Type)? { cell(named: name)?.modelType }

    /// The defaults of a model that is a Swift type, or nil if no such model has the name.
    package func defaults(ofType name: String) -> (any StateModel)? {
        guard let definition = cell(named: name)?.anyDefinition, !(definition is DeclaredDefinition) else { return nil }
        return definition.defaults
    }

    /// An error with pointers in place of the key paths of one model.
    ///
    /// The model's present value shows the names of its fields.
    ///
    /// - Parameter error: an error that code outside of `validate()` has made.
    /// - Returns: the error; a key path of a model that is not loaded stays without a place.
    package func located(_ error: ValidationError) -> ValidationError {
        func located<Model: StateModel>(_ model: Model.Type) -> ValidationError {
            guard let present = try? checkout(model).model else { return error }
            return error.located(in: present, showing: [present])
        }
        // The error of a model that is not loaded is the program's to mend; the client gets the sentence alone.
        return error.faults.lazy.compactMap(\.field).first.map { located($0.model) } ?? error
    }

    /// The models that began with their defaults, as what was stored of them is in quarantine, and were not changed since.
    package var modelsInQuarantine: [String] { cells.filter(\.isInQuarantine).map(\.name) }

    /// The number of the last publication of any model.
    package var publication: UInt64 { commits.lastPublication }

    /// What keeps changes from being made to what is there now, each below its model's name; nothing is changed.
    ///
    /// - Parameters:
    ///   - writes: the changes.
    ///   - limit: how many faults are looked for.
    /// - Returns: the faults.
    package func faults(of writes: [DocumentWrite], upTo limit: Int) -> [ValidationError.Fault] {
        var faults: [ValidationError.Fault] = []
        for write in writes where faults.count < limit {
            do throws(StateError) {
                // Staged and not finished, so it takes no effect.
                if let cell = cell(named: write.model) { try cell.prepare(write.change, isCached: false)(cell.stage()) }
            } catch {
                faults += error.faults(below: write.model) ?? []
            }
        }
        return Array(faults.prefix(limit))
    }

    /// Whether clients must say which revision of a model they change; false when no model has the name.
    package func requiresRevision(_ name: String) -> Bool { cell(named: name)?.published.requiresRevision ?? false }

    /// A model's published value, without waiting for a context; nil when no model has the name.
    package func snapshot(of name: String) -> DocumentSnapshot? {
        cell(named: name).map { DocumentSnapshot($0, $0.published) }
    }

    /// A model's published value, whether clients must say which revision of it they change, and how much it takes to check
    /// another value; nil when no model has the name.
    package func target(named name: String) -> (snapshot: DocumentSnapshot, requiresRevision: Bool, cost: CheckCost)? {
        guard let cell = cell(named: name) else { return nil }
        let version = cell.published
        return (DocumentSnapshot(cell, version), version.requiresRevision, version.cost)
    }

    /// The published values of all models, in order of their names, as they were at one moment.
    package func snapshots() -> (publication: UInt64, documents: [DocumentSnapshot]) {
        let cells = cells
        let moment = commits.atOneMoment { cells.map { $0.published } }
        return (moment.publication, zip(cells, moment.result).map { DocumentSnapshot($0, $1) })
    }

    /// Changes models, all or none, durably where a model is durable and there is a store.
    ///
    /// Whole documents are decoded and validated before any lock is taken, on this thread; the calling thread never waits.
    ///
    /// - Parameters:
    ///   - writes: one change a model.
    ///   - isExpected: whether the writer builds on what a model has when its lock is held; `conflict` otherwise.
    ///   - wait: how long to wait for the models' locks at most; nil for ``EngineLimits/writeWait``.
    ///   - completion: called once, on any thread, with the models as they are then, or with the error: of several invalid
    ///     models one with all faults, whose pointers then begin with the models' names.
    package func write(
        _ writes: [DocumentWrite],
        if isExpected: @escaping @Sendable (DocumentBase) -> Bool = { _ in true },
        wait: Duration? = nil,
        completion: @escaping @Sendable (Result<DocumentsWritten, StateError>) -> Void
    ) {
        var parts: [(cell: ModelCell, replace: AnyVersion.Replacement)] = []
        do throws(StateError) {
            try writes.forEachCollectingFaults { (write) throws(StateError) in
                guard let cell = cell(named: write.model) else { throw .notLoaded(write.model) }
                let isCached = cell.published.isDurable && hasStore
                parts.append((cell, try cell.prepare(write.change, isCached: isCached)))
            }
        } catch {
            return completion(.failure(error))
        }
        let cells = parts.count == 1 ? [parts[0].cell] : parts.map(\.cell).sorted { $0.name < $1.name }
        enqueue(cells, wait: wait ?? writeWait) { [commits, parts] context in
            let staged = try parts.map { try context.stagedModel($0.cell) }
            let publication = commits.lastPublication
            for model in staged {
                let version = model.base
                let base = DocumentBase(
                    revision: version.revision,
                    changeTime: version.time,
                    publication: publication
                )
                // Returned and not thrown: a context that ends without an error waits for what it has read to be visible, so a
                // writer who is told that the model has moved on finds that when it reads again.
                if !isExpected(base) {
                    return (staged, StateError.unexpected(model.cell.name, current: version.revision))
                }
            }
            try parts.indices.forEachCollectingFaults { (index) throws(StateError) in
                try parts[index].replace(staged[index])
            }
            return (staged, nil)
        } completion: { [commits] (result: Result<([StagedModel], StateError?), any Error>) in
            completion(
                result.mapError { StateError(wrapping: $0) }
                    .flatMap { staged, conflict in
                        if let conflict { return .failure(conflict) }
                        return .success(
                            DocumentsWritten(
                                documents: staged.map {
                                    DocumentSnapshot($0.cell, $0.outcome)
                                },
                                publication: staged.lazy.compactMap(\.publication).first ?? commits.lastPublication
                            )
                        )
                    }
            )
        }
    }
}

extension Collection {
    /// Does something with all elements, and throws the faults of those that are invalid in one error, each below its model's name.
    ///
    /// Of a single element, the error stays as it is; an error of another kind is thrown at once.
    fileprivate func forEachCollectingFaults(_ body: (Element) throws(StateError) -> Void) throws(StateError) {
        var faults: [ValidationError.Fault] = []
        for element in self {
            do throws(StateError) {
                try body(element)
            } catch {
                guard count > 1, let model = error.model, let found = error.faults(below: model) else { throw error }
                faults += found
                if faults.count >= ValidationError.maxFaults { break }
            }
        }
        if !faults.isEmpty { throw .invalidState(Array(faults.prefix(ValidationError.maxFaults))) }
    }
}

extension StateError {
    /// The faults of a model's content as those of the whole state; nil for an error of another kind.
    fileprivate func faults(below model: String) -> [ValidationError.Fault]? {
        (underlying as? ValidationError)?.faults
            .map { .init(pointer: "/\(model)\($0.pointer)", detail: $0.detail, code: $0.code) }
    }
}
