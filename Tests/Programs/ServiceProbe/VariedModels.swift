import Myosin

/// Has integers of several widths.
struct Widths: StateModel {
    var id = ModelID("w1")
    var narrow: Int8 = 0
    var usual = 0
    var wide: UInt64 = 0
    var maybe: UInt16?
}

/// Has enumerations, an optional structure, an array and a dictionary.
struct Sensor: StateModel {
    enum Mode: String, Codable, CaseIterable { case off, on, auto }
    enum Level: Int, Codable, CaseIterable { case low = 1, high = 3 }

    struct Place: Codable, Equatable {
        var room: String
        var floor: Int8
        var note: String?
    }

    var id: ModelID = 7
    var mode = Mode.off
    var level: Level? = .low
    var place: Place?
    var tags = ["a", "b"]
    var limits = ["low": 1, "high": 9]
    var isOn = true

    static var samples: [Self] { [Self(mode: .auto, place: Place(room: "cellar", floor: -1))] }
}

/// Is changed on condition only, and has structures in an array and arrays in a dictionary.
struct Plan: StateModel {
    static let requiresRevision = true

    struct Step: Codable, Equatable {
        var name: String
        var seconds: UInt16
        var isOptional: Bool?
    }

    var id = ModelID("p1")
    var steps = [Step(name: "fill", seconds: 10)]
    var days: [String: [UInt8]] = ["monday": [7, 20]]
    var isActive: Bool?
}

/// Has structures that may be changed in part, whether they are there or not.
struct Label: StateModel {
    struct Style: Codable, Equatable {
        var font: String?
        var size: UInt8?
        var isBold: Bool?
    }

    struct Frame: Codable, Equatable {
        var width = 1
        var height: Int?
        var style: Style?
    }

    var id = ModelID("l1")
    var text = ""
    var style: Style?
    var frame = Frame()
    var owner: ModelID?

    static var samples: [Self] { [Self(text: "x", style: Style(size: 12), owner: 7)] }
}

/// Says what its type cannot: bounds of numbers, and what any JSON may be.
struct Loose: StateModel {
    var id = ModelID("f1")
    var ratio = 0.5
    var anything: JSONValue? = ["a": [1, nil, "x"]]
    var others: [String: JSONValue] = ["b": false]
    var grid = [[true, false], []]

    static var schema: JSONValue {
        ["description": "What has no form.", "properties": ["ratio": ["minimum": 0, "maximum": 1]]]
    }

    func validate() throws {
        guard (0...1).contains(ratio) else { throw ValidationError("/ratio", "must be between 0 and 1") }
    }
}

extension State {
    /// Loads one model of each kind.
    func loadVariedModels() throws {
        try load(Widths())
        try load(Sensor())
        try load(Plan())
        try load(Label())
        try load(Loose())
    }
}
