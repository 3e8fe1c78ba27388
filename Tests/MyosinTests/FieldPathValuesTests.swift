import Myosin
import Primitives
import TestSupport
import Testing

/// The search for the field of a key path gives a model's code no values that the user has not written, and takes linear time.
@Suite struct FieldPathValuesTests {
    /// Divides by one of its fields when it is encoded.
    struct Mean: StateModel {
        enum CodingKeys: String, CodingKey { case id, sum, count, mean }
        var id: ModelID = "m"
        var sum = 10
        var count = 2

        init() {}
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(ModelID.self, forKey: .id)
            sum = try container.decode(Int.self, forKey: .sum)
            count = try container.decode(Int.self, forKey: .count)
            _ = try container.decode(Int.self, forKey: .mean)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(sum, forKey: .sum)
            try container.encode(count, forKey: .count)
            try container.encode(sum / count, forKey: .mean)
        }
        func validate() throws {
            guard (1...100).contains(count) else { throw ValidationError(\Self.count, "must be from 1 to 100") }
        }
    }

    /// Reads an element at one of its fields when it is encoded.
    struct Choice: StateModel {
        enum CodingKeys: String, CodingKey { case id, index, names, current }
        var id: ModelID = "c"
        var index = 0
        var names = ["a"]

        init() {}
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(ModelID.self, forKey: .id)
            index = try container.decode(Int.self, forKey: .index)
            names = try container.decode([String].self, forKey: .names)
            guard names.indices.contains(index) else { throw ValidationError("/index", "must be that of a name") }
            _ = try container.decode(String.self, forKey: .current)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(index, forKey: .index)
            try container.encode(names, forKey: .names)
            try container.encode(names[index], forKey: .current)
        }
        func validate() throws {
            if names[0] == "bad" { throw ValidationError(\Self.index, "is bad") }
        }
    }

    private func pointers(_ error: StateError?) -> [String]? {
        (error?.underlying as? ValidationError)?.faults.map(\.pointer)
    }

    @Test(arguments: [500, 0]) func aModelThatDividesByAFieldIsRefused(count: Int) throws {
        let state = try State()
        try state.load(Mean())
        let error = #expect(throws: StateError.self) { try state.update(Mean.self) { $0.count = count } }
        #expect(pointers(error) == ["/count"])
        var document = JSONObject()
        (document["id"], document["sum"], document["count"], document["mean"]) = ("m", 1, .number(JSONNumber(count)), 0)
        let read = #expect(throws: ValidationError.self) { try Mean(document: document, showing: [Mean()]) }
        #expect(read?.faults.map(\.pointer) == ["/count"])
    }

    @Test func aModelThatReadsAnElementAtAFieldIsRefused() throws {
        let state = try State()
        try state.load(Choice())
        let error = #expect(throws: StateError.self) { try state.update(Choice.self) { $0.names = ["bad"] } }
        #expect(pointers(error) == ["/index"])
    }

    struct Row: Codable, Equatable {
        enum CodingKeys: String, CodingKey {
            case label
            case x = "value"
        }
        var label = ""
        var x = 0
    }

    struct Table: StateModel {
        enum CodingKeys: CodingKey { case id, rows }
        static let encodings = Lock(0)
        var id: ModelID = "t"
        var rows: [Row] = []

        init(rows: [Row]) { self.rows = rows }
        func encode(to encoder: any Encoder) throws {
            Self.encodings.withLock { $0 += 1 }
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(rows, forKey: .rows)
        }
        func validate() throws {
            var faults: [ValidationError.Fault] = []
            for index in rows.indices where rows[index].x < 0 {
                faults += ValidationError(\Self.rows[index].x, "must not be negative").faults
            }
            if !faults.isEmpty { throw ValidationError(faults) }
        }
    }

    @Test(arguments: [true, false]) func manyFaultsAreLocatedWithOneEncoding(areEqual: Bool) {
        let table = Table(rows: (0..<5_000).map { Row(label: "\($0)", x: areEqual ? -1 : -1 - $0) })
        let before = Table.encodings.withLock { $0 }
        let error = #expect(throws: ValidationError.self) {
            try table.checkContent(showing: [Table(rows: [Row(label: "a", x: 1)])])
        }
        // That of the value which shows the names; a refused one is not encoded.
        #expect(Table.encodings.withLock { $0 } - before == 1)
        // The search does not distinguish so many equal elements.
        let expected = (0..<ValidationError.maxFaults).map { areEqual ? "/rows" : "/rows/\($0)/value" }
        #expect(error?.faults.map(\.pointer) == expected)
    }

    @Test func equalElementsAreDistinguished() {
        var rows = (0..<50).map { Row(label: "\($0)", x: $0) }
        for index in [3, 17, 40] { rows[index].x = -1 }
        let error = #expect(throws: ValidationError.self) {
            try Table(rows: rows).checkContent(showing: [Table(rows: [Row(label: "a", x: 1)])])
        }
        #expect(error?.faults.map(\.pointer) == ["/rows/3/value", "/rows/17/value", "/rows/40/value"])
    }
}
