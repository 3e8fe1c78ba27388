import Foundation
import Myosin
import TestSupport
import Testing

/// The code of the article "Moving from Python".
@Suite struct MovingFromPythonTests {
    // DOC begins
    struct User: StateModel {
        var id = ModelID()
        var name: String
        var email: String
    }
    // DOC ends

    @Test func aCopyIsCheckedOutChangedAndCommitted() throws {
        let state = try State()
        try state.load(User(name: "chris", email: "chris@email.com"))
        // DOC begins
        try state.with(User.self) { state in
            // check out a copy of the user state model
            var user = try state.checkout(User.self)
            // change the copy
            user.name = "cS"
            // commit the changed copy
            try state.commit(user)
        }
        // DOC ends
        #expect(try state.checkout(User.self).name == "cS")
    }

    /// Compiled only: the directory is the one of the Python library's usage page.
    private func open() throws -> State {
        // DOC begins
        let state = try State(cache: .directory("/app/tmp/myosin"))
        try state.load(User(name: "chris", email: "chris@email.com"))
        // DOC ends
        return state
    }

    @Test func whatWasUndefinedIsAConflict() throws {
        let state = try State()
        try state.load(User(name: "chris", email: "chris@email.com"))
        let error = #expect(throws: StateError.self) {
            try commitInALaterContext(state) { try state.update(User.self) { $0.email = "jane@gmail.com" } }
        }
        #expect(error?.code == .conflict)
        #expect(try state.checkout(User.self).email == "jane@gmail.com")
    }

    private func commitInALaterContext(_ state: State, after commitElsewhere: () throws -> Void) throws {
        // DOC begins
        var user = try state.checkout(User.self)
        user.email = "mike@gmail.com"
        try commitElsewhere()  // another part of the program commits User
        try state.with(User.self) { context in
            try context.commit(user)
        }
        // DOC ends
    }

    @Test func theValuesOfThePythonProgramAreTakenAlong() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        let document = #"{"id": "d6c9e2b4", "name": "cS", "email": "c@email.com", "timestamp": 1661661213.072657}"#
        try document.write(toFile: path + "/User.json", atomically: true, encoding: .utf8)
        // DOC begins
        let state = try State(cache: .directory(path))
        try state.load(User(name: "chris", email: "chris@email.com"))
        // DOC ends
        #expect(try state.checkout(User.self).model == User(id: "d6c9e2b4", name: "cS", email: "c@email.com"))
        state.close()
        #expect(try String(contentsOfFile: path + "/User.json", encoding: .utf8) == document)
        let again = try State(cache: .directory(path))
        #expect(try again.load(User(name: "", email: "")).name == "cS")
    }
}
