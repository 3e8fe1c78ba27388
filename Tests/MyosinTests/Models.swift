import Myosin
import TestSupport

struct User: StateModel {
    var id = ModelID()
    var name: String
    var email: String

    func validate() throws {
        guard email.contains("@") else { throw ValidationError("/email", "is not an address") }
    }
}

/// A later version of ``User``, which knows the name only.
struct UserTwo: StateModel {
    static let modelName = "User"
    static let schemaVersion = 2
    var id = ModelID()
    var name = ""
}

struct System: StateModel {
    var id = ModelID()
    var online = false
    var restarts = 0
}

struct Reading: StateModel {
    enum Quality: String, Codable, CaseIterable { case good, poor }
    struct Position: Codable, Equatable { var x, y: Int8 }

    var id = ModelID()
    var temperature: Double
    var quality = Quality.good
    var position: Position?
    var tags: [String: Int] = [:]
    var history: [Double] = []
}

let chris = User(id: "u1", name: "chris", email: "chris@email.com")

extension EngineLimits {
    /// Lets a store that has failed be opened again without long pauses.
    static let quickReopening = EngineLimits(
        storeWait: .beyondPatience,
        reopeningPause: .milliseconds(1),
        maxReopeningPause: .milliseconds(1),
        storeCheckPause: .beyondPatience
    )
}

extension State {
    /// A state with chris and a system, which most suites begin with.
    static func withModels(_ cache: Cache = .none) throws -> State {
        let state = try State(cache: cache, limits: .patient)
        try state.load(chris)
        try state.load(System(id: "s1"))
        return state
    }
}
