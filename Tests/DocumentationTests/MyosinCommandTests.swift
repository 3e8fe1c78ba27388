import ArgumentParser
import Myosin
import MyosinCommand
import Testing

/// The code of the manual of MyosinCommand.
@Suite struct MyosinCommandTests {
    struct Vent: StateModel {
        var id = ModelID()
        var isOpen = false
    }

    // DOC begins
    struct Greenhouse: ServiceCommand {
        @OptionGroup var options: ServiceOptions

        func run() async throws {
            try await ServiceProgram(options: options, name: "greenhouse")
                .run { state in
                    try state.load(Vent())
                    return nil
                }
        }
    }
    // DOC ends

    // DOC begins
    struct Exporter: ServiceCommand {
        @OptionGroup var options: ServiceOptions
        @OptionGroup var models: ModelOptions

        func run() async throws {
            let program = ServiceProgram(options: options, name: "exporter", models: models)
            try await program.run { state in
                let directory = try models.directory
                let files = try ModelFiles(directory, in: state, onCorrupt: models.onCorrupt, logger: program.logger)
                return { await files.reload() }
            }
        }
    }
    // DOC ends

    @Test func aProgramOfOnesOwnHasTheFlags() throws {
        _ = try Greenhouse.parse(["--web.listen-address", ":9000", "--web.max-watchers", "10"])
        #expect(throws: (any Error).self) { try Greenhouse.parse(["--web.max-watchers", "-1"]) }
        #expect(Greenhouse.helpMessage().contains("--web.listen-address"))
        #expect(Exporter.helpMessage().contains("--state.models"))
    }
}
