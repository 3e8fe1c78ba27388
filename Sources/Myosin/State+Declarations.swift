internal import Exposition
internal import Logging
internal import Primitives

/// Why declared models could not be taken over: one error or more, each with its model.
package struct DeclarationError: Error {
    /// The errors, in order of the models' names.
    package let errors: [StateError]
}

/// Models that are declared when the program runs.
extension State {
    /// A declared model's declaration; nil when no declared model has the name.
    package func declaration(named name: String) -> (any ModelDeclaration)? {
        (cell(named: name)?.anyDefinition as? DeclaredDefinition)?.declaration
    }

    /// What the next start would make of declared models, as far as this state knows what is stored.
    ///
    /// - Parameters:
    ///   - declarations: the models.
    ///   - onCorrupt: the treatment of stored documents that cannot be used.
    /// - Returns: the outcome of each, in the order of the declarations.
    package func nextStart(of declarations: [any ModelDeclaration], onCorrupt: OnCorrupt) -> [ModelStart] {
        guard hasStore else { return ModelStart.all(of: declarations, with: nil, onCorrupt: onCorrupt) }
        let documents = declarations.compactMap { declaration -> StoredDocument? in
            guard let cell = cell(named: declaration.name) else {
                return models.withLock { $0.document(of: declaration.name) }
            }
            return cell.isInStore ? cell.published.storedDocument(of: cell) : nil
        }
        let content = StoredState(documents: documents, numbersReserved: 0)
        return ModelStart.all(of: declarations, with: content, onCorrupt: onCorrupt)
            .map { start in
                guard let cell = cell(named: start.model), !(cell.anyDefinition is DeclaredDefinition) else {
                    return start
                }
                return ModelStart(model: start.model, kind: .refused(.nameTaken(start.model)))
            }
    }

    /// The longest document of a model that has no limit of its own, in bytes without the id.
    package var maxDocumentBytes: Int { commits.maxDocumentBytes }

    /// Whether this state has no model and its store had none when it was opened.
    package var isNew: Bool { models.withLock { $0.isEmpty } }

    /// Rises whenever a model comes, goes or changes what its documents may contain.
    package var modelGeneration: Int { models.withLock { $0.generation } }

    /// Makes the declared models of this state just these, all or nothing.
    ///
    /// A new one begins as ``load(_:onCorrupt:)`` has it. One that stays keeps its value, its lock and its subscribers; the value
    /// must be valid under the new declaration, whose risen version fills missing fields with defaults and drops unknown ones.
    /// One that is not declared any more is gone: its subscriptions end, and what the store has of it stays there.
    ///
    /// Contexts on models that change wait meanwhile, also for the disk, so that nobody builds on a value whose declaration is
    /// not in force. Readers wait for nothing.
    ///
    /// - Parameters:
    ///   - declarations: the models; those that are Swift types are not among them.
    ///   - onCorrupt: what to do when the stored document of a new model cannot be used.
    /// - Throws: ``DeclarationError`` with the errors of all models that cannot be taken over, nothing is changed then; a
    ///   ``StateError`` when the store fails.
    package func declare(_ declarations: [any ModelDeclaration], onCorrupt: OnCorrupt = .fail) throws {
        try ThreadContext.checkOutside()
        let plan = beginDeclaring(declarations)
        defer { endDeclaring(plan) }
        var errors = plan.errors
        var extra = StoreBatch()
        let added = load(plan, onCorrupt, &extra, &errors)
        // The going of models is a publication, too.
        if !plan.removed.isEmpty { _ = try commits.takeRevision() }
        var isDone = false
        defer { if !isDone { for cell in added { engineMetrics.remove(cell.name) } } }
        let touched = (plan.changed.map(\.cell) + plan.removed).sorted { $0.name < $1.name }
        for cell in touched { cell.takeLock() }
        var completion: CommitCompletion?
        try hold(touched, storing: { extra }, until: &completion) {
            self.replace(plan, by: added)
            isDone = true
        } _: { context in
            for (cell, definition) in plan.changed {
                do throws(StateError) {
                    try redefine(cell, definition, context, &extra)
                } catch {
                    errors.append(error)
                }
            }
            if !errors.isEmpty {
                throw DeclarationError(errors: errors.sorted { ($0.model ?? "") < ($1.model ?? "") })
            }
            for cell in plan.removed { try leaveInStore(cell, context) }
        }
        for cell in plan.removed {
            cell.endSubscriptions()
            engineMetrics.remove(cell.name)
        }
        for cell in added { cell.metrics.revision.set(Double(cell.published.revision)) }
    }

    /// What becomes of each model.
    private struct Plan {
        var added: [(declaration: any ModelDeclaration, stored: StoredDocument?, isInQuarantine: Bool)] = []
        var changed: [(cell: ModelCell, definition: DeclaredDefinition)] = []
        var removed: [ModelCell] = []
        var errors: [StateError] = []
    }

    private func beginDeclaring(_ declarations: [any ModelDeclaration]) -> Plan {
        let names = Set(declarations.map(\.name))
        let plan: Plan? = models.wait { models in
            if models.isDeclaring || !models.loading.isDisjoint(with: names) { return nil }
            models.isDeclaring = true
            var plan = Plan()
            for declaration in declarations {
                let name = declaration.name
                guard let present = models.byName[name] else {
                    models.loading.insert(name)
                    plan.added.append((declaration, models.document(of: name), models.inQuarantine.contains(name)))
                    continue
                }
                guard let former = present.anyDefinition as? DeclaredDefinition else {
                    plan.errors.append(.nameTaken(name))
                    continue
                }
                if JSONValue.object(former.declaration.schema).bytes != JSONValue.object(declaration.schema).bytes {
                    plan.changed.append((present, DeclaredDefinition(declaration: declaration)))
                }
            }
            plan.removed = models.byName.values.filter { cell in
                cell.modelType == DeclaredModel.self && !names.contains(cell.name)
            }
            return plan
        }
        return plan ?? Plan()
    }

    private func endDeclaring(_ plan: Plan) {
        models.withLock { models in
            models.loading.subtract(plan.added.map(\.declaration.name))
            models.isDeclaring = false
        }
        models.notifyAll()
    }

    /// Makes the cells of new models.
    private func load(
        _ plan: Plan,
        _ onCorrupt: OnCorrupt,
        _ extra: inout StoreBatch,
        _ errors: inout [StateError]
    ) -> [ModelCell] {
        var cells: [ModelCell] = []
        for (declaration, stored, isInQuarantine) in plan.added {
            let loading = ModelLoading(
                definition: DeclaredDefinition(declaration: declaration),
                stored: stored,
                isInQuarantine: isInQuarantine,
                onCorrupt: onCorrupt,
                logger: logger
            )
            do throws(StateError) {
                let (cell, batch) = try loading.prepareCell(commits: commits, metrics: engineMetrics)
                cells.append(cell)
                guard let batch, hasStore else { continue }
                extra.documents += batch.documents
                extra.setAside += batch.setAside
                extra.expectedRevisions.merge(batch.expectedRevisions) { $1 }
            } catch {
                errors.append(error)
            }
        }
        return cells
    }

    /// Stages what a model that stays has under its new declaration.
    private func redefine(
        _ cell: ModelCell,
        _ definition: DeclaredDefinition,
        _ context: Context,
        _ extra: inout StoreBatch
    ) throws(StateError) {
        let staged = try context.stagedModel(cell)
        let version = staged.latest.typed(as: DeclaredModel.self)
        let present = version.schemaVersion
        guard definition.schemaVersion >= present else {
            throw StateError(
                .newerDocument,
                "\(cell.name) has the version \(present) already, the new schema has \(definition.schemaVersion).",
                .keepVersion(present),
                model: cell.name
            )
        }
        var document = version.model.fields
        var changes: FieldChanges?
        if definition.schemaVersion > version.schemaVersion {
            changes = definition.migrate(&document, from: version.schemaVersion)
            if cell.isInStore, document != version.model.fields {
                let reason = "migrated from schema version \(version.schemaVersion) to \(definition.schemaVersion)"
                extra.setAside.append(.init(version.storedDocument(of: cell), reason: reason))
            }
        }
        do throws(StateError) {
            // What the store has stays good where only the schema is another one.
            let isAsStored = document == version.model.fields && definition.schemaVersion == version.schemaVersion
            try staged.put(
                DeclaredModel(fields: document),
                as: definition,
                isCached: hasStore && cell.isInStore && !isAsStored
            )
        } catch {
            let reason = error.underlying.map { "\($0)" } ?? error.message
            throw StateError(
                .invalid,
                "The present \(cell.name) is not valid under the new schema: \(reason)\(reason.hasSuffix("?") ? "" : ".")",
                definition.raising(from: present, mends: &document) ?? .changeValue,
                model: cell.name,
                underlying: error.underlying
            )
        }
        changes?
            .log(
                to: logger,
                "A model is going to be migrated",
                of: cell.name,
                from: present,
                to: definition.schemaVersion
            )
    }

    /// Has the store keep the last value of a model that goes, where it has an earlier one.
    private func leaveInStore(_ cell: ModelCell, _ context: Context) throws(StateError) {
        let staged = try context.stagedModel(cell)
        if hasStore, cell.isInStore, !cell.isHeadStored {
            try staged.put(staged.latest.typed(as: DeclaredModel.self).model, isCached: true)
        }
    }

    /// Lets everybody see the new models; the locks of those that change and go are held.
    private func replace(_ plan: Plan, by added: [ModelCell]) {
        for cell in plan.removed { cell.markRemoved() }
        models.withLock { models in
            for cell in plan.removed {
                models.byName[cell.name] = nil
                if cell.isInStore { models.take(cell.published.storedDocument(of: cell)) }
            }
            for cell in added {
                models.byName[cell.name] = cell
                models.forget(cell.name)
            }
            models.generation += 1
            // Before anybody can commit to them.
            commits.add(added, removing: plan.removed)
        }
    }
}

extension StateError {
    /// A declared model has the name of one that is a Swift type.
    fileprivate static func nameTaken(_ name: String) -> StateError {
        StateError(.nameTaken, "\(name) is a model of this program already. Choose another name.", model: name)
    }
}
