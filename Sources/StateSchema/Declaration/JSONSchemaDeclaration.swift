package import Myosin
internal import Primitives

/// A model that a JSON Schema declares.
package final class JSONSchemaDeclaration: ModelDeclaration {
    package let name: String
    package let schemaVersion: Int
    package let isDurable: Bool
    package let requiresRevision: Bool
    package let maxDocumentBytes: Int?
    package let cost: CheckCost
    /// The schema as it is served and enforced, with what its author need not say: the field `id`, and that there are no others.
    package let schema: JSONObject
    /// What the schema says of whole documents.
    package let node: JSONSchema
    /// The same of their places.
    private let place: DocumentPlace
    /// The defaults, in the order of the fields; `id` among them where the schema has one for it.
    private let declaredDefaults: JSONObject
    /// The length of the defaults without the id, as ``maxDocumentBytes`` counts.
    package let defaultBytes: Int

    /// Reads a declaration.
    ///
    /// - Parameters:
    ///   - name: the model's name.
    ///   - text: the schema as JSON text, UTF-8.
    /// - Throws: ``JSONSchemaError`` with every fault.
    package init(name: String, text: [UInt8]) throws(JSONSchemaError) {
        let document: JSONValue
        do {
            document = try JSONValue(parsingFile: text)
        } catch {
            let advice = error.mistake == .comment ? "; \"$comment\" in a schema keeps its text" : ""
            throw JSONSchemaError([.init("", "is not JSON: it \(error)\(advice)")])
        }
        guard case .object(let written) = document else {
            throw JSONSchemaError([.init("", "must be an object, got \(document.mention)")])
        }
        _ = try JSONSchema.read(document)
        var model = ModelRules(name: name, written)
        schema = model.schema
        let node = try JSONSchema.read(.object(schema))
        model.check(node)
        let defaults = DefaultDocument(node)
        declaredDefaults = defaults.document
        var withoutIdentity = defaults.document
        withoutIdentity["id"] = nil
        defaultBytes = JSONValue.object(withoutIdentity).bytes.count
        let limit = model.number("x-max-bytes")
        var faults = model.faults + defaults.faults
        if faults.isEmpty, let limit, defaultBytes > limit {
            faults.append(.init("/x-max-bytes", "is \(limit), and the defaults have \(defaultBytes) bytes; raise it"))
        }
        if !faults.isEmpty { throw JSONSchemaError(faults) }
        (self.name, self.node, place, cost) = (name, node, DocumentPlace(node), node.cost.total)
        schemaVersion = model.number("x-version") ?? 1
        isDurable = model.flag("x-durable") ?? true
        requiresRevision = model.flag("x-require-if-match") ?? false
        maxDocumentBytes = limit
    }

    package var defaults: JSONObject {
        var document = declaredDefaults
        if document["id"] == nil { document["id"] = ModelID().json }
        document.moveToFront("id")
        return document
    }

    package func check(_ document: JSONObject) throws(ValidationError) {
        var faults = node.faults(of: .object(document))
        if document["id"] == nil { faults.append(.missing("/id")) }
        if !faults.isEmpty { throw ValidationError(faults) }
    }

    package func complete(_ document: inout JSONObject) -> FieldChanges {
        var arrangement = DocumentArrangement(filling: .all, dropsUnknown: true, defaults: declaredDefaults)
        document = arrangement.arrange(document, in: place, at: [])
        var changes = arrangement.changes
        for name in place.required.map(\.text).sorted() where document[name] == nil && declaredDefaults[name] != nil {
            document[name] = declaredDefaults[name]
            changes.filled.append([name].pointer)
            changes.absent.removeAll { $0 == [name].pointer }
        }
        if document["id"] == nil { document["id"] = ModelID().json }
        document = DocumentArrangement.ordered(document, in: place)
        return changes
    }

    package func apply(_ change: DocumentChange, to base: JSONObject) throws(ValidationError) -> JSONObject {
        var edit = DocumentEdit(of: base, in: place)
        switch change {
        case .restoreDefaults:
            var document = defaults
            document["id"] = base["id"]
            return document
        case .replace(let document): edit.replace(by: document)
        case .merge(let patch): edit.merge(patch)
        case .replaceField(let path, let value): edit.replace(at: path, by: value)
        }
        var faults = edit.faults
        // What was sent first: it is what the client knows of, and with defaults in it fewer names are free to be suggested.
        var found = node.faults(of: .object(edit.sent))
        if found.isEmpty { found = node.faults(of: .object(edit.document)) }
        // What was said of a place is not said again in other words.
        faults += found.filter { fault in !faults.contains { $0.pointer.isSpelled(as: fault.pointer) } }
        if !faults.isEmpty { throw ValidationError(Array(faults.prefix(100))) }
        return edit.document
    }
}
