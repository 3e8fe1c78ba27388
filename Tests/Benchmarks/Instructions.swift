internal import ArgumentParser
internal import Foundation
internal import TestSupport

/// Counts the instructions that the operations of this package take, and compares them with those that are kept.
///
/// Hardly any noise changes them, so that a tenth more is the work of a change to the sources, the compiler or a library.
struct Instructions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fails when an operation takes a tenth more instructions than before."
    )

    @Argument(help: "The figures that are kept.")
    var kept = "\(repository)/Tests/Benchmarks/instructions.txt"

    @Option(help: "Compare the figures of this file instead of counting.")
    var counted: String?

    @Flag(help: "Keep the new figures.")
    var accept = false

    func run() throws {
        let figures = try counted.map { try InstructionFigures(contentsOf: $0) } ?? count()
        if accept {
            try figures.write(to: kept)
            for (name, count) in figures.numbers { print("\(name): \(count)") }
            return
        }
        let before = try InstructionFigures(contentsOf: kept)
        let (lines, isGood) = figures.compared(with: before)
        for line in lines { print(line) }
        if before.tools != figures.tools { print("Counted with \(figures.tools);\nbefore with \(before.tools).") }
        if isGood { return }
        print("Where this is right, type make instruction-test ARGS=--accept, and say why in the commit.")
        throw ExitCode.failure
    }

    private func count() throws -> InstructionFigures {
        let directory = try TemporaryDirectory()
        let valgrind = Valgrind(.instructions, directory: directory.path)
        func requests(_ rounds: Int, to cache: String?, _ ask: @escaping (SingleClient, Int) throws -> Void) throws
            -> Int
        {
            let cost = try valgrind.cost(rounds: rounds) { rounds, words in
                let directory = try TemporaryDirectory()
                try Valgrind.serve(words, "service-probe", [cache ?? directory.path]) { address in
                    let client = try SingleClient(address)
                    for number in 0..<rounds { try ask(client, number) }
                }
            }
            return Int(cost)
        }
        let lines = 1_000
        let page = try valgrind.cost(rounds: 100) { rounds, words in
            try Valgrind.run(words, "benchmarks", ["render", "\(lines)", "\(rounds)"])
        }
        return InstructionFigures([
            ("GET /state/M", try requests(1_000, to: nil) { client, _ in try client.get("/state/Slot00") }),
            ("durable PUT /state/M", try requests(1_000, to: nil, Self.put)),
            ("PUT /state/M in memory", try requests(1_000, to: "memory", Self.put)),
            ("checkout", Int(try valgrind.cost(rounds: 1_000, Operate.running(.checkout)))),
            ("checkout + change + commit", Int(try valgrind.cost(rounds: 1_000, Operate.running(.commit)))),
            ("line of metrics", Int(page / Double(lines))),
        ])
    }

    /// Another value each time, of the same length.
    private static func put(_ client: SingleClient, _ number: Int) throws {
        let samples = 100_000 + number
        try client.put(
            "/state/Slot00",
            #"{"temperature":21.5,"humidity":40.25,"pressure":1013.25,"battery":0.87,"samples":\#(samples),"state":"ok"}"#
        )
    }
}
