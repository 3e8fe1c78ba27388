import Myosin
import Testing

/// What a migration reads and writes in a document.
@Suite struct JSONObjectFieldsTests {
    private func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: text) else { throw ValidationError("", "is no object") }
        return object
    }

    private func text(_ object: JSONObject) -> String { "\(JSONValue.object(object))" }

    @Test func aNestedFieldIsReadAndWritten() throws {
        var document = try object(#"{"inner":{"a":1,"deep":{"x":true}}}"#)
        #expect(document["inner", "a"] == 1 && document["inner", "deep", "x"] == true)
        #expect(document["inner", "b"] == nil && document["inner", "a", "x"] == nil && document["none", "a"] == nil)
        document["inner", "b"] = 2
        document["new", "object", "c"] = "made"
        #expect(text(document) == #"{"inner":{"a":1,"deep":{"x":true},"b":2},"new":{"object":{"c":"made"}}}"#)
        document["inner", "deep", "x"] = nil
        document["none", "at", "all"] = nil
        #expect(text(document) == #"{"inner":{"a":1,"deep":{},"b":2},"new":{"object":{"c":"made"}}}"#)
        document["inner", "a", "y"] = 3
        #expect(document["inner", "a"] == ["y": 3])
    }

    @Test func aRemovedFieldGivesItsValue() throws {
        var document = try object(#"{"room":"hall","inner":{"a":1}}"#)
        document["place", "room"] = document.remove("room")
        #expect(document.remove("inner", "a") == 1)
        #expect(document.remove("inner", "a") == nil && document.remove("none", "a") == nil)
        #expect(text(document) == #"{"inner":{},"place":{"room":"hall"}}"#)
    }

    @Test func aValueIsTranslated() throws {
        var document = try object(#"{"mode":2,"inner":{"mode":"eco","other":"max"}}"#)
        document.translate("mode", by: [0: "off", 1: "slow", 2: "fast"])
        document.translate("inner", "mode", by: ["eco": "economy"])
        document.translate("inner", "other", by: ["eco": "economy"])
        document.translate("none", by: ["eco": "economy"])
        #expect(text(document) == #"{"mode":"fast","inner":{"mode":"economy","other":"max"}}"#)
    }

    @Test func eachElementIsChanged() throws {
        var document = try object(#"{"list":[{"a":1},7,{"a":2}],"map":{"x":{"a":3},"y":null}}"#)
        document.updateEach("list") { $0.rename("a", to: "b") }
        document.updateEach("map") { $0["c"] = 4 }
        document.updateEach("none") { $0["c"] = 4 }
        #expect(text(document) == #"{"list":[{"b":1},7,{"b":2}],"map":{"x":{"a":3,"c":4},"y":null}}"#)
        let error = #expect(throws: ValidationError.self) {
            try document.updateEach("list") { fields throws(ValidationError) in _ = try fields.int("a") }
        }
        #expect(error?.faults.map(\.pointer) == ["/a"])
    }

    @Test func fieldsAreReadAsTheyAre() throws {
        let document = try object(
            #"{"t":21.5,"n":9007199254740993,"s":"x","f":false,"l":[1],"o":{"n":3.0},"z":null}"#
        )
        #expect(try document.double("t") == 21.5 && document.int("o", "n") == 3 && document.double("o", "n") == 3)
        #expect(try document.int("n") == 9_007_199_254_740_993)
        #expect(try document.string("s") == "x" && document.bool("f") == false)
        #expect(try document.array("l") == [1])
        #expect(try document.object("o")["n"] == 3)
        #expect(document["z"]?.isNull == true && document["t"]?.double == 21.5 && document["t"]?.int == nil)
        #expect(document["s"]?.string == "x" && document["f"]?.bool == false && document["o"]?.object?.count == 1)
        #expect(document["l"]?.array?.count == 1 && document["n"]?.double == nil && document["none"]?.string == nil)
    }

    private typealias Read = @Sendable (JSONObject) throws -> Void

    private static let refusals: [(Read, String)] = [
        ({ _ = try $0.double("none") }, "/none is missing"),
        ({ _ = try $0.double("o", "none") }, "/o/none is missing"),
        ({ _ = try $0.double("none", "x") }, "/none/x is missing"),
        ({ _ = try $0.double("s", "x") }, "/s must be an object, got a string"),
        ({ _ = try $0.double("s") }, "/s must be a number, got a string"),
        ({ _ = try $0.double("n") }, "/n must be a number that a Double holds exactly, got 9007199254740993"),
        ({ _ = try $0.int("t") }, "/t must be an integer, got 21.5"),
        ({ _ = try $0.int("big") }, "/big must be between \(Int.min) and \(Int.max), got 1e30"),
        ({ _ = try $0.string("t") }, "/t must be a string, got 21.5"),
        ({ _ = try $0.bool("z") }, "/z must be true or false, got null"),
        ({ _ = try $0.array("o") }, "/o must be an array, got an object"),
        ({ _ = try $0.object("l") }, "/l must be an object, got an array"),
    ]

    @Test func aFieldThatIsNotAsExpectedIsNamed() throws {
        let document = try object(#"{"t":21.5,"n":9007199254740993,"big":1e30,"s":"x","l":[1],"o":{},"z":null}"#)
        for (read, sentence) in Self.refusals {
            let error = #expect(throws: ValidationError.self) { try read(document) }
            #expect(error?.description == sentence)
        }
    }

    @Test func aFieldOfAValueIsRead() throws {
        let value = JSONValue.object(try object(#"{"a":{"b":[1],"":2}}"#))
        #expect(value["a", "b"] == [1] && value["a"]?[""] == 2)
        #expect(value["b"] == nil && value["a", "b", "0"] == nil && JSONValue(5)["a"] == nil)
    }

    @Test func valuesAreMadeOfSwiftsTypes() {
        let (whole, part, word, flag) = (UInt8(7), 0.5 as Float, "a b".split(separator: " ")[1], true)
        #expect(JSONValue(whole) == 7 && JSONValue(part) == 0.5 && JSONValue(word) == "b" && JSONValue(flag) == true)
        #expect(JSONValue(Double.nan) == .null && JSONValue(21.0) == 21)
    }
}
