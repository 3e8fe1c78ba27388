internal import Primitives

/// What somebody who knows a model as a document does to it.
package enum DocumentChange: Sendable {
    /// Puts a whole document in its place; without `id` the present one stays.
    case replace(JSONObject)
    /// Puts a value in place of a field, which is named by the names on the way to it.
    case replaceField([String], JSONValue)
    /// Merges a patch into the document (RFC 7396).
    case merge(JSONObject)
    /// Returns to the defaults; the `id` stays.
    case restoreDefaults
}

extension DocumentChange {
    /// Refuses what would make a document that cannot be read again.
    ///
    /// Only a value below a path can: whole documents and patches have been read.
    ///
    /// - Throws: ``ValidationError`` with the place of the value.
    func checkDepth() throws(ValidationError) {
        guard case .replaceField(let path, let value) = self, path.count + value.depth > JSONValue.maxDepth else {
            return
        }
        throw ValidationError([.tooDeep(path.pointer)])
    }
}

/// A change of one model.
package struct DocumentWrite: Sendable {
    /// The model's name.
    package let model: String
    /// What is done to it.
    package let change: DocumentChange

    /// Makes a change.
    package init(_ model: String, _ change: DocumentChange) { (self.model, self.change) = (model, change) }
}

/// What a write builds on: the latest value, which may still wait for the disk.
package struct DocumentBase: Sendable {
    /// The revision of the value.
    package let revision: UInt64
    let changeTime: ChangeTime
    /// The number of the last publication of any model.
    package let publication: UInt64

    /// When the value was committed, as ``DocumentSnapshot/time``.
    package var time: Double { changeTime.secondsSince1970(by: .system) }
}

/// What a write has made of the models that it names.
package struct DocumentsWritten: Sendable {
    /// The models in the order of the write.
    package let documents: [DocumentSnapshot]
    /// The number of the publication by which they became visible; where nothing was changed, that of the last one.
    package let publication: UInt64
}

extension StateModel {
    /// Merges a patch into a document of this model and reads the result.
    ///
    /// Null removes a field, and so gives an optional one no value (RFC 7396). Null for a field that the model must have, or
    /// does not know, is a fault.
    ///
    /// - Throws: ``ValidationError`` with every fault.
    static func merge(_ patch: JSONObject, into document: JSONObject) throws(ValidationError) -> Self {
        let (document, patch) = (JSONValue.object(document), JSONValue.object(patch))
        let nulls = patch.nulls().exactTexts
        var unknown: [ValidationError.Fault] = []
        let merged = document.merging(patch)
        if !nulls.isEmpty {
            // What is not there already can be removed in vain, so it has to be asked for whether the model knows it.
            let probe = document.merging(patch, keepingNulls: true)
            unknown = DocumentDecoder.faults(of: Self.self, in: probe)
                .filter { nulls.contains(ExactText($0.pointer)) && $0.code == .unknown }
        }
        do throws(ValidationError) {
            let model = try DocumentDecoder.decode(Self.self, from: merged)
            if case .object(let object) = merged { try DocumentSpelling.check(model, readFrom: object) }
            if unknown.isEmpty { return model }
            throw ValidationError(unknown)
        } catch {
            let faults = error.faults.map { fault in
                let isNulled = fault.code == .missing && nulls.contains(ExactText(fault.pointer))
                return isNulled ? .nulled(fault.pointer) : fault
            }
            throw ValidationError(faults + unknown.filter { !faults.contains($0) })
        }
    }
}
