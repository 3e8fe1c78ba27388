@testable import Myosin
@testable import StateSchema

/// Fuzzes the reader of schemas, and the check of documents against them.
///
/// The input is a schema, or an object of a `schema` and a `document`.
enum SchemaFuzzTarget {
    static func run(_ input: UnsafeBufferPointer<UInt8>) {
        guard let value = try? JSONValue(parsing: Array(input)) else { return }
        guard let schema = value.value(at: ["schema"]), let document = value.value(at: ["document"]) else {
            _ = read(value)
            return
        }
        guard let node = read(schema) else { return }
        check(node, document)
        // References are read from the top, which is another one for a part.
        guard !mentions("$ref", schema) else { return }
        checkParts(schema, document, accepted: node.accepts(document))
    }

    /// Reads a schema strictly, else as one of somebody else's.
    private static func read(_ schema: JSONValue) -> JSONSchema? {
        let strict = attempt(schema, .refused)
        let node = attempt(schema, .ignored)
        precondition(strict == nil || node != nil, "what is read strictly is read otherwise too")
        return strict ?? node
    }

    private static func attempt(_ schema: JSONValue, _ unknown: JSONSchema.UnknownKeywords) -> JSONSchema? {
        do {
            return try JSONSchema.read(schema, unknown: unknown)
        } catch {
            precondition((1...100).contains(error.faults.count), "a refusal has reasons")
            for fault in error.faults {
                precondition(schema.value(at: names(in: fault.pointer)) != nil, "each has a place in the schema")
            }
            return nil
        }
    }

    private static func check(_ node: JSONSchema, _ document: JSONValue) {
        let faults = node.faults(of: document)
        precondition(faults.count <= 100, "there are not more than the limit")
        precondition(node.accepts(document) == faults.isEmpty, "what is accepted has no fault")
        precondition(Set(faults).count == faults.count, "no fault is told twice")
        for fault in faults { precondition(isPlace(fault, in: document), "each has a place in the document") }
        precondition(node.faults(of: document, limit: 2) == Array(faults.prefix(2)), "the limit is kept")
    }

    /// What must hold of a schema as a part of another one.
    private static func checkParts(_ schema: JSONValue, _ document: JSONValue, accepted: Bool) {
        var part = schema
        if case .object(var object) = schema {
            for name in JSONSchemaKeywords.atTop { object[name] = nil }
            part = .object(object)
        }
        let same: [JSONValue] = [
            ["allOf": [part, true]], ["anyOf": [false, part]], ["oneOf": [part, false]], ["not": ["not": part]],
            ["$ref": "#/$defs/s", "$defs": ["s": part]],
        ]
        for schema in same { precondition(accepts(schema, document) == accepted, "a part rules as the whole does") }
        precondition(accepts(["not": part], document) != accepted, "and its opposite the opposite")
        precondition(accepts(["items": part], [document]) == accepted, "of elements")
        precondition(accepts(["properties": ["a": part]], ["a": document]) == accepted, "and of fields")
    }

    private static func accepts(_ schema: JSONValue, _ document: JSONValue) -> Bool {
        guard let node = try? JSONSchema.read(schema, unknown: .ignored) else { preconditionFailure("a part is read") }
        return node.accepts(document)
    }

    private static func mentions(_ name: String, _ value: JSONValue) -> Bool {
        switch value {
        case .object(let object): object.contains { $0 == name || mentions(name, $1) }
        case .array(let elements): elements.contains { mentions(name, $0) }
        case .null, .bool, .number, .string: false
        }
    }

    /// Whether a fault is somewhere in a document, or is a field that is missing there.
    private static func isPlace(_ fault: ValidationError.Fault, in document: JSONValue) -> Bool {
        let path = names(in: fault.pointer)
        if document.value(at: path) != nil { return true }
        return fault.code == .missing && document.value(at: path.dropLast()) != nil
    }

    /// The names in a JSON pointer (RFC 6901 section 4).
    private static func names(in pointer: String) -> [String] {
        pointer.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map { name in
                var unescaped = String.UnicodeScalarView()
                var rest = name
                while let scalar = rest.popFirst() {
                    guard scalar == "~" else {
                        unescaped.append(scalar)
                        continue
                    }
                    unescaped.append(rest.popFirst() == "1" ? "/" : "~")
                }
                return String(unescaped)
            }
    }
}
