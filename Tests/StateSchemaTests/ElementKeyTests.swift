import Myosin
import TestSupport
import Testing

@testable import StateSchema

@Suite struct ElementKeyTests {
    /// Each line has values that are equal, and none that equals one of another line.
    private static let classes = [
        ["0", "-0", "0.0", "0e9"], ["1", "1.0", "10e-1", "0.1e1"], ["100", "1e2", "100.0"], ["-100", "-1e2"],
        ["123456789012345678901", "123456789012345678901.0"], ["123456789012345678902"], ["0.1", "1e-1", "0.10"],
        ["1e400"], ["1e401", "10e400"], [#""1""#], [#""""#], ["null"], ["true"], ["false"], ["[]"], ["[[]]"], ["{}"],
        [#"{"a":1,"b":[2]}"#, #"{"b":[2.0],"a":1e0}"#], [#"{"a":[2],"b":1}"#], ["[1,2]", "[1.0,2]"], ["[2,1]"],
        [#"{"a":null}"#], [#"{"a":{}}"#], [#"["a",null]"#],
    ]

    @Test func equalElementsAreFoundHoweverTheyAreWritten() throws {
        for (row, texts) in Self.classes.enumerated() {
            let keys = try texts.map { ElementKey(value: try JSONValue(parsing: Array($0.utf8))) }
            #expect(Set(keys).count == 1, "\(texts)")
            for (other, otherTexts) in Self.classes.enumerated() where other != row {
                for text in otherTexts {
                    #expect(
                        !keys.contains(ElementKey(value: try JSONValue(parsing: Array(text.utf8)))),
                        "\(texts) \(text)"
                    )
                }
            }
        }
    }

    /// Numbers of many digits that share their nearest `Double` have different hashes: else each would be compared with all.
    @Test func alikeNumbersDoNotShareTheirHash() throws {
        let hashes = (0..<1_000)
            .map { number in
                ElementKey(value: .number(JSONNumber(123_456_789_012_345_000_000_000 as Int128 + Int128(number))))
                    .hashValue
            }
        #expect(Set(hashes).count == 1_000)
    }

    @Test func theIndicesOfEqualElementsAreTold() throws {
        let schema = try JSONSchema.read(["type": "array", "uniqueItems": true])
        let faults = schema.faults(of: [1, ["a": 2, "b": 3], "x", ["b": 3, "a": 2]])
        #expect(faults.map(\.detail) == ["must not have an element twice; 1 and 3 are equal"])
    }
}
