internal import ArgumentParser
internal import Exposition
internal import Foundation
internal import TestSupport

/// What rendering a page costs a line, without HTTP, against the time or the allocations that it may cost.
struct RenderScenario: Scenario {
    enum Cost {
        case nanoseconds
        /// Of memory, in one rendering; those of the page and of lists of families, whatever the number of lines.
        case allocations
    }

    let lines: Int
    let cost: Cost

    var name: String { "rendering \(lines) lines, \(cost)" }

    func compare(_ measuring: Measuring) throws -> Comparison {
        switch cost {
        case .nanoseconds:
            let pairs = try measuring.pairs {
                try PeerProgram.ownNumber(["render", "\(lines)", "\(3_000_000 / lines)"])
            } _: {
                100
            }
            return Comparison(name: name, unit: "ns/line", peer: "what it may", pairs: pairs, bar: .atMost(1))
        case .allocations:
            let count = try Valgrind(.allocations, directory: measuring.directory)
                .cost(rounds: 10) { rounds, valgrind in
                    try Valgrind.run(valgrind, "benchmarks", ["render", "\(lines)", "\(rounds)"])
                }
            let pairs = [(ours: count, peer: 16.0)]
            return Comparison(name: name, unit: "allocations", peer: "what it may", pairs: pairs, bar: .atMost(1))
        }
    }
}

/// Renders a page some times and prints the nanoseconds a line, the median of the rounds.
struct Render: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @Argument var lines: Int
    @Argument var rounds: Int

    func run() throws {
        let registry = Registry(maxLabelSets: lines)
        let family = registry.counter("bench_requests", help: "Requests.", labels: ["path", "code"])
        for number in 0..<lines {
            family.child([String(format: "/path/%06d", number), "200"]).increment(by: Double(number) + 0.5)
        }
        var times: [Duration] = []
        times.reserveCapacity(rounds)
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            let page = registry.render(.openMetrics1_0_0)
            times.append(.now - start)
            guard !page.isEmpty else { throw VoidRun(description: "the page is empty") }
        }
        times.sort()
        print(times[times.count / 2] / .nanoseconds(1) / Double(lines))
    }
}
