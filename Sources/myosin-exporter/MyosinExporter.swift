import ArgumentParser
import Logging
import Myosin
import MyosinCommand

/// The ready-made executable: models that files declare, and their service, without a line of Swift.
@main
struct MyosinExporter: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "myosin-exporter",
        abstract: "Serve a state over HTTP: /metrics for Prometheus, /state for curl, /healthz for a health checker.",
        discussion: """
            The models are declared as JSON Schemas: DIR/Thermostat.schema.json declares the model Thermostat. SIGHUP has the \
            files read anew; they are taken over if all of them are valid and what is there is valid under them.
            """,
        version: "myosin-exporter \(myosinVersion)",
        subcommands: [Check.self, HealthCommand.self, Backup.self, Restore.self, Quarantine.self]
    )

    @OptionGroup var options: ServiceOptions
    @OptionGroup(title: "Models") var models: ModelOptions

    func run() async throws {
        let program = ServiceProgram(options: options, name: "myosin-exporter", models: models)
        try await program.run { state in
            let directory = try models.directory
            let files = try ModelFiles(directory, in: state, onCorrupt: models.onCorrupt, logger: program.logger)
            return { await files.reload() }
        }
    }
}
