import Myosin

/// Models that would not have back what they write.
enum RefusedShapes {
    typealias Keys = HandWrittenShapes.Keys

    /// Writes a field that it does not read.
    struct Unread: StateModel {
        var id: ModelID = "r", a: Int8 = 1
        init() {}
        init(from decoder: any Decoder) throws {
            id = try decoder.container(keyedBy: Keys.self).decode(ModelID.self, forKey: .id)
        }
    }
    /// Reads a field that it does not write.
    struct Unwritten: StateModel {
        var id: ModelID = "r", a: Int8 = 1
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
        }
    }
    struct WritesOtherName: StateModel {
        var id: ModelID = "r", a: Int8 = 1
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(a, forKey: .b)
        }
    }
    struct WritesOtherType: StateModel {
        var id: ModelID = "r", a: Int8 = 1
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode("\(a)", forKey: .a)
        }
    }
    struct Rounds: StateModel {
        var id: ModelID = "r", a = 1.25
        enum CodingKeys: String, CodingKey { case id, a }
        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            a = try fields.decode(Double.self, forKey: .a).rounded()
        }
    }
    struct Loses: StateModel {
        var id: ModelID = "r", a: Int8? = 1
        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            _ = try fields.decodeIfPresent(Int8.self, forKey: .a)
            a = nil
        }
    }
    struct Transient: StateModel {
        enum CodingKeys: String, CodingKey { case id, level }
        var id: ModelID = "r", level: Int8 = 1, scratch = 5
    }
    struct WithoutIdentity: StateModel {
        enum CodingKeys: String, CodingKey { case level }
        var id: ModelID = "r", level: Int8 = 1
    }
    struct NotANumber: StateModel { var id: ModelID = "r", list = [1.0, .nan] }
    struct NoObject: StateModel {
        var id: ModelID = "r"
        init() {}
        init(from decoder: any Decoder) throws { id = try decoder.singleValueContainer().decode(ModelID.self) }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(id)
        }
    }
    struct TooDeep: StateModel {
        var id: ModelID = "r", free: JSONValue
        /// Nests arrays so that the document has so many levels.
        init(levels: Int) {
            free = []
            for _ in 2..<levels { free = [free] }
        }
    }
    struct BadSample: StateModel {
        var id: ModelID = "r", level: Int8 = 1
        static var samples: [Self] { [Self(level: 2), Self(level: -1)] }
        func validate() throws { if level < 0 { throw ValidationError("/level", "must not be negative") } }
    }
    struct AsymmetricSample: StateModel {
        /// Cannot read `silent`.
        enum Voice: String, Codable {
            case loud, silent
            init(from decoder: any Decoder) throws {
                guard try decoder.singleValueContainer().decode(String.self) == "loud" else {
                    throw ValidationError("", "must be loud")
                }
                self = .loud
            }
        }
        var id: ModelID = "r", voice = Voice.loud
        static var samples: [Self] { [Self(voice: .silent)] }
    }
    /// Writes two keys under one name.
    struct Colliding: StateModel {
        struct Key: Hashable, Codable, CodingKeyRepresentable {
            var number: Int
            init(_ number: Int) { self.number = number }
            init?(codingKey: some CodingKey) { self.init(1) }
            var codingKey: any CodingKey { HandWrittenShapes.AnyKey(stringValue: "one") }
        }
        var id: ModelID = "r", table = [Key(1): "a", Key(2): "b"]
    }
}
