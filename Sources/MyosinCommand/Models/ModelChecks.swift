internal import Exposition
internal import Myosin
internal import MyosinService
internal import StateSchema

/// Checks that concern all models together, at a start and without one.
struct ModelChecks {
    /// The longest document of a model that has no limit of its own.
    let maxDocumentBytes: Int

    /// What keeps the models from being used together.
    func faults(_ models: ModelDirectory.Models) -> [ModelDirectory.Fault] { StateMetric.collisions(of: models) }

    /// Enumerations that are too large for a metric; a start logs them itself.
    func largeChoices(_ models: ModelDirectory.Models) -> [String] {
        models.declarations.flatMap { declaration in
            StateMetric.all(of: declaration.name, declaration.node)
                .compactMap { metric in
                    metric.excess(over: Registry.usualMaxLabelSets)
                        .map { "\(models.files[declaration.name] ?? declaration.name): \($0)" }
                }
        }
    }

    /// Limits that are probably not meant.
    func warnings(_ models: ModelDirectory.Models) -> [String] {
        models.declarations.compactMap { declaration in
            let bytes = declaration.defaultBytes
            guard declaration.maxDocumentBytes == nil, bytes > maxDocumentBytes else { return nil }
            return
                "\(models.files[declaration.name] ?? declaration.name): the defaults have \(bytes) bytes, and a document may have "
                + "\(maxDocumentBytes), so that it can only become shorter. Raise --state.max-document-bytes, or set x-max-bytes."
        }
    }
}
