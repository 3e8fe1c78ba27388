internal import Myosin
internal import Primitives

/// The document with which a model begins, of the defaults in its schema, and what is wrong with them.
struct DefaultDocument {
    private(set) var document = JSONObject()
    private(set) var faults: [JSONSchemaError.Fault] = []

    init(_ root: JSONSchema) {
        var seen: Set<ObjectIdentifier> = []
        checkDefaults(of: root, &seen)
        guard case .object(let fields)? = value(of: DocumentPlace(root)) else { return }
        document = fields
        // Each default was checked by itself; what they must be together is told here.
        guard faults.isEmpty else { return }
        for fault in root.faults(of: .object(document)) {
            faults.append(.init("", "has defaults that are not valid together: \(fault.pointer) \(fault.detail)"))
        }
    }

    /// What stands in a place at first; nil for nothing.
    private mutating func value(of place: DocumentPlace) -> JSONValue? {
        if let value = place.defaultValue {
            var arrangement = DocumentArrangement(filling: .all)
            return arrangement.arrange(value, in: place, at: [])
        }
        guard place.mayBe(.object), !place.mayBe(.string), !place.fieldNames.isEmpty else { return nil }
        var object = JSONObject()
        let required = place.required
        for name in place.fieldNames {
            guard let field = place.declaredField(name) else { continue }
            let isNeeded = required.contains(ExactText(name))
            // Optional objects are not there at first, and so need no defaults inside.
            guard isNeeded || field.defaultValue != nil else { continue }
            if let value = value(of: field) {
                object[name] = value
            } else if let pointer = field.certain.first?.pointer,
                !faults.contains(where: { $0.pointer.hasPrefix(pointer) })
            {
                faults.append(
                    .init(
                        pointer,
                        "is required and has no default; add \"default\" with the value to begin with, or take its name out of "
                            + "\"required\""
                    )
                )
            }
        }
        for name in required.map(\.text).sorted() where place.declaredField(name) == nil && object[name] == nil {
            let pointer = (place.certain.first?.pointer ?? "") + "/required"
            let meant = name.utf8.count > 2 ? didYouMean(name, among: place.fieldNames) : nil
            let advice = meant.map { "did you mean \($0.quoted)?" } ?? "add it there, or take it out"
            faults.append(.init(pointer, "names \(name.quoted), which is not among the properties; \(advice)"))
        }
        return .object(object)
    }

    /// Notes the defaults and examples that are not valid where they stand.
    private mutating func checkDefaults(of node: JSONSchema, _ seen: inout Set<ObjectIdentifier>) {
        guard seen.insert(ObjectIdentifier(node)).inserted else { return }
        if let value = node.rules.defaultValue { check(value, node, "default") }
        for (index, example) in node.rules.examples.enumerated() { check(example, node, "examples/\(index)") }
        for part in node.rules.nodes { checkDefaults(of: part, &seen) }
    }

    private mutating func check(_ value: JSONValue, _ node: JSONSchema, _ keyword: String) {
        for fault in node.faults(of: value, limit: 10) {
            faults.append(.init("\(node.pointer)/\(keyword)\(fault.pointer)", fault.detail))
        }
    }
}
