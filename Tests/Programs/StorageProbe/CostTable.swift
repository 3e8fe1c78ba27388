internal import Foundation
internal import TestSupport

/// Measures commits in a process of its own, counts its flushes and prints what one commit costs.
func printCost(directory: String) throws {
    let own = CommandLine.arguments[0]
    // The tracer tells files by their full paths.
    let directory = URL(filePath: directory).resolvingSymlinksInPath().path
    let traced = try TracedProgram(own, ["measure", directory, "free"])
    func column(_ text: String, _ width: Int = 14) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
    func number(_ value: Double, _ digits: Int) -> String { column(String(format: "%.\(digits)f", value)) }
    print("per commit" + column("commits", 10) + column("wchar") + column("write_bytes") + column("flushes"))
    for cost in traced.output.split(separator: "\n").compactMap({ CommitCost($0) }) {
        let flushes = traced.trace.calls(from: "begin \(cost.way)", to: "end \(cost.way)")
            .filter { $0.isFlush(in: directory) }
        let commits = Double(cost.commits)
        print(
            cost.way.padding(toLength: 10, withPad: " ", startingAt: 0) + column("\(cost.commits)", 10)
                + number(Double(cost.bytesGiven) / commits, 0) + number(Double(cost.bytesToDisk) / commits, 0)
                + number(Double(flushes.count) / commits, 3)
        )
    }
}
