import MicroHTTP
import Myosin
import MyosinService
import TestSupport
import Testing

/// The Swift code of the README.
@Suite struct ReadmeTests {
    // DOC begins
    struct User: StateModel {  // Codable, Sendable, Equatable
        var id = ModelID()
        var name: String
        var email: String

        func validate() throws {  // optional; runs before every commit and on load
            guard email.contains("@") else { throw ValidationError("/email", "is not an address") }
        }
    }
    // DOC ends

    @Test func theExampleRuns() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        let state = try example(path)
        #expect(try state.checkout(User.self).name == "mike")
        state.close()
        #expect(try example(path).checkout(User.self).name == "mike")
    }

    private func example(_ path: String) throws -> State {
        // DOC begins
        let state = try State(cache: .directory(path))  // or try State.shared, which reads MYOSIN_CACHE_BASE_PATH
        try state.load(User(name: "chris", email: "chris@email.com"))  // defaults; a cached value wins

        try state.with(User.self) { context in  // holds User's lock
            var user = try context.checkout(User.self)  // a copy
            user.name = "cS"
            try context.commit(user, cache: true)  // on disk when `with` returns
        }

        let user = try state.checkout(User.self)  // a copy; never waits for whoever is in a context
        print("User: \(user)")  // a new line, then indented JSON

        try state.update(User.self, cache: true) { $0.name = "mike" }  // the short form

        let subscription = try state.subscribe(User.self) { user in  // serially, in order, outside of all locks
            print("\(user.name) is here")
        }
        // DOC ends
        subscription.cancel()
        return state
    }

    @Test func theServiceStarts() throws {
        let state = try State()
        // Port 8000 may be taken here, which is an error that says so; anything else is not expected.
        do {
            // DOC begins
            let service = StateService(state: state)
            try service.start()
            // DOC ends
            service.stop()
        } catch {
            #expect(error.code == .addressInUse)
        }
    }
}
