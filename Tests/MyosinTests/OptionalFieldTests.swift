@testable import Myosin
import Testing

/// Optional fields of every simple type in documents, which have a null where Swift has nil.
@Suite struct OptionalFieldTests {
    /// Writes and reads its fields by hand, with the functions for optionals.
    private struct Optionals: StateModel, Equatable {
        enum CodingKeys: String, CodingKey, CaseIterable {
            case id, bool, string, double, float, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64,
                other
        }

        var id: ModelID = "o"
        var bool: Bool?
        var string: String?
        var double: Double?
        var float: Float?
        var int: Int?
        var int8: Int8?
        var int16: Int16?
        var int32: Int32?
        var int64: Int64?
        var uint: UInt?
        var uint8: UInt8?
        var uint16: UInt16?
        var uint32: UInt32?
        var uint64: UInt64?
        var other: [Int]?
    }

    private static let full = Optionals(
        bool: true,
        string: "s",
        double: 0.5,
        float: 1.5,
        int: -1,
        int8: -8,
        int16: -16,
        int32: -32,
        int64: -64,
        uint: 1,
        uint8: 8,
        uint16: 16,
        uint32: 32,
        uint64: 64,
        other: [1]
    )

    @Test func nilIsWrittenAsNull() throws {
        let document = try Optionals().document()
        let names = Optionals.CodingKeys.allCases.map(\.rawValue)
        #expect(document.map { $0.0 } == names)
        for name in names.dropFirst() { #expect(document[name] == .null, "\(name)") }
        #expect(try Optionals(document: document) == Optionals())
        #expect(try DocumentWriter.text(of: Optionals()) == Array(JSONValue.object(document).description.utf8))
    }

    @Test func aValueIsWrittenAsItIs() throws {
        let document = try Self.full.document()
        #expect(
            JSONValue.object(document).description
                == #"{"id":"o","bool":true,"string":"s","double":0.5,"float":1.5,"int":-1,"int8":-8,"int16":-16,"#
                + #""int32":-32,"int64":-64,"uint":1,"uint8":8,"uint16":16,"uint32":32,"uint64":64,"other":[1]}"#
        )
        #expect(try Optionals(document: document) == Self.full)
        #expect(try DocumentWriter.text(of: Self.full) == Array(JSONValue.object(document).description.utf8))
    }
}
