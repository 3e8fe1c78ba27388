import ArgumentParser
import ExampleModels
import Myosin
import ServiceCommand

/// The ready-made executable: a state and its service, without a line of Swift.
@main
struct MyosinExporter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "myosin-exporter",
        abstract: "Serve a state over HTTP: /metrics for Prometheus, /state for curl, /healthz for a health checker.",
        version: "myosin-exporter \(myosinVersion)"
    )

    @OptionGroup var options: ServiceOptions

    func run() async throws {
        try await ServiceProgram(options: options, name: "myosin-exporter").run { try $0.loadExampleModels() }
    }
}
