import Myosin
import StateSchema
import Testing

/// A model of every kind for which schema and decoding must agree.
private struct Rich: StateModel {
    struct Inner: Codable, Equatable {
        var flag = true
        var widths: [UInt8] = []
        var name: String?
    }

    var id = ModelID()
    var whole: Int8 = 0
    var large: UInt64 = 0
    var number = 0.5
    var single: Float?
    var text = ""
    var quality = Quality.good
    var level: Level?
    var target = Celsius(rawValue: 1)
    var inner = Inner()
    var spare: Inner?
    var list: [Inner] = []
    var gaps: [Int?] = []
    var set: Set<String> = []
    var table: [String: Inner?] = [:]
    var owner: ModelID = "o"
    var parent: ModelID?
    var free: JSONValue = nil
}

@Suite struct AcceptanceTests {
    /// SplitMix64, so that every run makes the same documents.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// Small values of all kinds, many of them at the limits of a type.
    private static let oddities: [JSONValue] = [
        nil, true, false, "", "good", "great", 0, 1, 3, -1, 127, 128, -128, -129, 255, 256, 21.5, [], [1], [nil], ["a"],
        [:], ["flag": true], ["flag": true, "widths": []],
    ]

    /// Numbers in unusual writing, which literals can't show; a `Double` holds all of them, which no schema could demand.
    private static let unusual = ["21.0", "2.1e1", "-0", "0.0", "1e2", "1e3", "1e20", "1e30", "-1e-2"]

    private func oddity(_ generator: inout Generator) throws -> JSONValue {
        if Bool.random(using: &generator), let text = Self.unusual.randomElement(using: &generator) {
            return try JSONValue(parsing: text)
        }
        return Self.oddities.randomElement(using: &generator) ?? nil
    }

    private func inner(_ generator: inout Generator) -> JSONValue {
        var object: JSONValue = ["flag": .bool(.random(using: &generator)), "widths": [0, 255]]
        if Bool.random(using: &generator), case .object(var fields) = object {
            fields["name"] = Bool.random(using: &generator) ? "x" : nil as JSONValue
            object = .object(fields)
        }
        return object
    }

    private func soundDocument(_ generator: inout Generator) -> JSONObject {
        var document = JSONObject()
        document["id"] = "r1"
        document["whole"] = .number(JSONNumber(Int8.random(in: .min ... .max, using: &generator)))
        document["large"] = .number(JSONNumber(UInt64.random(in: .min ... .max, using: &generator)))
        document["number"] = 0.25
        document["text"] = "t"
        document["quality"] = "poor"
        document["target"] = -3
        document["inner"] = inner(&generator)
        document["list"] = [inner(&generator), inner(&generator)]
        document["gaps"] = [1, nil]
        document["set"] = ["b", "a", "b"]
        document["table"] = ["x": inner(&generator), "y": nil]
        document["owner"] = "o"
        document["free"] = [1, ["a": nil]]
        if Bool.random(using: &generator) { document["single"] = 0.5 }
        if Bool.random(using: &generator) { document["level"] = 3 }
        if Bool.random(using: &generator) { document["spare"] = inner(&generator) }
        if Bool.random(using: &generator) { document["parent"] = 7 }
        return document
    }

    /// Changes, drops or adds something in the value, on some level.
    private func spoiled(_ value: JSONValue, _ generator: inout Generator) throws -> JSONValue {
        switch value {
        case .object(var object) where Int.random(in: 0..<4, using: &generator) > 0:
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: object["unknown"] = try oddity(&generator)
            case 1: if let key = object.keys.randomElement(using: &generator) { object[key] = Optional<JSONValue>.none }
            default:
                guard let key = object.keys.randomElement(using: &generator), let field = object[key] else { break }
                object[key] = .some(try spoiled(field, &generator))
            }
            return .object(object)
        case .array(var elements) where !elements.isEmpty && Bool.random(using: &generator):
            let index = elements.indices.randomElement(using: &generator) ?? 0
            elements[index] = try spoiled(elements[index], &generator)
            return .array(elements)
        default: return try oddity(&generator)
        }
    }

    @Test func theSchemaAcceptsWhatTheModelDecodes() throws {
        let schema = ModelDerivation(of: Rich()).document
        var generator = Generator(state: 2_026)
        var counts = [true: 0, false: 0]
        for _ in 0..<6_000 {
            var document = soundDocument(&generator)
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                document = try spoiled(.object(document), &generator).asObject
            }
            // What a request may leave out or send unchanged is the server's.
            document["id"] = "r1"
            let isAccepted = try SchemaValidator.accepts(.object(document), schema)
            let isDecoded: Bool
            do {
                _ = try Rich(document: document)
                isDecoded = true
            } catch {
                isDecoded = false
            }
            #expect(isAccepted == isDecoded, "\(JSONValue.object(document))")
            counts[isDecoded, default: 0] += 1
        }
        // Both answers were asked for often.
        #expect(counts.values.allSatisfy { $0 > 1_000 }, "\(counts)")
    }
}
