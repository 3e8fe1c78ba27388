import TestSupport

/// Schemas, and requests about their models, of all shapes: the same ones with the same seed.
struct RequestGenerator {
    /// What a value may be.
    private indirect enum Shape {
        case null, boolean, integer, number, string, time, any
        case constants(Int)
        case array(Shape, isUnique: Bool)
        case object([Shape])
        /// Any of them, in the words of `anyOf`, `oneOf` or `allOf`.
        case choice([Shape], String)
    }

    private struct Model {
        let name: String
        let fields: [Shape]
    }

    private var random: SeededRandom
    private var models: [Model] = []
    private let mostBytes: Int
    /// Whether the document that is being made may break the rules of its schema and of JSON.
    private var hasFaults = false

    /// Makes the models of a seed.
    ///
    /// - Parameters:
    ///   - seed: the seed.
    ///   - count: how many models the requests are about.
    ///   - mostBytes: the longest body, in bytes.
    init(seed: UInt64, models count: Int, mostBytes: Int) {
        random = SeededRandom(seed: seed)
        self.mostBytes = mostBytes
        for number in 0..<count {
            models.append(Model(name: "Generated\(number)", fields: (0..<pick(1...6)).map { _ in shape(4) }))
        }
    }

    private mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func pick<Element>(_ list: [Element]) -> Element { list[pick(0...list.count - 1)] }

    // MARK: Schemas

    private mutating func shape(_ depth: Int) -> Shape {
        switch pick(0...(depth > 0 ? 11 : 7)) {
        case 0: .null
        case 1: .boolean
        case 2: .integer
        case 3: .number
        case 4: .string
        case 5: .time
        case 6: .any
        case 7: .constants(pick(1...200))
        case 8: .array(shape(depth - 1), isUnique: random.chance(50))
        case 9: .object((0..<pick(0...8)).map { _ in shape(depth - 1) })
        default: .choice((0..<pick(2...5)).map { _ in shape(depth - 1) }, pick(["anyOf", "oneOf", "allOf"]))
        }
    }

    private static func schema(_ shape: Shape) -> String {
        switch shape {
        case .null: #"{"type":"null"}"#
        case .boolean: #"{"type":"boolean"}"#
        case .integer: #"{"type":"integer","maximum":1000000}"#
        case .number: #"{"type":"number","multipleOf":0.25}"#
        case .string: #"{"type":"string","maxLength":1000}"#
        case .time: #"{"type":"string","format":"date-time"}"#
        case .any: "true"
        case .constants(let count): #"{"enum":[\#((0..<count).map { #""c\#($0)""# }.joined(separator: ","))]}"#
        case .array(let shape, let isUnique):
            #"{"type":"array","items":\#(schema(shape)),"uniqueItems":\#(isUnique)}"#
        case .object(let shapes):
            #"{"type":"object","additionalProperties":true,"properties":{\#(properties(shapes))}}"#
        case .choice(let shapes, let word): #"{"\#(word)":[\#(shapes.map(schema).joined(separator: ","))]}"#
        }
    }

    private static func properties(_ shapes: [Shape]) -> String {
        shapes.enumerated().map { #""p\#($0)":\#(schema($1))"# }.joined(separator: ",")
    }

    /// The texts of the models' schemas, by name.
    var schemas: [(name: String, text: String)] {
        models.map { model in
            let lists = model.fields.enumerated().map { #""l\#($0)":{"type":"array","items":\#(Self.schema($1))}"# }
            let properties = Self.properties(model.fields) + "," + lists.joined(separator: ",")
            return (model.name, #"{"type":"object","properties":{\#(properties)}}"#)
        }
    }

    // MARK: Values

    private mutating func value(_ shape: Shape) -> String {
        if hasFaults, random.chance(3) { return pick(["null", "[]", "{}", "-0.0", "\"\"", "[[[]]]", "1e300", "[{}]"]) }
        switch shape {
        case .null: return "null"
        case .boolean: return pick(["true", "false"])
        case .integer: return "\(pick(-1_000...1_000_000))"
        case .number: return "\(Double(pick(-1_000...1_000)) / 4)"
        case .string: return #""\#(String(repeating: pick(["a", "é", "\\n", "\\u20ac"]), count: pick(0...40)))""#
        case .time: return pick(["\"2026-01-02T03:04:05Z\"", "\"2026-01-02T03:04:05.678+01:00\"", "\"yesterday\""])
        case .any: return pick([#"{"a":[1,{"b":null}]}"#, "[1,2,[3,[4]]]", "12.5e3", "\"any\""])
        case .constants(let count): return #""c\#(pick(0...count))""#
        case .array(let shape, _): return "[" + values(of: shape, pick(0...5)).joined(separator: ",") + "]"
        case .object(let shapes):
            var fields: [String] = []
            for (index, shape) in shapes.enumerated() where random.chance(80) {
                fields.append(#""p\#(index)":\#(value(shape))"#)
            }
            return "{" + fields.joined(separator: ",") + "}"
        case .choice(let shapes, _): return value(pick(shapes))
        }
    }

    private mutating func values(of shape: Shape, _ count: Int) -> [String] { (0..<count).map { _ in value(shape) } }

    /// An array of values of a shape, of about so many bytes.
    private mutating func list(of shape: Shape, _ bytes: Int) -> String {
        let pieces = values(of: shape, 20)
        var text = "["
        text.reserveCapacity(bytes + 100)
        var number = 0
        while text.utf8.count < bytes {
            // With a number each is another one; where the shape does not take an array, it is a fault.
            text += hasFaults && number % 16 == 15 ? "[\(number)]," : pieces[number % pieces.count] + ","
            number += 1
        }
        return text.dropLast() + pick(hasFaults ? ["]", "]", "]", "", ",tru]", ",1e400]", ",\"\\ud800\"]"] : ["]"])
    }

    /// As many small ones as large ones.
    private mutating func size() -> Int {
        max(2, (mostBytes - 500) >> pick(0...12))
    }

    private mutating func document(of model: Model) -> String {
        hasFaults = random.chance(40)
        let number = pick(0...model.fields.count - 1)
        switch pick(0...19) {
        case 0: return list(of: model.fields[number], size())
        case 1: return "{" + field(0, size()) + "}"
        case 2:
            let names = (0..<max(1, size() / 20)).map { #""\#(pick(["p", "l", "q"]))\#($0)":\#($0)"# }
            return "{" + names.joined(separator: ",") + "}"
        default: return #"{"l\#(number)":\#(list(of: model.fields[number], size()))}"#
        }
    }

    /// A field whose name is long.
    private mutating func field(_ number: Int, _ bytes: Int) -> String {
        #""\#(String(repeating: pick(["n", "\\u0061", "é"]), count: max(1, bytes / 6)))\#(number)":1"#
    }

    // MARK: Requests

    private mutating func path(_ model: Model) -> String {
        let words = [
            "l0", "p0", "p1", "0", "9999", "-", "id", "%6c0", "~1", "%2F", "..", "", "é", "%00",
            String(repeating: "x", count: 300),
        ]
        let rest = (0..<pick(0...(random.chance(10) ? 400 : 4))).map { _ in "/" + pick(words) }.joined()
        let name = random.chance(80) ? model.name : pick(["Genrated1", "Model000001", "Modle000001", "", "%ff", "a b"])
        let query = pick([
            "", "", "", "?watch", "?depth=1", "?model=\(name)", "?watch&model=Modle000001&model=\(name)",
            "?" + String(repeating: "a=b&", count: 30),
        ])
        return pick(["/state/", "/state/", "/state/", "/state/", "/schema/", "/", "//"]) + name + rest + query
    }

    private mutating func fields(_ model: Model) -> [String] {
        let pieces = [
            "\"k3f9-1\",", "W/\"\(model.name)-12\", ", "text/html;q=0.5,", "*/*, ", "gzip;q=0,", "a=b; ",
            "for=\"[::1]\", ",
            "wait=5, ", "return=minimal,", ",", ";", "\\\"", "\"", "é", "Sun, 06 Nov 1994 08:49:37 GMT", "1-2,",
        ]
        let names = [
            "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "Accept", "Accept-Encoding",
            "Prefer",
            "Cookie", "Forwarded", "X-Forwarded-For", "Range", "Last-Event-ID", "Content-Type", "Origin", "Referer",
            "X-Other",
        ]
        let count = pick(0...(random.chance(20) ? 90 : 4))
        var room = 15_000
        var fields: [String] = []
        for _ in 0..<count {
            let times = pick(1...(random.chance(20) ? 900 : 3))
            let field = "\(pick(names)): " + String(repeating: pick(pieces), count: times)
            room -= field.utf8.count + 2
            if room < 0 { break }
            fields.append(field)
        }
        return fields
    }

    /// The next request.
    mutating func next() -> HeavyRequest {
        let model = pick(models)
        let method = pick(["PUT", "PUT", "PUT", "PATCH", "PATCH", "PATCH", "GET", "GET", "DELETE", "OPTIONS", "POST"])
        var path = self.path(model)
        var body: String?
        switch method {
        case "PUT", "POST", "PATCH":
            body = document(of: model)
            switch pick(0...9) {
            case 0...6: path = "/state/\(model.name)"
            case 7 where method == "PATCH":
                path = "/state"
                body = #"{"\#(model.name)":\#(body ?? "")}"#
            case 7:
                path = "/state/\(model.name)/l0"
                body = list(of: model.fields[0], size())
            default: break
            }
        default: break
        }
        let fields = random.chance(50) ? [] : self.fields(model)
        let line = "\(method) \(path)"
        return HeavyRequest(name: line, text: HeavyRequest.call(line, fields, body))
    }
}
