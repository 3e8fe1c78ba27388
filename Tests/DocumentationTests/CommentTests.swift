import Exposition
import Myosin
import StateSchema
import Testing

/// The Swift code of the comments in Sources.
@Suite struct CommentTests {
    // DOC begins
    struct User: StateModel {
        var id = ModelID()
        var name: String
        var email: String
    }
    // DOC ends

    @Test func aStructureIsAModel() throws {
        let state = try State()
        #expect(try state.load(User(name: "chris", email: "chris@email.com")).name == "chris")
        #expect(User.modelName == "User")
    }

    struct Air: StateModel {
        var id = ModelID()
        var humidity = 40

        // DOC begins
        static var schema: JSONValue {
            ["properties": ["humidity": ["x-unit": "percent", "minimum": 0, "maximum": 100]]]
        }
        // DOC ends
    }

    @Test func aModelSaysOfItsSchemaWhatItsTypeCannot() {
        #expect("\(Air.schema)" == #"{"properties":{"humidity":{"x-unit":"percent","minimum":0,"maximum":100}}}"#)
    }

    struct Way: StateModel {
        struct Position: Codable, Equatable { var x, y: Int }
        enum Mode: Codable, Equatable { case off, timed(minutes: Int) }

        var id = ModelID()
        var route: [Position] = []
        var mode = Mode.off

        // DOC begins
        static var samples: [Self] { [Self(route: [Position(x: 1, y: 2)], mode: .timed(minutes: 5))] }
        // DOC ends
    }

    @Test func aModelShowsFurtherValues() {
        #expect(ModelDerivation(of: Way()).unlearned.isEmpty)
    }

    @Test func aDirectoryDeclaresModels() throws {
        func run(_ state: State) throws {
            // DOC begins
            try ModelDirectory(["models"]).load(into: state)
            try state.update(declared: "Thermostat", cache: true) { $0["target"] = 21.5 }
            // DOC ends
        }
        // Here is none of that name.
        let failure = #expect(throws: ModelDirectory.Failure.self) { try run(try State()) }
        #expect(failure?.faults.map(\.file) == ["models"])
    }

    @Test func aRegistryIsAPage() throws {
        // DOC begins
        let registry = Registry()
        let requests = registry.counter("requests", help: "Requests answered.", labels: ["route", "code"])
        requests.child(["/state", "200"]).increment()
        let page = registry.render()
        // DOC ends
        #expect(String(decoding: page, as: UTF8.self).contains("requests_total{route=\"/state\",code=\"200\"} 1\n"))
    }
}
