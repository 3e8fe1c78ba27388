internal import Myosin

/// The values that a schema enumerates, by their types: generators make a class of values of one type, text or integer.
struct EnumeratedValues {
    /// Values of one type.
    struct Group {
        /// What they are called.
        let word: String
        let schema: JSONObject
        /// Whether generators make a class of them.
        let isClass: Bool
    }

    private let values: [JSONValue]

    /// Takes the values out of a schema; nil if it enumerates none, or none of the types.
    ///
    /// - Parameters:
    ///   - schema: the schema.
    ///   - types: the types that its values have.
    init?(of schema: inout JSONObject, _ types: JSONTypes) {
        var values: [JSONValue]?
        if case .array(let several)? = schema["enum"] { values = several }
        if let constant = schema["const"] {
            values = values.map { $0.contains(constant) ? [constant] : [] } ?? [constant]
        }
        guard let all = values?.filter({ !JSONTypes(of: $0).isDisjoint(with: types) }), !all.isEmpty else { return nil }
        schema["enum"] = Optional<JSONValue>.none
        schema["const"] = Optional<JSONValue>.none
        self.values = all.map { value in
            // 1.0 is an integer, and generators would take it for none.
            if case .number(let number) = value, let integer = number.integer(Int.self) {
                return .number(JSONNumber(integer))
            }
            return value
        }
    }

    /// The groups that are not empty.
    var groups: [Group] {
        let numbers = values.filter { JSONTypes(of: $0).isSubset(of: .number) }
        let areIntegers = numbers.allSatisfy { JSONTypes(of: $0) == .integer }
        let kinds: [(types: JSONTypes, word: String)] = [
            (.string, "Text"), (.number, "Number"), (.boolean, "Flag"), (.object, "Object"), (.array, "Array"),
            (.null, "Null"),
        ]
        return kinds.compactMap { kind -> Group? in
            let own = values.filter { JSONTypes(of: $0).isSubset(of: kind.types) }
            guard !own.isEmpty else { return nil }
            var schema = JSONObject()
            schema["type"] = (kind.types == .number && areIntegers ? .integer : kind.types).argument
            if kind.types == .array { schema["items"] = [:] }
            let isSimple = kind.types == .string || kind.types == .number && areIntegers
            if kind.types == .boolean && own.count == 2 || kind.types == .null {
                // The type says it all.
            } else if isSimple || kind.types == .boolean {
                if own.count == 1 {
                    schema["const"] = own[0]
                } else {
                    schema["enum"] = .array(own)
                    if let names = Self.names(of: own) { schema["x-enum-varnames"] = .array(names) }
                }
            } else {
                // A number with a fraction, an array or an object is no member of an enumeration, in no language.
                schema.restrict("enum", .array(own))
            }
            return Group(word: kind.word, schema: schema, isClass: isSimple && own.count > 1)
        }
    }

    /// The schema of texts.
    static func schema(of texts: [String]) -> JSONObject {
        let values = texts.map { JSONValue.string($0) }
        var schema = JSONObject()
        schema["type"] = "string"
        schema["enum"] = .array(values)
        if let names = names(of: values) { schema["x-enum-varnames"] = .array(names) }
        return schema
    }

    /// Names for texts which would else get the same, as `a` and `A`, or none; nil where theirs will do.
    private static func names(of values: [JSONValue]) -> [JSONValue]? {
        let texts = values.compactMap { if case .string(let text) = $0 { text } else { nil } }
        let keys = texts.map { $0.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) } }
        guard texts.count == values.count else { return nil }
        let isPlain = Set(keys).count == keys.count && keys.allSatisfy { $0.first?.isLetter ?? false }
        if isPlain && !keys.contains(where: { $0.hasPrefix("VALUE") }) { return nil }
        let counts = keys.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        return texts.indices.map { index in
            let isOwn = keys[index].first?.isLetter ?? false && counts[keys[index]] == 1
            return .string(isOwn && !keys[index].hasPrefix("VALUE") ? keys[index] : "VALUE_\(index)")
        }
    }
}
