/// A model's published value as a document.
package struct DocumentSnapshot: Sendable {
    /// The model's name.
    package let model: String
    /// The compact JSON text, UTF-8.
    package let document: [UInt8]
    /// The revision of the model's last change.
    package let revision: UInt64
    /// When that was, in seconds since 1970.
    package let time: Double

    init(_ model: String, _ version: AnyVersion) {
        self.model = model
        (document, revision, time) = (version.document, version.revision, version.time)
    }
}

/// The engine's side of the HTTP interface: models by name, as documents.
extension State {
    /// The names of all loaded models, sorted.
    package var modelNames: [String] { cells.map(\.name) }

    /// A model's type; nil when no model has the name.
    package func modelType(named name: String) -> (any StateModel.Type)? { cell(named: name)?.modelType }

    /// A model's published value, without waiting for a context; nil when no model has the name.
    package func snapshot(of name: String) -> DocumentSnapshot? {
        cell(named: name).map { DocumentSnapshot($0.name, $0.published) }
    }

    /// The published values of all models, in order of their names, as they were at one moment.
    package func snapshots() -> (publication: UInt64, documents: [DocumentSnapshot]) {
        let cells = cells
        let moment = commits.atOneMoment { cells.map { $0.published } }
        return (moment.publication, zip(cells, moment.result).map { DocumentSnapshot($0.name, $1) })
    }

    /// Puts a whole document in place of a model, durably where the model is durable and there is a store.
    ///
    /// The document is decoded and validated before any lock is taken, on this thread; the calling thread never waits.
    ///
    /// - Parameters:
    ///   - name: the model's name.
    ///   - document: all fields; without `id` the present one stays.
    ///   - isExpected: whether the revision that the model has is one on which the writer builds; `conflict` otherwise.
    ///   - wait: how long to wait for the model's lock at most.
    ///   - completion: called once, on any thread, with the model's document as it is then, or with the error.
    package func replaceDocument(
        of name: String,
        with document: JSONObject,
        ifRevision isExpected: @escaping @Sendable (UInt64) -> Bool = { _ in true },
        wait: Duration = .seconds(5),
        completion: @escaping @Sendable (Result<DocumentSnapshot, StateError>) -> Void
    ) {
        guard let cell = cell(named: name) else { return completion(.failure(.notLoaded(name))) }
        let replacement: ModelCell.Replacement
        do {
            replacement = try cell.makeReplacement(document, isCached: cell.isDurable && hasStore)
        } catch {
            return completion(.failure(error))
        }
        enqueue([cell], wait: wait) { context in
            let staged = context.stagedModel(cell)
            if !isExpected(staged.baseRevision) { throw StateError.unexpected(name, current: staged.baseRevision) }
            try replacement(staged)
            return staged
        } completion: { result in
            completion(
                result.map { DocumentSnapshot(name, $0.outcome ?? cell.published) }
                    .mapError { StateError(wrapping: $0) }
            )
        }
    }
}
