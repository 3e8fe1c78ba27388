import Myosin
import TestSupport

/// Makes schemas and documents up, small ones of few values, so that both verdicts are frequent.
struct RandomSchema {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private static let names = ["a", "b", "c"]
    private static let scalars: [JSONValue] = [
        nil, true, false, 0, 1, 2, 3, -1, 1.5, 2.5, 10, "", "a", "bb", "ccc", "ä", "\u{1F600}x",
    ]

    /// A document.
    mutating func document(depth: Int = 2) -> JSONValue {
        guard depth > 0, random.chance(55) else { return pick(Self.scalars) }
        if random.chance(40) {
            return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in document(depth: depth - 1) })
        }
        var object = JSONObject()
        for name in Self.names where random.chance(50) { object[name] = document(depth: depth - 1) }
        return .object(object)
    }

    /// A schema; every number in it is one that binary floating point tells exactly, as other validators compute with that.
    ///
    /// It has no formats, since Python's checkers accept more than the standards do; the suite has tests of those.
    mutating func schema(depth: Int = 3) -> JSONValue {
        if random.chance(4) { return .bool(random.chance(60)) }
        var object = JSONObject()
        var definitions = JSONObject()
        if depth == 3 {
            for name in ["x", "y"] { definitions[name] = schema(depth: 1) }
            object["$defs"] = .object(definitions)
        }
        for _ in 0..<Int.random(in: 1...3, using: &random) { add(to: &object, depth) }
        if depth == 3, random.chance(50) { object["$ref"] = .string("#/$defs/\(pick(["x", "y"]))") }
        return .object(object)
    }

    private mutating func add(to object: inout JSONObject, _ depth: Int) {
        let bound: JSONValue = pick([0, 1, 2, 1.5, -1])
        let count: JSONValue = pick([0, 1, 2])
        switch Int.random(in: 0..<(depth > 0 ? 20 : 12), using: &random) {
        case 0, 1:
            let types: [JSONValue] = ["null", "boolean", "integer", "number", "string", "array", "object"]
            let (first, second) = (pick(types), pick(types))
            object["type"] = first == second || random.chance(50) ? first : .array([first, second])
        case 2: object["enum"] = .array((0..<3).map { _ in document(depth: 1) })
        case 3: object["const"] = document(depth: 1)
        case 4: object[pick(["minimum", "exclusiveMinimum"])] = bound
        case 5: object[pick(["maximum", "exclusiveMaximum"])] = bound
        case 6: object["multipleOf"] = pick([1, 2, 0.5, 3])
        case 7: object[pick(["minLength", "maxLength"])] = count
        case 8: object[pick(["minItems", "maxItems"])] = count
        case 9: object[pick(["minProperties", "maxProperties"])] = count
        case 10: object["uniqueItems"] = .bool(random.chance(80))
        case 11: object["required"] = .array([.string(pick(Self.names))])
        case 12, 13:
            var properties = JSONObject()
            for name in Self.names where random.chance(60) { properties[name] = schema(depth: depth - 1) }
            object["properties"] = .object(properties)
        case 14: object["additionalProperties"] = schema(depth: depth - 1)
        case 15: object["items"] = schema(depth: depth - 1)
        case 16: object["prefixItems"] = .array([schema(depth: depth - 1), schema(depth: depth - 1)])
        case 17: object["not"] = schema(depth: depth - 1)
        default:
            let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ in schema(depth: depth - 1) }
            object[pick(["allOf", "anyOf", "oneOf"])] = .array(parts)
        }
    }
}
