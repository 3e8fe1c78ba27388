internal import Logging
internal import Primitives

/// Logs commits at the level `trace`, with the names of the changed fields and without their values.
enum CommitTrace {
    private static let maxFields = 20

    /// Logs a context's commit to a model, once it is published.
    static func log(_ model: StagedModel, to logger: Logger) {
        logger.trace(
            "A model was committed",
            metadata: [
                "model.name": "\(model.cell.name)",
                "model.revision": .stringConvertible(model.outcome.revision),
                "model.changedFields": .array(changedFields(model).map { .string($0) }),
                "commit.isDurable": .stringConvertible(model.isDurable),
            ]
        )
    }

    /// The pointers of the changed fields; an array counts as one field.
    private static func changedFields(_ model: StagedModel) -> [String] {
        if model.outcome.document == model.base.document { return [] }
        // The engine has written both, so they are JSON.
        guard let former = try? JSONValue(parsing: model.base.document),
            let new = try? JSONValue(parsing: model.outcome.document)
        else { return [] }
        var pointers: [String] = []
        compare(former, new, at: "", &pointers)
        return pointers.count > maxFields ? pointers.prefix(maxFields) + ["…"] : pointers
    }

    private static func compare(_ former: JSONValue, _ new: JSONValue, at pointer: String, _ pointers: inout [String]) {
        guard case .object(let left) = former, case .object(let right) = new else {
            if former != new { pointers.append(pointer) }
            return
        }
        for (name, value) in right {
            let pointer = pointer.appendingPointer(to: name)
            if let earlier = left[name] {
                compare(earlier, value, at: pointer, &pointers)
            } else {
                pointers.append(pointer)
            }
        }
        for name in left.keys where right[name] == nil { pointers.append(pointer.appendingPointer(to: name)) }
    }
}
