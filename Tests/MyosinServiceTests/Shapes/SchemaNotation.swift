import Myosin

/// Schemas in a short notation, for tables.
///
/// `any` is `{}`; `number?` may be null; `Int8` is an integer in its range; `{a: T, b?: T}` has a field that is required and one that
/// is not, with `…` if there may be others, and `*: T` if these are of one type; `[T]` is an array and `(T, T)` one that begins so.
struct SchemaNotation {
    /// The document that references lead into.
    let whole: JSONValue

    func text(_ schema: JSONValue?) -> String {
        guard case .object(let schema)? = schema else { return schema?.description ?? "nothing" }
        if case .string(let reference)? = schema["$ref"] {
            return text(whole.value(at: reference.dropFirst(2).split(separator: "/").map(String.init)))
        }
        for keyword in ["anyOf", "oneOf"] {
            guard case .array(let choices)? = schema[keyword] else { continue }
            let others = choices.filter { $0 != ["type": "null"] }
            return others.map(text).joined(separator: " | ") + (others.count < choices.count ? "?" : "")
        }
        switch schema["type"] {
        case .string(let type)?: return plain(type, schema)
        case .array(let types)?:
            let names = types.compactMap(\.string).filter { $0 != "null" }
            // What a reader takes for any JSON.
            if names.count > 5 { return "any" }
            return names.map { plain($0, schema) }.joined(separator: "/") + (types.contains("null") ? "?" : "")
        default: return schema.isEmpty ? "any" : JSONValue.object(schema).description
        }
    }

    private func plain(_ type: String, _ schema: JSONObject) -> String {
        if case .array(let values)? = schema["enum"] {
            return values.filter { $0 != .null }.map { $0.string ?? $0.description }.joined(separator: "|")
        }
        switch type {
        case "integer": return integer(schema)
        case "array":
            let count = schema["minItems"].map { " from \($0)" } ?? ""
            if case .array(let first)? = schema["prefixItems"] {
                return "(" + first.map(text).joined(separator: ", ") + ")"
            }
            return "[\(schema["items"].map(text) ?? "any")]" + count
        case "object":
            var parts: [String] = []
            if case .object(let properties)? = schema["properties"] {
                parts = properties.filter { $0.0 != "id" }
                    .map { name, field in "\(name)\(mark(name, schema)): \(text(field))" }
            }
            switch schema["additionalProperties"] {
            case false?: break
            case .object(let others)?: parts.append("*: \(text(.object(others)))")
            default: parts.append("…")
            }
            return "{\(parts.joined(separator: ", "))}"
        default: return type
        }
    }

    private func mark(_ name: String, _ schema: JSONObject) -> String {
        if case .array(let names)? = schema["required"], names.contains(.string(name)) { "" } else { "?" }
    }

    private func integer(_ schema: JSONObject) -> String {
        func text<Integer: FixedWidthInteger>(_ type: Integer.Type) -> String? {
            schema["minimum"]?.description == "\(Integer.min)" && schema["maximum"]?.description == "\(Integer.max)"
                ? "\(type)" : nil
        }
        return text(Int8.self) ?? text(Int16.self) ?? text(Int32.self) ?? text(Int.self) ?? text(UInt8.self)
            ?? text(UInt16.self) ?? text(UInt32.self) ?? text(UInt.self) ?? text(Int128.self) ?? text(UInt128.self)
            ?? "integer"
    }
}
