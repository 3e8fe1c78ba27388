import Foundation
import MicroHTTP
import Myosin
import MyosinService
import TestSupport
import Testing

/// The Swift code of the README: what stands between the markers is the README's text, and it runs.
@Suite struct ReadmeExampleTests {
    @Test func theExampleRuns() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        let state = try example(path)
        #expect(try state.checkout(Readme.User.self).name == "mike")
        state.close()
        #expect(try example(path).checkout(Readme.User.self).name == "mike")
    }

    @Test func theReadmeHasTheSameText() throws {
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let readme = try String(contentsOfFile: repository + "/README.md", encoding: .utf8)
        let begin = "// README " + "begins\n"
        let pieces = source.components(separatedBy: begin).dropFirst()
        #expect(pieces.count == 3)
        for piece in pieces {
            let lines = try #require(piece.components(separatedBy: "// README " + "ends").first)
                .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            let indentation = try #require(lines.first).prefix { $0 == " " }.count
            let text = lines.map { $0.dropFirst(indentation) }.joined(separator: "\n")
            #expect(readme.contains(text), "\(text)")
        }
    }

    @Test func theServiceStarts() throws {
        let state = try State()
        // Port 8000 may be taken here, which is an error that says so; anything else is not expected.
        do {
            // README begins
            let service = StateService(state: state)
            try service.start()
            // README ends
            service.stop()
        } catch {
            #expect(error.code == .addressInUse)
        }
    }

    private func example(_ path: String) throws -> State {
        typealias User = Readme.User
        // README begins
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
        // README ends
        subscription.cancel()
        return state
    }
}

private enum Readme {
    // README begins
    struct User: StateModel {  // Codable, Sendable, Equatable
        var id = ModelID()
        var name: String
        var email: String

        func validate() throws {  // optional; runs before every commit and on load
            guard email.contains("@") else { throw ValidationError("/email", "is not an address") }
        }
    }
    // README ends
}
