import Myosin
import Testing

@Suite struct JSONWriterTests {
    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#),
        ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{8}\u{C}\u{1F}", #""\u0000\u0008\u000c\u001f""#), ("\u{7F}é\u{2028}😀", "\"\u{7F}é\u{2028}😀\""),
        ("\r\n", #""\r\n""#),
    ])
    func onlyWhatMustBeIsEscaped(_ text: String, _ expected: String) {
        #expect(text.quoted == expected)
        #expect(JSONValue.string(text).description == expected)
        let object: JSONValue = .object(
            {
                var object = JSONObject(); object[text] = 1; return object
            }()
        )
        #expect(object.description == "{\(expected):1}")
    }

    @Test func everyControlCharacterReadsBack() throws {
        for code in 0..<0x80 as Range<UInt8> {
            let text = String(Character(Unicode.Scalar(code)))
            #expect(try JSONValue(parsing: text.quoted) == .string(text))
        }
    }

    @Test func theSameValueHasTheSameBytes() throws {
        let text = #"{"z":1,"a":[1.50,{"y":null,"b":"é"}],"m":{},"k":[],"t":true}"#
        for _ in 0..<100 { #expect(try JSONValue(parsing: text).bytes == Array(text.utf8)) }
    }

    @Test func prettyTextIsIndentedByThreeBlanks() throws {
        let value = try JSONValue(parsing: #"{"id":"u1","list":[1,{"a":null},[]],"empty":{},"deep":{"x":{"y":1.0}}}"#)
        #expect(
            value.prettyText == """
                {
                   "id": "u1",
                   "list": [
                      1,
                      {
                         "a": null
                      },
                      []
                   ],
                   "empty": {},
                   "deep": {
                      "x": {
                         "y": 1.0
                      }
                   }
                }
                """
        )
        #expect(try JSONValue(parsing: value.prettyText).bytes == value.bytes)
    }

    @Test(arguments: ["1", "null", #""a""#, "[]", "{}"])
    func valuesWithoutContentStayOnOneLine(_ text: String) throws {
        #expect(try JSONValue(parsing: text).prettyText == text)
    }

    @Test func aModelIsToldAsPrettyTextAfterALineBreak() {
        #expect(
            "\(chris)" == """

                {
                   "id": "u1",
                   "name": "chris",
                   "email": "chris@email.com"
                }
                """
        )
    }
}
