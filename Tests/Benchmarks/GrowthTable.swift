internal import ArgumentParser
internal import Foundation

/// Measures all steps of all growths and writes them as a table, of which pictures are drawn.
struct GrowthTable: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "growth", shouldDisplay: false)

    @Option(help: "The file that is written, with commas between its columns.")
    var output: String

    @Option(help: "How many rounds there are; the median counts.")
    var rounds = 5

    @Option(help: "How many seconds a step of a round lasts.")
    var seconds = 3

    func validate() throws {
        if rounds < 1 || seconds < 1 { throw ValidationError("At least one round of one second is needed.") }
    }

    func run() throws {
        var lines = ["growth,count,unit,median,least,greatest"]
        for growth in Growth.allCases {
            let subjects = try growth.counts.map { try Growth.Subject(growth, $0) }
            var figures = [[Double]](repeating: [], count: subjects.count)
            // In turns, so that all steps meet the same noise.
            for _ in 0..<rounds {
                for (step, subject) in subjects.enumerated() { figures[step].append(try subject.figure(seconds)) }
            }
            for (subject, figures) in zip(subjects, figures) {
                let sorted = figures.sorted()
                let numbers = [Comparison.median(sorted), sorted.first ?? 0, sorted.last ?? 0].map { "\(Int($0))" }
                lines.append("\(growth),\(subject.count),\(growth.unit),\(numbers.joined(separator: ","))")
                print(lines.last ?? "")
            }
        }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: output))
    }
}
