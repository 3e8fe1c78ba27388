import Myosin
import StateSchema
import Testing

/// Types that read themselves by hand, through each kind of container and each function that a container has.
@Suite struct DecodingByHandTests {
    private func properties(of model: any StateModel) -> [String: String] {
        guard case .object(let properties)? = ModelDerivation(of: model).document["properties"] else { return [:] }
        return Dictionary(properties.map { ($0.0, $0.1.description) }) { $1 }
    }

    private struct Optionals: StateModel {
        enum CodingKeys: String, CodingKey {
            case id, bool, string, double, float, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64
        }

        var id: ModelID = "o"

        init() {}

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            _ = try fields.decodeIfPresent(Bool.self, forKey: .bool)
            _ = try fields.decodeIfPresent(String.self, forKey: .string)
            _ = try fields.decodeIfPresent(Double.self, forKey: .double)
            _ = try fields.decodeIfPresent(Float.self, forKey: .float)
            _ = try fields.decodeIfPresent(Int.self, forKey: .int)
            _ = try fields.decodeIfPresent(Int8.self, forKey: .int8)
            _ = try fields.decodeIfPresent(Int16.self, forKey: .int16)
            _ = try fields.decodeIfPresent(Int32.self, forKey: .int32)
            _ = try fields.decodeIfPresent(Int64.self, forKey: .int64)
            _ = try fields.decodeIfPresent(UInt.self, forKey: .uint)
            _ = try fields.decodeIfPresent(UInt8.self, forKey: .uint8)
            _ = try fields.decodeIfPresent(UInt16.self, forKey: .uint16)
            _ = try fields.decodeIfPresent(UInt32.self, forKey: .uint32)
            _ = try fields.decodeIfPresent(UInt64.self, forKey: .uint64)
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
        }
    }

    @Test func optionalsOfEverySimpleTypeMayBeNull() {
        let found = properties(of: Optionals())
        #expect(found.count == 15)
        #expect(found["bool"] == #"{"type":["boolean","null"]}"#)
        #expect(found["string"] == #"{"type":["string","null"]}"#)
        for name in ["double", "float"] { #expect(found[name] == #"{"type":["number","null"]}"#) }
        let ranges: [(String, any FixedWidthInteger, any FixedWidthInteger)] = [
            ("int", Int.min, Int.max), ("int8", Int8.min, Int8.max), ("int16", Int16.min, Int16.max),
            ("int32", Int32.min, Int32.max), ("int64", Int64.min, Int64.max), ("uint", UInt.min, UInt.max),
            ("uint8", UInt8.min, UInt8.max), ("uint16", UInt16.min, UInt16.max), ("uint32", UInt32.min, UInt32.max),
            ("uint64", UInt64.min, UInt64.max),
        ]
        for (name, least, most) in ranges {
            #expect(found[name] == #"{"type":["integer","null"],"minimum":\#(least),"maximum":\#(most)}"#)
        }
    }

    private struct Nested: StateModel {
        enum CodingKeys: String, CodingKey { case id, list, matrix, base, records, heirs, single }
        enum InnerKeys: String, CodingKey { case depth }

        var id: ModelID = "n"

        init() {}

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            var list = try fields.nestedUnkeyedContainer(forKey: .list)
            if try !list.decodeNil() { _ = try list.decode(Int.self) }
            var matrix = try fields.nestedUnkeyedContainer(forKey: .matrix)
            _ = try matrix.nestedUnkeyedContainer()
            var records = try fields.nestedUnkeyedContainer(forKey: .records)
            _ = try records.nestedContainer(keyedBy: InnerKeys.self).decode(Bool.self, forKey: .depth)
            var heirs = try fields.nestedUnkeyedContainer(forKey: .heirs)
            _ = try heirs.superDecoder().singleValueContainer().decode(String.self)
            _ = try fields.superDecoder(forKey: .base).singleValueContainer().decode(Bool.self)
            _ = try fields.superDecoder().singleValueContainer().decode(String.self)
            let single = try fields.superDecoder(forKey: .single).singleValueContainer()
            if !single.decodeNil() { _ = try single.decode(Double.self) }
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode([1, 2], forKey: .list)
            try fields.encode([[Bool]()], forKey: .matrix)
            try fields.encode([["depth": true]], forKey: .records)
            try fields.encode(["x"], forKey: .heirs)
            try fields.encode(true, forKey: .base)
            var single = fields.superEncoder().singleValueContainer()
            try single.encode("y")
            try fields.encode(0.5, forKey: .single)
        }
    }

    @Test func nestedContainersAreWhatTheyHold() {
        let found = properties(of: Nested())
        let elements = [
            "list": #""type":["integer","null"],"minimum":\#(Int.min),"maximum":\#(Int.max)"#,
            "matrix": #""type":"array""#,
            "records":
                #""type":"object","properties":{"depth":{"type":"boolean"}},"required":["depth"],"additionalProperties":false"#,
            "heirs": #""type":"string""#,
        ]
        for (name, element) in elements {
            // Nobody has asked for the end, so it is an array that begins so.
            #expect(found[name] == #"{"type":"array","prefixItems":[{\#(element)}],"minItems":1}"#)
        }
        #expect(found["base"] == #"{"type":"boolean"}"#)
        // A superclass is in the field "super".
        #expect(found["super"] == #"{"type":"string"}"#)
        #expect(found["single"] == #"{"type":["number","null"]}"#)
    }
}
