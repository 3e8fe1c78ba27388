import MicroHTTP
import Myosin
import MyosinService
import TestSupport
import Testing

/// The Swift code of the README.
@Suite struct ReadmeTests {
    // DOC begins
    struct Thermostat: StateModel {  // Codable, Sendable, Equatable
        var id = ModelID()
        var target = 20.0
    }
    // DOC ends

    @Test func theExampleRuns() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        let state = try example(path)
        #expect(try state.checkout(Thermostat.self).target == 21.5)
        state.close()
        let again = try State(cache: .directory(path))
        try again.load(Thermostat())
        #expect(try again.checkout(Thermostat.self).target == 21.5)
    }

    private func example(_ path: String) throws -> State {
        // DOC begins
        let state = try State(cache: .directory(path))
        try state.load(Thermostat())  // the defaults; a stored value wins
        try state.update(Thermostat.self, cache: true) { $0.target = 21.5 }  // returns when the value is on disk
        print(try state.checkout(Thermostat.self).target)  // a copy; readers never wait for writers
        // DOC ends
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
