import Myosin

/// A durable model whose own check can refuse it.
struct User: StateModel {
    var id = ModelID("u1")
    var name = "chris"
    var email = "chris@email.com"

    func validate() throws {
        var faults: [ValidationError.Fault] = []
        if name.isEmpty {
            faults.append(.init(pointer: "/name", detail: "must have at least 1 character, got 0", code: .count))
        }
        if !email.contains("@") {
            faults.append(.init(pointer: "/email", detail: "must be an email address, got \"\(email)\"", code: .format))
        }
        if !faults.isEmpty { throw ValidationError(faults) }
    }
}

/// A model that stays in memory.
struct Telemetry: StateModel {
    static let isDurable = false

    var id = ModelID("t1")
    var temperature = 20.5
    var humidity = 40.0
}

/// A model with an enumeration, an optional structure and an array.
struct Device: StateModel {
    enum Mode: String, Codable, CaseIterable { case off, on }
    struct Place: Codable, Equatable { var room: String, floor: Int }

    var id = ModelID("d1")
    var mode = Mode.off
    var place: Place?
    var tags = ["a", "b"]

    static var samples: [Self] { [Self(mode: .on, place: Place(room: "kitchen", floor: 1))] }
}

/// A model that is changed on condition only, with a dictionary.
struct Guarded: StateModel {
    static let isDurable = false
    static let requiresRevision = true

    var id = ModelID("g1")
    var limits = ["low": 1, "high": 9]
}

/// A model with arrays that may not be there.
struct Schedule: StateModel {
    var id = ModelID("s1")
    var days = ["monday": [7, 20]]
    var holidays: [Int]?
}

/// A model of one field.
struct Lamp: StateModel {
    var id = ModelID("l1")
    var isOn = false

    static var schema: JSONValue { ["properties": ["isOn": ["description": "Whether it shines."]]] }
}

/// A durable model whose amount and the count of another have one sum.
struct Savings: StateModel {
    var id = ModelID("s1")
    var amount = 100
}

/// A durable model that many clients count with.
struct Counter: StateModel {
    var id = ModelID("c1")
    var count = 0
}

/// The documents of the models as they are first.
enum Text {
    static let counter = #"{"id":"c1","count":0}"#
    static let device = #"{"id":"d1","mode":"off","place":null,"tags":["a","b"]}"#
    static let guarded = #"{"id":"g1","limits":{"high":9,"low":1}}"#
    static let telemetry = #"{"id":"t1","temperature":20.5,"humidity":40}"#
    static let user = #"{"id":"u1","name":"chris","email":"chris@email.com"}"#
    static let newUser = #"{"id":"u1","name":"cS","email":"cs@email.com"}"#
}
