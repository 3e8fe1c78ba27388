internal import Myosin
internal import StateSchema

/// The way to a field of a model: the names behind the model's in a path.
struct FieldPath: Sendable {
    let steps: [String]

    init(steps: [String]) { self.steps = steps }

    /// - Parameter text: the names with slashes between them.
    init(_ text: String) { steps = text.split(separator: "/").map(String.init) }

    /// Where the way leaves what a schema declares.
    ///
    /// - Parameter schema: of the model, as ``ModelSchema`` derives it.
    /// - Returns: how many steps are declared, and what the names may be after those; nil if all are.
    func undeclared(in schema: JSONObject) -> (steps: Int, names: [String])? {
        var schemas = [JSONValue.object(schema)]
        for (index, step) in steps.enumerated() {
            let (next, names) = Self.step(step, from: schemas)
            guard !next.isEmpty else { return (index, names) }
            schemas = next
        }
        return nil
    }

    /// The schemas one step further, of those that may apply, and the names that they have.
    private static func step(_ step: String, from schemas: [JSONValue]) -> (next: [JSONValue], names: [String]) {
        var next: [JSONValue] = []
        var names: [String] = []
        for case .object(let schema) in schemas {
            // Without keywords anything may stand there.
            if schema["type"] == nil, schema["anyOf"] == nil { next.append(.object(schema)) }
            if case .array(let choices)? = schema["anyOf"] {
                let inner = Self.step(step, from: choices)
                (next, names) = (next + inner.next, names + inner.names)
            }
            if case .object(let properties)? = schema["properties"] {
                names += properties.keys
                if let property = properties[step] {
                    next.append(property)
                    continue
                }
            }
            switch schema["additionalProperties"] {
            case .object(let others)?: next.append(.object(others))
            case .bool(true)?: next.append(.object(JSONObject()))
            case nil where schema["properties"] == nil && allows("object", schema): next.append(.object(JSONObject()))
            default: break
            }
            if allows("array", schema), Int(step).map({ $0 >= 0 }) == true {
                next.append(schema["items"] ?? .object(JSONObject()))
            }
        }
        return (next, names)
    }

    private static func allows(_ type: String, _ schema: JSONObject) -> Bool {
        switch schema["type"] {
        case .string(let one)?: one == type
        case .array(let several)?: several.contains(.string(type))
        default: false
        }
    }
}
