internal import Myosin
internal import StateSchema

/// The types that values may have; numbers with a fraction and those without count as two.
struct JSONTypes: OptionSet, Sendable {
    let rawValue: Int

    static let null = JSONTypes(rawValue: 1)
    static let boolean = JSONTypes(rawValue: 2)
    static let string = JSONTypes(rawValue: 4)
    static let integer = JSONTypes(rawValue: 8)
    static let fraction = JSONTypes(rawValue: 16)
    static let array = JSONTypes(rawValue: 32)
    static let object = JSONTypes(rawValue: 64)

    static let number: JSONTypes = [.integer, .fraction]
    static let all: JSONTypes = [.null, .boolean, .string, .number, .array, .object]

    private static let named: [(name: String, types: JSONTypes)] = [
        ("object", .object), ("array", .array), ("string", .string), ("number", .number), ("integer", .integer),
        ("boolean", .boolean), ("null", .null),
    ]
}

extension JSONTypes {
    /// The type of a value.
    init(of value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool: self = .boolean
        case .string: self = .string
        case .number(let number): self = number.isInteger ? .integer : .fraction
        case .array: self = .array
        case .object: self = .object
        }
    }

    /// The types that a schema accepts, or some more.
    ///
    /// - Parameters:
    ///   - schema: the schema.
    ///   - whole: the one that its references lead to places of.
    init(acceptedBy schema: JSONValue, in whole: JSONObject) {
        guard case .object(let keywords) = schema else {
            self = schema == false ? [] : .all
            return
        }
        var types = JSONTypes.all
        for (keyword, argument) in keywords {
            switch (keyword, argument) {
            case ("type", .string(let name)): types.formIntersection(.init(named: [.string(name)]))
            case ("type", .array(let names)): types.formIntersection(.init(named: names))
            case ("const", _): types.formIntersection(.init(of: argument))
            case ("enum", .array(let values)): types.formIntersection(.init(values.map { .init(of: $0) }))
            case ("$ref", .string(let text)):
                guard let target = LocalReference(text)?.target(in: whole) else { continue }
                types.formIntersection(.init(acceptedBy: target, in: whole))
            case ("allOf", .array(let parts)):
                for part in parts { types.formIntersection(.init(acceptedBy: part, in: whole)) }
            case ("anyOf", .array(let choices)), ("oneOf", .array(let choices)):
                types.formIntersection(.init(choices.map { .init(acceptedBy: $0, in: whole) }))
            default: break
            }
        }
        self = types
    }

    private init(named names: [JSONValue]) {
        self.init(Self.named.filter { names.contains(.string($0.name)) }.map(\.types))
    }

    /// The argument of `type`: one name, or several.
    var argument: JSONValue {
        var (names, rest): ([JSONValue], JSONTypes) = ([], self)
        for (name, types) in Self.named where rest.isSuperset(of: types) {
            names.append(.string(name))
            rest.subtract(types)
        }
        if rest.contains(.fraction) { names.append("number") }
        return names.count == 1 ? names[0] : .array(names)
    }

    /// Whether they are one type, which `type` names.
    var isOne: Bool { if case .string = argument { true } else { false } }
}
