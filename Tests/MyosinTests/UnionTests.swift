import Testing

@testable import Myosin

/// Types that find out by trial what stands in their place.
@Suite struct UnionTests {
    struct Circle: Codable, Equatable, Sendable { var radius = 1.0 }
    struct Square: Codable, Equatable, Sendable { var side = 2.0 }

    enum Shape: Codable, Equatable, Sendable {
        case circle(Circle), square(Square)

        init(from decoder: any Decoder) throws {
            if let circle = try? Circle(from: decoder) {
                self = .circle(circle)
            } else {
                self = .square(try Square(from: decoder))
            }
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .circle(let circle): try circle.encode(to: encoder)
            case .square(let square): try square.encode(to: encoder)
            }
        }

        static func square(_ side: Double) -> Shape { .square(Square(side: side)) }
    }

    struct Drawing: StateModel {
        static var schemaVersion: Int { 2 }
        var id: ModelID = "d"
        var shape = Shape.circle(Circle())
        var shapes: [Shape] = []
        var maybe: Shape?
        var name = "new"
    }

    private func faults(_ type: (some Decodable).Type, _ text: String) throws -> [String] {
        DocumentDecoder.faults(of: type, in: try JSONValue(parsing: text)).map { "\($0.pointer) \($0.detail)" }
    }

    private func decoded<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try DocumentDecoder.decode(type, from: try JSONValue(parsing: text))
    }

    // MARK: Migrations

    @Test(arguments: [Shape.circle(Circle()), .square(7)])
    func aMigrationKeepsTheStoredType(_ shape: Shape) throws {
        let text = #"{"id":"d","shape":{"side":3},"shapes":[{"side":4},{"radius":5}],"maybe":{"side":6},"old":1}"#
        let drawing = try Drawing.migrated(from: text, version: 1, defaults: Drawing(shape: shape, maybe: shape))
        let kept = Drawing(
            shape: .square(3),
            shapes: [.square(4), .circle(Circle(radius: 5))],
            maybe: .square(6),
            name: "new"
        )
        #expect(drawing == kept)
    }

    @Test func aMigrationKeepsVeryManyStoredTypes() throws {
        let many = Array(repeating: #"{"side":4,"gone":1}"#, count: 150) + [#"{"side":4}"#]
        struct Sides: StateModel {
            static var schemaVersion: Int { 2 }
            var id: ModelID = "s"
            var plain = [Square()]
            var shapes: [Shape] = []
        }
        let text = #"{"id":"s","plain":[\#(many.joined(separator: ","))],"shapes":[{"side":4}]}"#
        #expect(try Sides.migrated(from: text, version: 1, defaults: Sides()).shapes == [.square(4)])
    }

    /// The fields of its shape are its own.
    private struct Flat: StateModel {
        static var schemaVersion: Int { 2 }
        enum CodingKeys: String, CodingKey { case id }
        var id: ModelID = "f"
        var shape = Shape.circle(Circle())

        init() {}
        init(from decoder: any Decoder) throws {
            id = try decoder.container(keyedBy: CodingKeys.self).decode(ModelID.self, forKey: .id)
            shape = try Shape(from: decoder)
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            try shape.encode(to: encoder)
        }
    }

    @Test func aMigrationKeepsTheTypeOfTheWholeDocument() throws {
        #expect(try Flat.migrated(from: #"{"id":"f","side":3}"#, version: 1, defaults: Flat()).shape == .square(3))
    }

    // MARK: Loops

    /// Reads until nothing more can be read.
    private struct Counted: Decodable {
        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var numbers: [Int] = []

        init(from decoder: any Decoder) throws {
            if var list = try? decoder.unkeyedContainer() {
                while let number = try? list.decode(Int.self) { numbers.append(number) }
            } else {
                let fields = try decoder.container(keyedBy: Key.self)
                while let number = try? fields.decode(Int.self, forKey: Key(stringValue: "item\(numbers.count)")) {
                    numbers.append(number)
                }
            }
        }
    }

    private struct Lists: Decodable {
        var list: Counted, fields: Counted
        var level: Int8
    }

    @Test func aLoopUntilNothingCanBeReadEnds() throws {
        let lists = try decoded(Lists.self, #"{"list":[1,2],"fields":{"item0":1},"level":3}"#)
        #expect(lists.list.numbers == [1, 2] && lists.fields.numbers == [1])
        #expect(
            try faults(Lists.self, #"{"list":[1,2],"fields":{"item0":1},"level":300}"#) == [
                "/level must be between -128 and 127, got 300"
            ]
        )
        #expect(
            try faults(Lists.self, #"{"list":5,"level":300}"#).last == "/level must be between -128 and 127, got 300"
        )
    }

    // MARK: Elements

    /// Sorts elements by what they can be read as.
    private struct Sorted: Decodable {
        private enum Key: String, CodingKey { case n }

        var numbers: [Int] = []
        var texts: [String] = []

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            while !list.isAtEnd {
                if let number = try? list.decode(Int.self) {
                    numbers.append(number)
                } else if let fields = try? list.nestedContainer(keyedBy: Key.self) {
                    numbers.append(try fields.decode(Int.self, forKey: .n))
                } else if var inner = try? list.nestedUnkeyedContainer() {
                    numbers.append(try inner.decode(Int.self))
                } else {
                    texts.append(try list.decode(String.self))
                }
            }
        }
    }

    @Test func anElementThatAFailedTrialHasReadIsReadAgain() throws {
        let sorted = try decoded([Sorted].self, #"[["a",1,{"n":2},[3],"b"]]"#)[0]
        #expect(sorted.numbers == [1, 2, 3] && sorted.texts == ["a", "b"])
        #expect(try faults([Sorted].self, #"[["a",null,"b"]]"#).isEmpty == false)
    }

    /// Leaves out what is not a number.
    private struct Lossy: Decodable {
        var numbers: [Int] = []

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            while !list.isAtEnd { if let number = try? list.decode(Int.self) { numbers.append(number) } }
        }
    }

    @Test func aLoopThatReadsNothingButOneTypeEnds() throws {
        #expect(try decoded(Lossy.self, #"[1,"x",2]"#).numbers == [1, 2])
    }

    // MARK: Whole values

    @Test func aWholeValueMayTrySeveralTypes() throws {
        #expect(try DocumentCoding.decode(Shape.self, from: ["side": 3]) == .square(3))
        #expect(try DocumentCoding.decode([Shape].self, from: [["side": 3], ["radius": 1]]).count == 2)
        #expect(try DocumentCoding.decode(Int.self, from: 3) == 3)
        let error = #expect(throws: ValidationError.self) { try DocumentCoding.decode(Int8.self, from: 300) }
        #expect(error?.faults.map(\.detail) == ["must be between -128 and 127, got 300"])
    }

    // MARK: Faults

    /// Reads its value, and knows what to do without.
    private struct Caught: Decodable {
        enum CodingKeys: String, CodingKey { case value }
        var found: String

        init(from decoder: any Decoder) throws {
            do {
                found = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .value)
            } catch DecodingError.keyNotFound(let key, _) {
                found = "no \(key.stringValue)"
            } catch DecodingError.typeMismatch {
                var list = try decoder.unkeyedContainer()
                do {
                    found = try list.decode(String.self)
                } catch DecodingError.valueNotFound(_, let context) {
                    found = "no \(context.codingPath.count)"
                }
            }
        }
    }

    @Test func aMissingFieldIsThrownAsOne() throws {
        #expect(try decoded(Caught.self, "{}").found == "no value")
        #expect(try decoded([Caught].self, "[[]]").first?.found == "no 2")
    }

    @Test func veryManyRightTrialsAreNoFaults() throws {
        struct Gallery: Decodable { var shapes: [Shape], level: Int8 }
        let shapes = Array(repeating: #"{"side":1}"#, count: 250).joined(separator: ",")
        #expect(
            try faults(Gallery.self, #"{"shapes":[\#(shapes)],"level":300}"#) == [
                "/level must be between -128 and 127, got 300"
            ]
        )
    }

    @Test func theErrorOfAForgivenTrialIsNotTold() throws {
        struct Refusal: Error {}
        struct Never: Decodable { init(from decoder: any Decoder) throws { throw Refusal() } }
        struct Either: Decodable {
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if (try? container.decode(Never.self)) == nil { _ = try container.decode(String.self) }
            }
        }
        struct Both: Decodable { var either: Either, level: Int8 }
        let error = #expect(throws: ValidationError.self) {
            try DocumentDecoder.decode(Both.self, from: ["either": "x", "level": 300])
        }
        #expect(error?.faults.map(\.pointer) == ["/level"] && error?.underlying == nil)
    }
}
