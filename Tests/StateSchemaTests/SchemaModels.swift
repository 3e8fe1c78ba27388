import Myosin

struct User: StateModel {
    var id = ModelID()
    var name = ""
}

/// Declares its `id` last.
struct Telemetry: StateModel {
    var temperature = 0.0
    var isOnline = false
    var note: String?
    var id = ModelID()
}

struct Widths: StateModel {
    var id = ModelID()
    var a: Int8 = 0
    var b: UInt16 = 0
    var c = 0
    var d: UInt64 = 0
    var e: Float = 0
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
    var history: [Double] = []
    var route: [Position] = []
    var tags: [String: Int] = [:]
    var names: Set<String> = []
    var gaps: [Int8?] = []
    var grid: [[Bool]] = []
    var places: [String: Position]?

    static var samples: [Self] { [Self(places: ["a": Position(x: 1)])] }
}

struct Kinds: StateModel {
    var id = ModelID()
    var quality = Quality.good
    var level: Level?
    var spare: Quality?
    var target = Celsius(rawValue: 0)
    var colour: Colour?
    var anything: JSONValue = nil
    var note: JSONValue?
    var owner: ModelID = "o"
    var parent: ModelID?
}

/// Contains itself through an array and an optional.
struct Tree: StateModel {
    struct Node: Codable, Equatable {
        var name: String
        var children: [Node]
    }

    var id = ModelID()
    var root = Node(name: "r", children: [])
    var others: [Tree] = []
    var twins: [String: Tree]?
}

/// Contains ever new types.
struct Bottomless: StateModel {
    /// Decodes by hand, since a stored property of such a type is more than the compiler can take.
    struct Box<Content: Codable & Sendable & Equatable>: Codable, Equatable, Sendable {
        enum CodingKeys: String, CodingKey { case inner }

        init() {}

        init(from decoder: any Decoder) throws {
            _ = try decoder.container(keyedBy: CodingKeys.self).decode([Box<[Content]>].self, forKey: .inner)
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode([Bool](), forKey: .inner)
        }
    }

    var id = ModelID()
    var box = Box<Int>()
}

/// Accepts one text only.
struct Demanding: StateModel {
    var id = ModelID()
    var code = "open sesame"

    init() {}

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(ModelID.self, forKey: .id)
        code = try fields.decode(String.self, forKey: .code)
        guard code == "open sesame" else { throw ValidationError("/code", "is wrong") }
    }
}

/// Decodes by hand: a field with a default, one that may be missing but not null, and a nested one.
struct ByHand: StateModel {
    enum CodingKeys: String, CodingKey { case id, limit, step, inner }
    enum InnerKeys: String, CodingKey { case depth }

    var id: ModelID = "b"
    var limit: Int8 = 5
    var step = 1
    var depth = true

    init() {}

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(ModelID.self, forKey: .id)
        limit = try fields.decodeIfPresent(Int8.self, forKey: .limit) ?? 5
        if fields.contains(.step) { step = try fields.decode(Int.self, forKey: .step) }
        depth = try fields.nestedContainer(keyedBy: InnerKeys.self, forKey: .inner).decode(Bool.self, forKey: .depth)
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(limit, forKey: .limit)
        try fields.encode(step, forKey: .step)
        var inner = fields.nestedContainer(keyedBy: InnerKeys.self, forKey: .inner)
        try inner.encode(depth, forKey: .depth)
    }
}

/// Has fields that refuse the empty string, as addresses and UUIDs do.
struct Checked: StateModel {
    struct Serial: Codable, Equatable {
        let text: String

        init() { text = String(repeating: "0", count: 36) }

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
    var serial = Serial()
    var count: Int8 = 0
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

        var names = ["a"]

        init() {}

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Name.self)
            for name in names { try fields.encode(true, forKey: Name(stringValue: name)) }
        }
    }

    var id = ModelID()
    var inner = Inner()
}

/// Says something of its fields, and something else than their types tell.
struct Described: StateModel {
    var id = ModelID()
    var level: Int8 = 1
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

/// Accepts one text only, and says all that there is to say.
struct SaidWhole: StateModel {
    var id = ModelID()
    var code = "open sesame"

    init() {}

    static var schema: JSONValue {
        ["properties": ["code": ["const": "open sesame"]], "required": ["code"], "additionalProperties": false]
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(ModelID.self, forKey: .id)
        code = try fields.decode(String.self, forKey: .code)
        guard code == "open sesame" else { throw ValidationError("/code", "is wrong") }
    }
}

/// Says nothing that makes sense.
struct Mute: StateModel {
    var id = ModelID()
    var a = true

    static var schema: JSONValue { "nothing" }
}
