import Myosin

/// Models that read and write themselves by hand, and have all back that they write.
enum HandWrittenShapes {
    enum Keys: String, CodingKey { case id, a, b, inner, list }
    struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Has a default for a field that is missing, and writes it always.
    struct Defaulted: StateModel {
        var id: ModelID = "h", a: Int8 = 1, b = "x"
        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Keys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            a = try fields.decodeIfPresent(Int8.self, forKey: .a) ?? 1
            if fields.contains(.b) { b = try fields.decode(String.self, forKey: .b) }
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(a, forKey: .a)
            try fields.encode(b, forKey: .b)
        }
    }
    /// Does not write what has its default.
    struct Sparse: StateModel {
        var id: ModelID = "h", a: Int8 = 1, b: Double?
        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Keys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            a = try fields.decodeIfPresent(Int8.self, forKey: .a) ?? 1
            b = try fields.decodeIfPresent(Double.self, forKey: .b)
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            if a != 1 { try fields.encode(a, forKey: .a) }
            if let b { try fields.encode(b, forKey: .b) }
        }
    }
    struct NilByHand: StateModel {
        var id: ModelID = "h", a: Int8?
        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Keys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            a = try fields.decodeNil(forKey: .a) ? nil : try fields.decode(Int8.self, forKey: .a)
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            if let a { try fields.encode(a, forKey: .a) } else { try fields.encodeNil(forKey: .a) }
        }
    }
    struct NilByHandSampled: StateModel {
        var id: ModelID = "h"
        var base = NilByHand()
        init() {}
        init(a: Int8) { base.a = a }
        init(from decoder: any Decoder) throws {
            base = try NilByHand(from: decoder)
            id = base.id
        }
        func encode(to encoder: any Encoder) throws {
            var base = base
            base.id = id
            try base.encode(to: encoder)
        }
        static var samples: [Self] { [Self(a: 3)] }
    }
    struct NestedContainers: StateModel {
        var id: ModelID = "h", a: Int8 = 1, list = [1.5, 2]
        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Keys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            a = try fields.nestedContainer(keyedBy: Keys.self, forKey: .inner).decode(Int8.self, forKey: .a)
            var elements = try fields.nestedUnkeyedContainer(forKey: .list)
            list = []
            while !elements.isAtEnd { list.append(try elements.decode(Double.self)) }
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            var inner = fields.nestedContainer(keyedBy: Keys.self, forKey: .inner)
            try inner.encode(a, forKey: .a)
            var elements = fields.nestedUnkeyedContainer(forKey: .list)
            for number in list { try elements.encode(number) }
        }
    }
    struct EmptyList: StateModel {
        struct List: Codable, Equatable {
            var numbers: [Int8] = []
            init() {}
            init(from decoder: any Decoder) throws {
                var elements = try decoder.unkeyedContainer()
                while !elements.isAtEnd { numbers.append(try elements.decode(Int8.self)) }
            }
            func encode(to encoder: any Encoder) throws {
                var elements = encoder.unkeyedContainer()
                for number in numbers { try elements.encode(number) }
            }
        }
        var id: ModelID = "h", list = List()
    }
    /// Refuses what is empty.
    struct NotEmpty: Codable, Equatable {
        var text: String
        init(_ text: String) { self.text = text }
        init(from decoder: any Decoder) throws {
            text = try decoder.singleValueContainer().decode(String.self)
            if text.isEmpty { throw ValidationError("", "must not be empty") }
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }
    struct Demanding: StateModel {
        var id: ModelID = "h", code = NotEmpty("open sesame"), other: NotEmpty?, level: Int8 = 1
    }
    /// Keeps capitals only; the defaults are such.
    struct Normalising: StateModel {
        struct Capitals: Codable, Equatable {
            var text: String
            init(from decoder: any Decoder) throws {
                text = try decoder.singleValueContainer().decode(String.self).uppercased()
            }
            init(_ text: String) { self.text = text }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(text)
            }
        }
        var id: ModelID = "h", code = Capitals("ABC")
    }
    /// A dictionary by hand.
    struct FreeNames: Codable, Equatable {
        var values: [String: Double] = [:]
        init(_ values: [String: Double]) { self.values = values }
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: AnyKey.self)
            for key in fields.allKeys { values[key.stringValue] = try fields.decode(Double.self, forKey: key) }
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: AnyKey.self)
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                try fields.encode(value, forKey: AnyKey(stringValue: key))
            }
        }
    }
    struct Free: StateModel { var id: ModelID = "h", table = FreeNames(["a": 1, "b": 2]), empty = FreeNames([:]) }
    struct FreeEmpty: StateModel { var id: ModelID = "h", table = FreeNames([:]) }
    /// Any JSON, by trial, as many packages have it.
    enum AnyCodable: Codable, Equatable {
        case null, flag(Bool), number(Double), text(String), list([AnyCodable]), object([String: AnyCodable])
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let list = try? container.decode([AnyCodable].self) {
                self = .list(list)
            } else {
                self = .object(try container.decode([String: AnyCodable].self))
            }
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .flag(let flag): try container.encode(flag)
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            case .list(let list): try container.encode(list)
            case .object(let object): try container.encode(object)
            }
        }
    }
    struct Opaque: StateModel {
        var id: ModelID = "h", any = AnyCodable.object(["a": .list([.text("x"), .null, .number(1)])]), level: Int8 = 1
    }
    /// A text or a number.
    struct Either: StateModel {
        var id: ModelID = "h", a = ""
        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Keys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            if let number = try? fields.decode(Int.self, forKey: .a) {
                a = "\(number)"
            } else {
                a = try fields.decode(String.self, forKey: .a)
            }
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(a, forKey: .a)
        }
    }
    /// Catches that a field is missing.
    struct Trying: StateModel {
        var id: ModelID = "h", a = "x"
        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Keys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            a = (try? fields.decode(String.self, forKey: .a)) ?? "x"
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            if a != "x" { try fields.encode(a, forKey: .a) }
        }
    }
    /// A part of the fields is another type's.
    struct Flattened: StateModel {
        struct Part: Codable, Equatable { var a: Int8 = 1, b: String? }
        var id: ModelID = "h", part = Part()
        init() {}
        init(from decoder: any Decoder) throws {
            id = try decoder.container(keyedBy: Keys.self).decode(ModelID.self, forKey: .id)
            part = try Part(from: decoder)
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            try part.encode(to: encoder)
        }
    }
    /// Traps on values that the program never writes.
    struct Trapping: StateModel {
        struct Name: Codable, Equatable {
            var text: String
            init(_ text: String) { self.text = text }
            init(from decoder: any Decoder) throws {
                text = try decoder.singleValueContainer().decode(String.self)
                precondition(!text.isEmpty, "nobody writes an empty name")
            }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(text)
            }
        }
        struct Share: Codable, Equatable {
            var parts: Int8 = 2
            init() {}
            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: Keys.self)
                parts = try fields.decode(Int8.self, forKey: .a)
                if 100 / parts < 0 { fatalError("nobody writes zero or less") }
            }
            func encode(to encoder: any Encoder) throws {
                var fields = encoder.container(keyedBy: Keys.self)
                try fields.encode(parts, forKey: .a)
            }
        }
        struct Insisting: Codable, Equatable {
            var a: Int8 = 1
            init() {}
            init(from decoder: any Decoder) throws {
                do {
                    a = try decoder.container(keyedBy: Keys.self).decode(Int8.self, forKey: .a)
                } catch {
                    fatalError("nobody writes this: \(error)")
                }
            }
            func encode(to encoder: any Encoder) throws {
                var fields = encoder.container(keyedBy: Keys.self)
                try fields.encode(a, forKey: .a)
            }
        }
        var id: ModelID = "h", name = Name("n"), other: Name?, names: [Name] = [], share = Share(), none: Share?
        var insisting: Insisting?
    }
    /// A model that traps on a document without its fields.
    struct TrappingWhole: StateModel {
        var id: ModelID = "h", a: Int8 = 5
        init() {}
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Keys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            a = try fields.decode(Int8.self, forKey: .a)
            precondition(a > 0 && id != "", "nobody writes these")
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(a, forKey: .a)
        }
        func validate() throws { precondition(id == "h", "the only one") }
    }
}
