@testable import Myosin
import Testing

@Suite struct DocumentEncoderTests {
    /// As it is stored, which is what the tree of its values says too.
    private func text(_ model: some StateModel) throws -> String {
        let tree = JSONValue.object(try model.document()).description
        let text = String(decoding: try DocumentWriter.text(of: model), as: UTF8.self)
        #expect(text == tree)
        return text
    }

    private func text<Value: Codable & Sendable & Equatable>(of value: Value) throws -> String {
        guard let written = try Field(value).document()["value"] else { throw ValidationError("/value", "is missing") }
        return written.description
    }

    private func fault<Value: Codable & Sendable & Equatable>(of value: Value) throws -> String? {
        let fault = #expect(throws: ValidationError.self) { try Field(value).document() }?.description
        let written = #expect(throws: ValidationError.self) { try DocumentWriter.text(of: Field(value)) }?.description
        #expect(written == fault)
        return fault
    }

    private static let whole =
        #"{"id":"e1","flag":true,"text":"é\n\"\\","i8":-128,"i16":-32768,"i32":-2147483648,"#
        + #""i64":-9223372036854775808,"int":-9223372036854775808,"u8":255,"u16":65535,"u32":4294967295,"#
        + #""u64":18446744073709551615,"uint":18446744073709551615,"double":0.1,"float":0.1,"grade":"poor","level":3,"#
        + #""target":-1.5,"point":{"x":1,"y":-1},"note":null,"spare":{"x":2,"y":3},"#
        + #""list":[{"x":0,"y":0},{"x":1,"y":1}],"grid":[[1,2],[],[3]],"gaps":[1,null,3],"corners":[null,{"x":4,"y":5}],"#
        + #""names":["a","b"],"table":{"a":1,"b":2},"holes":{"n":null,"p":{"x":6,"y":7}},"owner":7,"#
        + #""free":{"z":1,"a":[null,true]}}"#

    @Test func theIdentityIsFirstAndFieldsFollowInTheirOrder() throws {
        #expect(try text(Everything()) == Self.whole)
    }

    @Test func everyKindReadsBackAsItWas() throws {
        let model = Everything()
        let document = try model.document()
        #expect(try Everything(document: document) == model)
        guard case .object(let parsed) = try JSONValue(parsing: Self.whole) else { return }
        #expect(try Everything(document: parsed) == model)
        #expect(try Everything(document: parsed).free.description == #"{"z":1,"a":[null,true]}"#)
    }

    @Test func theSameValueHasTheSameBytesEveryTime() throws {
        let names = (0..<40).map { "name\($0)" }
        let sorted = names.sorted().map(\.quoted).joined(separator: ",")
        for _ in 0..<100 {
            let shuffled = names.shuffled()
            #expect(try text(of: Set(shuffled)) == "[\(sorted)]")
            let table = Dictionary(uniqueKeysWithValues: shuffled.map { ($0, 0) })
            #expect(try text(of: table) == "{" + names.sorted().map { "\($0.quoted):0" }.joined(separator: ",") + "}")
            #expect(try text(Everything()) == Self.whole)
        }
    }

    @Test func unorderedCollectionsAreSortedAtEveryDepth() throws {
        #expect(try text(of: [["b": Set([2, 1])], ["a": Set([3])]]) == #"[{"b":[1,2]},{"a":[3]}]"#)
        #expect(try text(of: ["b": ["d": 1, "c": 2], "a": [:]]) == #"{"a":{},"b":{"c":2,"d":1}}"#)
        let points: Set<Everything.Point> = [.init(x: 2, y: 1), .init(x: 1, y: 2)]
        #expect(try text(of: points) == #"[{"x":1,"y":2},{"x":2,"y":1}]"#)
        let optional: [Set<String>?] = [["b", "a"], nil]
        #expect(try text(of: optional) == #"[["a","b"],null]"#)
    }

    @Test func dictionariesWithOtherKeysAreSortedToo() throws {
        for _ in 0..<20 {
            let numbers = Dictionary(uniqueKeysWithValues: (1...12).shuffled().map { ($0, $0) })
            let sorted = (1...12).map(String.init).sorted().map { "\"\($0)\":\($0)" }.joined(separator: ",")
            #expect(try text(of: numbers) == "{\(sorted)}")
            let flags = [true: "yes", false: "no"]
            #expect(try text(of: flags) == #"[false,"no",true,"yes"]"#)
        }
        let document = try Field([true: "yes", false: "no"]).document()
        #expect(try Field<[Bool: String]>(document: document).value == [true: "yes", false: "no"])
    }

    @Test func nilIsWrittenAsNull() throws {
        #expect(try text(Field<Int?>(nil)) == #"{"id":"f","value":null}"#)
        #expect(try text(Field<String?>(nil)) == #"{"id":"f","value":null}"#)
        #expect(try text(Field<Everything.Point?>(nil)) == #"{"id":"f","value":null}"#)
        #expect(try text(Field<[Int]?>(nil)) == #"{"id":"f","value":null}"#)
        #expect(try text(Field<Float?>(0.5)) == #"{"id":"f","value":0.5}"#)
        #expect(try text(Field<Float16?>(0.1)) == #"{"id":"f","value":0.1}"#)
        #expect(try text(Field<UInt64?>(.max)) == #"{"id":"f","value":18446744073709551615}"#)
    }

    @Test func emptyCollectionsAreWritten() throws {
        #expect(try text(of: [Int]()) == "[]")
        #expect(try text(of: [String: Int]()) == "{}")
        #expect(try text(of: Set<Int>()) == "[]")
    }

    @Test func numbersThatJSONLacksAreRefusedWithTheirPlace() throws {
        #expect(try fault(of: Double.nan) == "/value is nan, which JSON cannot tell; use a finite number")
        #expect(try fault(of: -Float.infinity) == "/value is -inf, which JSON cannot tell; use a finite number")
        #expect(try fault(of: Float16.infinity) == "/value is inf, which JSON cannot tell; use a finite number")
        #expect(try fault(of: [0, Double.infinity])?.hasPrefix("/value/1 is inf,") == true)
        #expect(try fault(of: ["a/~b": Double.nan])?.hasPrefix("/value/a~1~0b is nan,") == true)
        #expect(try fault(of: [[1.0]: Double?.some(.nan)])?.hasPrefix("/value/1 is nan,") == true)
        #expect(try fault(of: Everything.Celsius(rawValue: .nan))?.hasPrefix("/value is nan,") == true)
        #expect(try fault(of: Double?.some(.nan))?.hasPrefix("/value is nan,") == true)
    }

    @Test func aFreeValueIsWrittenAsItWasRead() throws {
        let text = #"{"z":1.50,"a":[1e400,-0,{"b":null,"a":""}],"":9007199254740993}"#
        let value = try JSONValue(parsing: text)
        #expect(try self.text(of: value) == text)
        #expect(try self.text(of: [value]) == "[\(text)]")
        #expect(try self.text(of: JSONValue?.some(value)) == text)
    }

    private struct Bare: StateModel {
        var id: ModelID = "b"

        init() {}
        init(from decoder: any Decoder) throws {}

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(5)
        }
    }

    @Test func aModelThatEncodesAsNoObjectIsRefused() {
        let error = #expect(throws: ValidationError.self) { try Bare().document() }
        #expect(error?.description == "the document must be encoded as an object; encode a keyed container")
    }

    /// Encodes itself in ways that cannot be written as they come, or that look so.
    private struct Winding: StateModel {
        enum Way: String, Codable, CaseIterable {
            case twice, back, nested, parts, inherited, alone, nothing, late, spelling, deep, wide, wider
        }
        enum Key: String, CodingKey { case id, way, list, inner, more }

        var id: ModelID = "w"
        var way: Way

        init(_ way: Way) { self.way = way }

        init(from decoder: any Decoder) throws {
            way = try decoder.container(keyedBy: Key.self).decode(Way.self, forKey: .way)
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Key.self)
            try fields.encode(way, forKey: .way)
            switch way {
            case .twice:
                try fields.encode(1, forKey: .more)
                try fields.encode(2, forKey: .more)
            case .back:
                var list = fields.nestedUnkeyedContainer(forKey: .list)
                try list.encode(1)
                try fields.encode(true, forKey: .more)
                try list.encode(2)
            case .nested:
                var inner = fields.nestedContainer(keyedBy: Key.self, forKey: .inner)
                var list = inner.nestedUnkeyedContainer(forKey: .list)
                try list.encode(1.5)
                var last = list.nestedContainer(keyedBy: Key.self)
                try last.encodeNil(forKey: .more)
                try list.encodeNil()
                try inner.encode("x", forKey: .more)
            case .parts:
                var others = encoder.container(keyedBy: Key.self)
                try others.encode("y", forKey: .more)
            case .inherited: try ["a": 1].encode(to: fields.superEncoder(forKey: .inner))
            case .alone:
                var list = fields.nestedUnkeyedContainer(forKey: .list)
                try list.encode(ModelID(5))
                _ = list.nestedUnkeyedContainer()
            case .nothing: try fields.encode(Empty(), forKey: .inner)
            case .late: try fields.encode([Int128.max], forKey: .list)
            case .spelling: try fields.encode(Spelled(), forKey: .inner)
            case .wide, .wider:
                var inner = fields.nestedContainer(keyedBy: DocumentKey.self, forKey: .inner)
                for number in 0..<(way == .wide ? 500 : 600) {
                    try inner.encode(number, forKey: DocumentKey(name: "field\(number)"))
                }
            case .deep: try fields.encode((0..<70).map { ["k\($0)": $0] }, forKey: .list)
            }
            try fields.encode(id, forKey: .id)
        }

        struct Empty: Codable { func encode(to encoder: any Encoder) throws {} }

        /// Two spellings of one name.
        struct Spelled: Encodable {
            func encode(to encoder: any Encoder) throws {
                var fields = encoder.container(keyedBy: DocumentKey.self)
                try fields.encode(1, forKey: DocumentKey(name: "\u{E9}"))
                try fields.encode(2, forKey: DocumentKey(name: "e\u{301}"))
            }
        }
    }

    @Test(arguments: Winding.Way.allCases)
    private func whatIsWrittenInOneGoIsWhatTheTreeSays(_ way: Winding.Way) throws {
        #expect(try text(Winding(way)).hasPrefix(#"{"id":"w","way":"\#(way.rawValue)""#))
    }

    @Test func aNameThatIsWrittenTwiceHasItsLastValue() throws {
        #expect(try text(Winding(.twice)) == #"{"id":"w","way":"twice","more":2}"#)
        #expect(try text(Winding(.back)) == #"{"id":"w","way":"back","list":[1,2],"more":true}"#)
        #expect(try text(Winding(.parts)) == #"{"id":"w","way":"parts","more":"y"}"#)
        #expect(try text(Winding(.spelling)) == #"{"id":"w","way":"spelling","inner":{"\#u{E9}":1,"e\#u{301}":2}}"#)
    }
}
