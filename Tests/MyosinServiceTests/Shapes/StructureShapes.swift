import Myosin

/// Fields of types with fields.
enum StructureShapes {
    struct Position: Codable, Equatable, Hashable { var x: Int8 = 1, y: Double? }
    struct Deep: Codable, Equatable { var name = "n", position = Position(), others: [Position] = [] }

    struct Nested: StateModel { var id: ModelID = "n", deep = Deep(), maybe: Position? }
    struct NilStructure: StateModel { var id: ModelID = "n", place: Position?, count: Int8 = 1 }
    struct EmptyCollections: StateModel {
        var id: ModelID = "n", route: [Position] = [], places: [String: Position] = [:], set: Set<Position> = []
    }
    /// What only a late element of a long array has is not looked at.
    struct Trail: StateModel {
        struct Stop: Codable, Equatable { var x: Int8 = 1, position: Position? }
        var id: ModelID = "n", count: Int8 = 1
        var route = Array(repeating: Stop(), count: 1_000) + [Stop(position: Position())]
    }
    struct NilSampled: StateModel {
        var id: ModelID = "n", place: Position?
        static var samples: [Self] { [Self(place: Position(x: 2, y: 0.5))] }
    }
    struct EmptySampled: StateModel {
        var id: ModelID = "n", route: [Position] = [], places: [String: Position]?
        static var samples: [Self] { [Self(id: "s", route: [Position()], places: ["a": Position(y: 2)])] }
    }
    /// What one field shows of a type holds for the others.
    struct KnownElsewhere: StateModel {
        var id: ModelID = "n", here = Position(), there: Position?, all: [Position] = []
    }
    struct Described: StateModel {
        var id: ModelID = "n", place: Position?
        static var schema: JSONValue { ["properties": ["place": ["type": ["object", "null"]]]] }
    }

    struct Node: Codable, Equatable { var name = "n", children: [Node] = [] }
    struct Recursive: StateModel { var id: ModelID = "n", root = Node(children: [Node()]) }
    final class Link: Codable, Equatable, Sendable {
        let value: Int8
        let next: Link?
        init(_ value: Int8, _ next: Link? = nil) { (self.value, self.next) = (value, next) }
        static func == (one: Link, other: Link) -> Bool { one.value == other.value && one.next == other.next }
    }
    struct Linked: StateModel { var id: ModelID = "n", first = Link(1, Link(2)) }

    class Animal: Codable, @unchecked Sendable {
        var legs: Int8 = 4
        init() {}
    }
    final class Dog: Animal, Equatable, @unchecked Sendable {
        var name = "Rex"
        enum CodingKeys: String, CodingKey { case name }
        override init() { super.init() }
        required init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            name = try fields.decode(String.self, forKey: .name)
            try super.init(from: try fields.superDecoder())
        }
        override func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(name, forKey: .name)
            try super.encode(to: fields.superEncoder())
        }
        static func == (one: Dog, other: Dog) -> Bool { one.name == other.name && one.legs == other.legs }
    }
    struct Kennel: StateModel { var id: ModelID = "n", dog = Dog() }

    @propertyWrapper struct Percent: Codable, Equatable {
        var wrappedValue: Double
    }
    @propertyWrapper struct Bare: Codable, Equatable {
        var wrappedValue: Int8
        init(wrappedValue: Int8) { self.wrappedValue = wrappedValue }
        init(from decoder: any Decoder) throws { wrappedValue = try decoder.singleValueContainer().decode(Int8.self) }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(wrappedValue)
        }
    }
    struct Wrappers: StateModel {
        var id: ModelID = "n"
        @Percent var share = 0.5
        @Bare var level = 3
    }

    struct Box<Content: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
        var content: Content
        var spare: Content?
    }
    struct Boxes: StateModel {
        var id: ModelID = "n", number = Box<Int8>(content: 1), text = Box<String>(content: "x"),
            place = Box(content: Position())
    }
    struct Tuple: StateModel {
        /// A pair that is an array in documents.
        struct Pair: Codable, Equatable {
            var name: String, value: Double
            init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
            init(from decoder: any Decoder) throws {
                var elements = try decoder.unkeyedContainer()
                (name, value) = (try elements.decode(String.self), try elements.decode(Double.self))
            }
            func encode(to encoder: any Encoder) throws {
                var elements = encoder.unkeyedContainer()
                try elements.encode(name)
                try elements.encode(value)
            }
        }
        var id: ModelID = "n", pair = Pair("a", 1.5), pairs: [Pair] = []
    }
    struct Empty: StateModel {
        struct Nothing: Codable, Equatable {}
        var id: ModelID = "n", nothing = Nothing(), maybe: Nothing?
    }
    /// Holds another type behind a protocol, and writes what that writes.
    struct Erasing: StateModel {
        struct Erased: Codable, Equatable {
            var base = Position()
            init() {}
            init(from decoder: any Decoder) throws { base = try Position(from: decoder) }
            func encode(to encoder: any Encoder) throws { try (base as any Encodable).encode(to: encoder) }
        }
        var id: ModelID = "n"
        var name = "x"
        var place = Erased()
    }
    struct OnlyIdentity: StateModel { var id: ModelID = "n" }
    struct Renamed: StateModel {
        enum CodingKeys: String, CodingKey { case id, level = "the level" }
        var id: ModelID = "n", level: Int8 = 1
    }
    struct Transient: StateModel {
        enum CodingKeys: String, CodingKey { case id, level }
        var id: ModelID = "n", level: Int8 = 1, scratch = 5
    }
    struct Lazy: StateModel { var id: ModelID = "n", side = 2.5; var area: Double { side * side } }
}
