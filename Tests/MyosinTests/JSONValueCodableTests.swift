import Foundation
import Myosin
import Testing

/// JSON values with encoders and decoders that are not the engine's own: Foundation's.
@Suite struct JSONValueCodableTests {
    private func decode(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    private func encode(_ value: JSONValue) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-9007199254740993", "0.5", "-1.25", #""""#, #""a \"quoted\" é""#, "[]",
        "[1,[null,true],{}]", "{}", #"{"a":1,"b":{"c":[false,"x"]}}"#,
    ])
    func everyKindGoesThroughAndBack(text: String) throws {
        let value = try decode(text)
        #expect(try value == JSONValue(parsing: Array(text.utf8)))
        #expect(try encode(value) == text)
    }

    /// Foundation has no number with more digits than a Double.
    @Test func aNumberBeyondIntIsTheNearestDouble() throws {
        #expect(
            try encode(JSONValue(parsing: Array("123456789012345678901234567890".utf8))) == "1.2345678901234568e+29"
        )
        #expect(try decode("1e20") == .number(#require(JSONNumber(1e20))))
    }

    @Test func fieldsAreInTheOrderOfTheirNames() throws {
        #expect(try decode(#"{"b":1,"a":2,"c":3}"#).description == #"{"a":2,"b":1,"c":3}"#)
    }

    /// A decoder that offers none of the kinds that JSON has: the error is the decoder's.
    @Test func aDecoderWithoutJSONIsRefused() {
        #expect(throws: DecodingError.self) {
            try PropertyListDecoder()
                .decode([JSONValue].self, from: PropertyListEncoder().encode([Date(timeIntervalSince1970: 0)]))
        }
    }
}
