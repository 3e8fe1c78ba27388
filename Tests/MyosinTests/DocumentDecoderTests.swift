import Myosin
import Testing

@Suite struct DocumentDecoderTests {
    private typealias Point = Everything.Point
    private typealias Grade = Everything.Grade

    private func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: text) else {
            throw ValidationError("", "is no object")
        }
        return object
    }

    /// The faults of a document, each as pointer and sentence.
    private func faults<Model: StateModel>(_ type: Model.Type, _ text: String) throws -> [String] {
        let document = try object(text)
        do {
            _ = try Model(document: document)
            return []
        } catch {
            return error.faults.map { "\($0.pointer) \($0.detail)" }
        }
    }

    /// The fault of a value for a field of one type.
    private func fault<Value: Codable & Sendable & Equatable>(_ type: Value.Type, _ value: String) throws -> [String] {
        try faults(Field<Value>.self, #"{"id":"f","value":\#(value)}"#)
    }

    private func decoded<Value: Codable & Sendable & Equatable>(_ type: Value.Type, _ value: String) throws -> Value {
        try Field<Value>(document: object(#"{"id":"f","value":\#(value)}"#)).value
    }

    @Test func allFaultsOfADocumentAreToldAtOnce() throws {
        let text = #"""
            {"id":"r1","temperature":"warm","quality":"great","position":"here","tagz":{},
            "history":[1,"two",3,null],"tags":{"a~b/c":1.5,"d":2}}
            """#
        #expect(
            try faults(Reading.self, text) == [
                #"/temperature must be a number, got a string"#,
                #"/quality must be one of "good", "poor", got "great""#,
                #"/position must be an object, got a string"#,
                #"/tags/a~0b~1c must be an integer, got 1.5"#,
                #"/history/1 must be a number, got a string"#,
                #"/history/3 must be a number, got null"#,
                #"/tagz is not a field of this model"#,
            ]
        )
    }

    @Test func missingAndMisspelledFieldsAreToldTogether() throws {
        #expect(
            try faults(User.self, #"{"id":"u","nane":"x","colour":1}"#) == [
                "/name is missing", "/email is missing", #"/nane is not a field of this model, did you mean "name"?"#,
                "/colour is not a field of this model",
            ]
        )
        #expect(
            try faults(User.self, #"{"id":null,"name":1}"#) == [
                "/id must be a string or an integer, got null", "/name must be a string, got 1", "/email is missing",
            ]
        )
        #expect(try faults(User.self, "{}") == ["/id is missing", "/name is missing", "/email is missing"])
    }

    @Test func aHintNamesNoFieldThatIsThere() throws {
        #expect(
            try faults(User.self, #"{"id":"u","name":"x","email":"a@b","nane":"y"}"#) == [
                "/nane is not a field of this model"
            ]
        )
    }

    /// A client can send very many at once; they are not all looked through for what was meant, which would take minutes.
    @Test func veryManyUnknownFieldsAreToldInPart() throws {
        let unknown = (0..<50_000).map { #""field\#($0)":1"# }.joined(separator: ",")
        #expect(try faults(User.self, "{\(unknown)}").count == 100)
    }

    @Test func unknownFieldsOfNestedStructuresHaveTheirPlace() throws {
        #expect(
            try fault([Point].self, #"[{"x":1,"y":2,"/":3}]"#) == ["/value/0/~1 is not a field of this model"]
        )
        #expect(
            try fault(Point?.self, #"{"x":1,"yy":2}"#) == [
                "/value/y is missing", #"/value/yy is not a field of this model, did you mean "y"?"#,
            ]
        )
    }

    @Test func aFaultInsideAnOptionalElementIsToldOnce() throws {
        #expect(
            try fault([Point?].self, #"[null,{"x":1,"y":2,"color":3}]"#) == [
                "/value/1/color is not a field of this model"
            ]
        )
        #expect(
            try fault([String: Point?].self, #"{"k":{"x":"1","y":2}}"#) == [
                "/value/k/x must be an integer, got a string"
            ]
        )
    }

    @Test(arguments: [
        ("null", "got null"), ("true", "got true"), ("false", "got false"), ("5", "got 5"), ("1.50", "got 1.50"),
        ("[]", "got an array"), ("{}", "got an object"),
    ])
    func aWrongTypeIsToldWithWhatWasGot(_ value: String, _ got: String) throws {
        #expect(try fault(String.self, value) == ["/value must be a string, \(got)"])
    }

    @Test func eachKindSaysWhatItExpects() throws {
        #expect(try fault(Bool.self, "1") == ["/value must be true or false, got 1"])
        #expect(try fault(Double.self, #""1""#) == ["/value must be a number, got a string"])
        #expect(try fault(Int.self, "null") == ["/value must be an integer, got null"])
        #expect(try fault([Int].self, "{}") == ["/value must be an array, got an object"])
        #expect(try fault([String: Int].self, "[]") == ["/value must be an object, got an array"])
        #expect(try fault(Set<String>.self, #""a""#) == ["/value must be an array, got a string"])
        #expect(try fault(Point.self, "3") == ["/value must be an object, got 3"])
        #expect(try fault(ModelID.self, "true") == ["/value must be a string or an integer, got true"])
        #expect(try fault(ModelID.self, "1.5") == ["/value must be a string or an integer, got 1.5"])
        #expect(try fault(Everything.Celsius.self, "[]") == ["/value must be a number, got an array"])
    }

    @Test func enumerationsTellTheirCases() throws {
        #expect(try fault(Grade.self, #""Good""#) == [#"/value must be one of "good", "poor", got "Good""#])
        #expect(try fault(Grade.self, "1") == ["/value must be a string, got 1"])
        #expect(try fault(Everything.Level.self, "2") == ["/value must be one of 1, 3, got 2"])
        #expect(try fault([Grade].self, #"["good","x"]"#) == [#"/value/1 must be one of "good", "poor", got "x""#])
    }

    @Test(arguments: ["21.5", "1e-1", "-0.5"])
    func aFractionIsNoInteger(_ value: String) throws {
        #expect(try fault(Int.self, value) == ["/value must be an integer, got \(value)"])
    }

    @Test func numbersOutOfRangeAreToldWithTheRange() throws {
        #expect(try fault(Int8.self, "128") == ["/value must be between -128 and 127, got 128"])
        #expect(try fault(UInt8.self, "-1") == ["/value must be between 0 and 255, got -1"])
        #expect(try fault(UInt16.self, "7e4") == ["/value must be between 0 and 65535, got 7e4"])
        #expect(
            try fault(Int.self, "1e99") == [
                "/value must be between -9223372036854775808 and 9223372036854775807, got 1e99"
            ]
        )
    }

    @Test func numbersThatWouldLoseDigitsAreRefused() throws {
        #expect(
            try fault(Double.self, "9007199254740993") == [
                "/value must be a number that a Double holds exactly, got 9007199254740993"
            ]
        )
        #expect(try fault(Double.self, "1e400") == ["/value must be a number that a Double holds exactly, got 1e400"])
        #expect(
            try fault(Float.self, "16777217") == ["/value must be a number that a Float holds exactly, got 16777217"]
        )
        #expect(try fault(Float16.self, "2049") == ["/value must be a number that a Float16 holds exactly, got 2049"])
        let digits = String(repeating: "1", count: 100_000)
        #expect(
            try fault(Double.self, digits) == ["/value must be a number that a Double holds exactly, got a number"]
        )
    }

    @Test func integersAreReadHoweverWritten() throws {
        #expect(try decoded(Int.self, "21.0") == 21)
        #expect(try decoded(UInt8.self, "2.1e1") == 21)
        #expect(try decoded(Int64.self, "9007199254740993") == 9_007_199_254_740_993)
        #expect(try decoded(Everything.Level.self, "3.0") == .high)
    }

    @Test func optionalFieldsMayBeNullOrMissing() throws {
        let reading = #"{"id":"r","temperature":1,"quality":"good","tags":{},"history":[]"#
        #expect(try Reading(document: object(reading + "}")).position == nil)
        #expect(try Reading(document: object(reading + #","position":null}"#)).position == nil)
        #expect(try decoded(Int?.self, "null") == nil)
        #expect(try decoded(Int?.self, "5") == 5)
        #expect(try decoded(Point?.self, "null") == nil)
        #expect(try fault(Int?.self, #""5""#) == ["/value must be an integer, got a string"])
        #expect(try fault(Grade?.self, #""x""#) == [#"/value must be one of "good", "poor", got "x""#])
    }

    @Test func optionalElementsKeepTheirValues() throws {
        #expect(try decoded([Int?].self, "[1,null,3]") == [1, nil, 3])
        #expect(try decoded([String: Bool?].self, #"{"a":true,"b":null}"#) == ["a": true, "b": Bool?.none])
        #expect(try decoded([[Double?]?].self, "[[0.5,null],null]") == [[0.5, nil], nil])
        #expect(try fault([Int?].self, #"[1,"x"]"#) == ["/value/1 must be an integer, got a string"])
    }

    @Test func pointersEscapeTildeAndSlash() throws {
        #expect(
            try fault([String: [Int]].self, #"{"~":[true],"/":[1,""],"~1":0,"":null}"#).sorted() == [
                "/value/ must be an array, got null", "/value/~0/0 must be an integer, got true",
                "/value/~01 must be an array, got 0", "/value/~1/1 must be an integer, got a string",
            ]
        )
    }

    @Test func aFreeValueKeepsDigitsAndOrder() throws {
        let text = #"{"z":1.50,"a":[1e400,-0,{"b":null,"a":""}],"":9007199254740993}"#
        #expect(try decoded(JSONValue.self, text).description == text)
        #expect(try decoded(JSONValue.self, "null") == nil)
        #expect(try decoded([JSONValue].self, "[1.0,null]").map(\.description) == ["1.0", "null"])
        #expect(try decoded([String: JSONValue].self, #"{"a":2.0}"#)["a"]?.description == "2.0")
        #expect(try faults(Field<JSONValue>.self, #"{"id":"f"}"#) == ["/value is missing"])
    }

    @Test func noMoreThanAHundredFaultsAreTold() throws {
        let elements = Array(repeating: "true", count: 10_000).joined(separator: ",")
        let faults = try fault([Int].self, "[\(elements)]")
        #expect(faults.count == 100)
        #expect(faults.last == "/value/99 must be an integer, got true")
    }

    private struct Chain: StateModel {
        var id: ModelID = "c"
        var next: [Chain]
    }

    /// Contains itself always, so that no value of it can be made of nothing.
    private final class Endless: Codable, Sendable, Equatable {
        let next: Endless

        static func == (left: Endless, right: Endless) -> Bool { left === right }
    }

    @Test func typesThatContainThemselvesAreReadAsDeepAsTextsGo() throws {
        let start = String(repeating: #"{"id":1,"next":["#, count: 32)
        let end = String(repeating: "]}", count: 32)
        #expect(try faults(Chain.self, start + end) == [])
        let pointer = String(repeating: "/next/0", count: 31) + "/next"
        #expect(try faults(Chain.self, start + "1" + end) == ["\(pointer)/0 must be an object, got 1"])
    }

    @Test func aTypeThatCannotBeMadeOfNothingEndsInItsFault() throws {
        #expect(try fault(Endless.self, "{}") == ["/value/next is missing"])
        #expect(try fault(Endless.self, #"{"next":{"next":{}}}"#) == ["/value/next/next/next is missing"])
    }

    private struct Picky: Codable, Equatable {
        struct Refusal: Error {}

        init(from decoder: any Decoder) throws {
            guard try decoder.singleValueContainer().decode(String.self) == "yes" else {
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "say yes"))
            }
        }

        func encode(to encoder: any Encoder) throws {}
    }

    @Test func whatATypeItselfRefusesIsToldInItsWords() throws {
        #expect(try fault(Picky.self, #""no""#) == ["/value is not valid: say yes"])
        #expect(try fault([Picky].self, #"["yes","no"]"#) == ["/value/1 is not valid: say yes"])
        #expect(try fault(Picky.self, "1") == ["/value must be a string, got 1"])
    }

    @Test func validationRunsAfterDecoding() throws {
        #expect(try faults(User.self, #"{"id":"u","name":"x","email":"nowhere"}"#) == ["/email is not an address"])
        #expect(try faults(User.self, #"{"id":"u","name":1,"email":"nowhere"}"#) == ["/name must be a string, got 1"])
    }

    /// A number, or a text with one, as the type finds out by trial.
    private struct Trial: Codable, Sendable, Equatable {
        var number: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self.number = number
            } else if let fields = try? container.decode([String: Int].self) {
                number = fields.count
            } else {
                let text = try container.decode(String.self)
                guard let number = Int(text) else { throw ValidationError("", "must be a number") }
                self.number = number
            }
        }

        func encode(to encoder: any Encoder) throws {}
    }

    @Test func aTypeMayTrySeveralOthers() throws {
        #expect(try decoded(Trial.self, "5").number == 5)
        #expect(try decoded(Trial.self, #""6""#).number == 6)
        #expect(try decoded(Trial.self, #"{"a":1,"b":2}"#).number == 2)
        #expect(try decoded([Trial].self, #"[1,"2",{}]"#).map(\.number) == [1, 2, 0])
        #expect(throws: ValidationError.self) { try decoded(Trial.self, "null") }
        #expect(throws: ValidationError.self) { try decoded(Trial.self, #""x""#) }
    }

    private struct Trials: StateModel {
        var id: ModelID
        var trial: Trial
        var level: Int8
        var trials: [Trial]
    }

    @Test func trialsThatSucceedAreNoFaultsOfAnotherFieldsDocument() throws {
        #expect(
            try faults(Trials.self, #"{"id":"t","trial":"7","level":300,"trials":["1",{"a":1}],"more":1}"#) == [
                "/level must be between -128 and 127, got 300", "/more is not a field of this model",
            ]
        )
    }
}
