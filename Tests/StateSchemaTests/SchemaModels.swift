import Myosin

struct User: StateModel {
    var id = ModelID()
    var name: String
}

/// Declares its `id` last.
struct Telemetry: StateModel {
    var temperature: Double
    var isOnline: Bool
    var note: String?
    var id = ModelID()
}

struct Widths: StateModel {
    var id = ModelID()
    var a: Int8
    var b: UInt16
    var c: Int
    var d: UInt64
    var e: Float
    var f: Int32?
}

struct Position: Codable, Equatable, Hashable {
    var x: Int8
    var y: Double?
}

enum Quality: String, Codable, CaseIterable { case good, poor }

enum Level: Int, Codable, CaseIterable {
    case low = 1
    case high = 3
}

/// Not `CaseIterable`, and no case has an empty name.
enum Colour: String, Codable { case red, green }

struct Celsius: RawRepresentable, Codable, Equatable { var rawValue: Double }

struct Collections: StateModel {
    var id = ModelID()
    var history: [Double]
    var route: [Position]
    var tags: [String: Int]
    var names: Set<String>
    var gaps: [Int8?]
    var grid: [[Bool]]
    var places: [String: Position]?
}

struct Kinds: StateModel {
    var id = ModelID()
    var quality: Quality
    var level: Level?
    var spare: Quality?
    var target: Celsius
    var colour: Colour?
    var anything: JSONValue
    var note: JSONValue?
    var owner: ModelID
    var parent: ModelID?
}

/// Contains itself through an array and an optional.
struct Tree: StateModel {
    struct Node: Codable, Equatable {
        var name: String
        var children: [Node]
    }

    var id = ModelID()
    var root: Node
    var others: [Tree]
    var twins: [String: Tree]?
}

/// Contains ever new types.
struct Bottomless: StateModel {
    /// Decodes by hand, since a stored property of such a type is more than the compiler can take.
    struct Box<Content: Codable & Sendable & Equatable>: Codable, Equatable, Sendable {
        enum CodingKeys: String, CodingKey { case inner }

        init(from decoder: any Decoder) throws {
            _ = try decoder.container(keyedBy: CodingKeys.self).decode([Box<[Content]>].self, forKey: .inner)
        }

        func encode(to encoder: any Encoder) throws {}
    }

    var id = ModelID()
    var box: Box<Int>
}

/// Accepts no placeholder.
struct Demanding: StateModel {
    var id = ModelID()
    var code: String

    init(from decoder: any Decoder) throws {
        code = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .code)
        guard code == "open sesame" else { throw ValidationError("/code", "is wrong") }
    }
}

/// Decodes by hand: a field with a default, one that may be missing but not null, and a nested one.
struct ByHand: StateModel {
    enum CodingKeys: String, CodingKey { case id, limit, step, inner }
    enum InnerKeys: String, CodingKey { case depth }

    var id: ModelID
    var limit: Int8
    var step = 1
    var depth: Bool

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(ModelID.self, forKey: .id)
        limit = try fields.decodeIfPresent(Int8.self, forKey: .limit) ?? 5
        if fields.contains(.step) { step = try fields.decode(Int.self, forKey: .step) }
        depth = try fields.nestedContainer(keyedBy: InnerKeys.self, forKey: .inner).decode(Bool.self, forKey: .depth)
    }

    func encode(to encoder: any Encoder) throws {}
}

/// Has fields that refuse the empty string, as addresses and UUIDs do.
struct Checked: StateModel {
    struct Serial: Codable, Equatable {
        let text: String

        init(from decoder: any Decoder) throws {
            text = try decoder.singleValueContainer().decode(String.self)
            guard text.utf8.count == 36 else { throw ValidationError("", "is not a serial number") }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }

    var id = ModelID()
    var serial: Serial
    var count: Int8
}

/// Asks which fields there are.
struct Curious: StateModel {
    struct Inner: Codable, Equatable {
        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var names: [String]

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
        }

        func encode(to encoder: any Encoder) throws {}
    }

    var id = ModelID()
    var inner: Inner
}

/// Says something of its fields, and something else than their types tell.
struct Described: StateModel {
    var id = ModelID()
    var level: Int8
    var note: String?

    static var schema: JSONValue {
        [
            "description": "A model.",
            "properties": [
                "level": ["minimum": 0, "maximum": 9, "x-unit": "percent"],
                "note": ["description": "What comes to mind."],
            ],
        ]
    }
}

/// Accepts no placeholder, and says all that there is to say.
struct SaidWhole: StateModel {
    var id = ModelID()
    var code: String

    static var schema: JSONValue {
        ["properties": ["code": ["const": "open sesame"]], "required": ["code"], "additionalProperties": false]
    }

    init(from decoder: any Decoder) throws {
        code = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .code)
        guard code == "open sesame" else { throw ValidationError("/code", "is wrong") }
    }
}

/// Says nothing that makes sense.
struct Mute: StateModel {
    var id = ModelID()
    var a: Bool

    static var schema: JSONValue { "nothing" }
}
