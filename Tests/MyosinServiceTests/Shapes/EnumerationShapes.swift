import Myosin

/// Fields of each kind of enumeration.
enum EnumerationShapes {
    enum Quality: String, Codable, CaseIterable { case good, poor }
    enum Level: Int, Codable, CaseIterable { case low = 1, high = 3 }
    /// Not `CaseIterable`.
    enum Colour: String, Codable { case red, green }
    /// Not `CaseIterable`.
    enum Grade: Int8, Codable { case one = 1, two }
    /// Without raw values.
    enum Side: Codable, CaseIterable { case left, right }
    /// Without raw values, and not `CaseIterable`.
    enum Turn: Codable, Equatable { case clockwise, counter }
    enum Mode: Codable, Equatable { case off, timed(minutes: Int8), fixed(Double, until: Int8?) }
    indirect enum Term: Codable, Equatable, Sendable { case number(Double), sum(Term, Term) }
    enum Share: Double, Codable, CaseIterable { case half = 0.5, third = 0.25 }
    /// Encodes itself by hand as a text, without raw values.
    enum Spoken: Codable, CaseIterable {
        case yes, no
        init(from decoder: any Decoder) throws {
            switch try decoder.singleValueContainer().decode(String.self) {
            case "Yes": self = .yes
            case "No": self = .no
            default: throw ValidationError("", "must be Yes or No", code: .choice)
            }
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(self == .yes ? "Yes" : "No")
        }
    }
    /// Encodes itself by hand, the kind beside what belongs to it.
    enum Event: Codable, Equatable {
        case started(Int8), failed(String)
        enum CodingKeys: String, CodingKey { case kind, at, reason }
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            switch try fields.decode(String.self, forKey: .kind) {
            case "started": self = .started(try fields.decode(Int8.self, forKey: .at))
            case "failed": self = .failed(try fields.decode(String.self, forKey: .reason))
            default: throw ValidationError("/kind", "must be started or failed", code: .choice)
            }
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .started(let time):
                try fields.encode("started", forKey: .kind)
                try fields.encode(time, forKey: .at)
            case .failed(let reason):
                try fields.encode("failed", forKey: .kind)
                try fields.encode(reason, forKey: .reason)
            }
        }
    }
    /// A structure with a raw value.
    struct Celsius: RawRepresentable, Codable, Equatable { var rawValue: Double }
    struct Options: OptionSet, Codable { var rawValue: UInt8 }

    struct Raw: StateModel {
        var id: ModelID = "e", quality = Quality.good, maybe: Quality?, all: [Quality] = [], level = Level.low,
            none: Level?
    }
    struct RawUnlisted: StateModel {
        var id: ModelID = "e", colour = Colour.red, maybe: Colour?, all: [Grade] = [], grade: Grade?
    }
    struct Unraw: StateModel { var id: ModelID = "e", side = Side.left, maybe: Side? }
    struct UnrawUnlisted: StateModel { var id: ModelID = "e", turn = Turn.clockwise, maybe: Turn? }
    struct UnrawNil: StateModel { var id: ModelID = "e", turn: Turn?, count = 1 }
    struct UnrawSampled: StateModel {
        var id: ModelID = "e", turn: Turn?
        static var samples: [Self] { [Self(turn: .clockwise), Self(turn: .counter)] }
    }
    struct Payload: StateModel { var id: ModelID = "e", mode = Mode.timed(minutes: 5) }
    struct PayloadSampled: StateModel {
        var id: ModelID = "e", mode = Mode.off
        static var samples: [Self] { [Self(mode: .timed(minutes: 1)), Self(mode: .fixed(2.5, until: nil))] }
    }
    struct PayloadNil: StateModel { var id: ModelID = "e", mode: Mode?, count: Int8 = 1 }
    struct Indirect: StateModel { var id: ModelID = "e", term = Term.sum(.number(1), .sum(.number(2), .number(3))) }
    struct Fractions: StateModel { var id: ModelID = "e", share = Share.half, maybe: Share? }
    struct ByHand: StateModel { var id: ModelID = "e", answer = Spoken.yes, maybe: Spoken?, list: [Spoken] = [] }
    struct Discriminated: StateModel {
        var id: ModelID = "e", last = Event.started(3), all: [Event] = []
        static var samples: [Self] { [Self(all: [.failed("x")])] }
    }
    struct Wrapped: StateModel {
        var id: ModelID = "e", target = Celsius(rawValue: 20), maybe: Celsius?, options: Options = []
    }
}
