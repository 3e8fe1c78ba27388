internal import ArgumentParser
internal import TestSupport

/// Measures what this package promises about speed, against peers that run beside it.
@main struct Benchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Compares this package with its peers, in interleaved rounds.",
        subcommands: [
            Compare.self, GrowthTable.self, Instructions.self, Serve.self, Render.self, Operate.self, Threads.self,
            Tasks.self,
        ],
        defaultSubcommand: Compare.self
    )
}

/// Runs scenarios and prints their table.
struct Compare: ParsableCommand {
    @Option(help: "How many rounds each scenario takes; the median counts.")
    var rounds = 5

    @Option(help: "How many seconds a round lasts for each side.")
    var seconds = 3

    @Option(help: "Run only the scenarios whose name has this in it.")
    var only: String?

    @Flag(help: "Fail when a bar is not met or a scenario is void.")
    var strict = false

    func validate() throws {
        if rounds < 1 || seconds < 1 { throw ValidationError("At least one round of one second is needed.") }
    }

    func run() throws {
        let scenarios: [any Scenario] = [
            ReferenceScenario.get(connections: 32), ReferenceScenario.get(connections: 256), NginxScenario(),
            ReferenceScenario.durablePut(connections: 64), ReferenceScenario.durablePut(connections: 256),
            InstructionsScenario(), ServiceScenario.get(connections: 32), ServiceScenario.get(connections: 256),
            ServiceScenario.putAgainstEtcd, ServiceScenario.putAgainstRedis,
            MetricsScenario(lines: 1_000), MetricsScenario(lines: 10_000), MetricsScenario(lines: 100_000),
            MetricsScenario(lines: 1_000, isCompressed: true), MetricsScenario(lines: 10_000, isCompressed: true),
            MetricsScenario(lines: 100_000, isCompressed: true), RenderScenario(lines: 1_000, cost: .nanoseconds),
            RenderScenario(lines: 100_000, cost: .nanoseconds), RenderScenario(lines: 1_000, cost: .allocations),
            RenderScenario(lines: 10_000, cost: .allocations), PublishingScenario(watchers: 0),
            PublishingScenario(watchers: 100), PublishingScenario(watchers: 5_000),
            SlowClientsScenario(), WatchersScenario(figure: .memory), WatchersScenario(figure: .delay),
            ExecutableScenario(figure: .size), ExecutableScenario(figure: .start),
            ExecutableScenario(figure: .idleMemory), ExecutableScenario(figure: .busyMemory),
            GrowthScenario(growth: .get, many: 1_000, few: 10, bar: .atLeast(0.8)),
            GrowthScenario(growth: .get, many: 100_000, few: 10, bar: .atLeast(0.8)),
            GrowthScenario(growth: .commit, many: 1_000, few: 10, bar: .atMost(1.25)),
            GrowthScenario(growth: .commit, many: 100_000, few: 10, bar: .atMost(1.25)),
            GrowthScenario(growth: .connections, many: 10_000, few: 32, bar: .atLeast(0.5)),
            GrowthScenario(growth: .writers, many: 64, few: 1, bar: .atLeast(8)),
            EngineScenario(operation: .checkout, peer: .python), EngineScenario(operation: .commit, peer: .python),
            EngineScenario(operation: .checkout, peer: .mutex), EngineScenario(operation: .commit, peer: .mutex),
            ThreadsScenario(models: 8), ThreadsScenario(models: 1), CacheScenario(measure: .commits, models: 64),
            CacheScenario(measure: .commits, models: 1), CacheScenario(measure: .flushes, models: 64),
            CacheScenario(measure: .flushes, models: 1), AllocationsScenario(),
        ]
        let directory = try TemporaryDirectory()
        let measuring = Measuring(rounds: rounds, seconds: seconds, directory: directory.path)
        print(Comparison.header)
        var isAllMet = true
        for scenario in scenarios where only.map({ scenario.name.contains($0) }) ?? true {
            do {
                let comparison = try scenario.compare(measuring)
                isAllMet = isAllMet && comparison.isMet
                print(comparison.row)
            } catch {
                // What is void says nothing about the scenarios after it.
                isAllMet = false
                print(Comparison.voidRow(scenario.name, because: error))
            }
        }
        if strict && !isAllMet { throw ExitCode.failure }
    }
}
