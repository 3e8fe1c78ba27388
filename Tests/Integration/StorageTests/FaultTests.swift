import Foundation
import TestSupport
import Testing

/// Every system call on the store fails, in every way, while a process commits.
///
/// What holds then is said at ``FaultRun`` and in `storage-probe faults`.
@Suite struct FaultTests {
    /// A run to be made.
    private struct Case: Sendable {
        var fault: Fault
        let isNew: Bool
    }

    @Test func whateverFailsNothingIsLostAndEverythingWorksAgain() async throws {
        let template = try makeTemplate()
        var random = SeededRandom(seed: 1)
        let cases = try makeCases(template, &random)
        let results = try await withThrowingTaskGroup(of: [(Case, FaultRun)].self) { group in
            let half = cases.count / 2
            for part in [cases[..<half], cases[half...]] {
                group.addTask {
                    try await onThread {
                        try part.map { try run($0, template) }
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for (attempt, run) in results where !run.wrongs.isEmpty {
            Issue.record(
                "\(attempt.fault)\(attempt.isNew ? " in a new directory" : ""): \(run.wrongs.joined(separator: " "))"
            )
        }
        let injected = results.map { $0.1.calls.values.reduce(0, +) }
        var codes: [String: Int] = [:]
        for code in results.flatMap({ $0.1.codes }) { codes[code, default: 0] += 1 }
        print(
            "\(results.count) runs with \(injected.reduce(0, +)) failed calls, told as \(codes.sorted { $0.key < $1.key })"
        )
        let useful = injected.filter { $0 > 0 }.count
        #expect(
            useful * 10 >= results.count * 9,
            "Void: only \(useful) of \(results.count) runs had a call that failed."
        )
        #expect(codes.count >= 5, "Void: hardly any of the errors was told.")
    }

    /// Makes a run in which a call fails: where it was not made as often as in the survey, an earlier one does.
    private func run(_ attempt: Case, _ template: FaultRun.Template) throws -> (Case, FaultRun) {
        var attempt = attempt
        while true {
            let run = try FaultRun(attempt.fault, from: attempt.isNew ? nil : template)
            if attempt.fault.first == 1 || !run.calls.isEmpty || !run.wrongs.isEmpty { return (attempt, run) }
            attempt.fault.first /= 2
        }
    }

    private func makeTemplate() throws -> FaultRun.Template {
        let directory = try TemporaryDirectory()
        let ending = try Program.run(
            Program.path(of: "storage-probe"),
            ["faults", directory.path, "5", patience.inMilliseconds, Duration.beyondPatience.inMilliseconds]
        )
        try #require(ending.status == 0, "\(ending.errors)")
        let lines = ending.output.split(separator: "\n").compactMap { StormLine($0) }
        let durable = lines.filter(\.isDurable)
        try #require(!durable.isEmpty)
        return FaultRun.Template(directory: directory, lines: lines)
    }

    /// All cases where `MYOSIN_FAULTS` is `all`, else some of each call and error.
    private func makeCases(_ template: FaultRun.Template, _ random: inout SeededRandom) throws -> [Case] {
        let wantsAll = ProcessInfo.processInfo.environment["MYOSIN_FAULTS"] == "all"
        var cases: [Case] = []
        for isNew in [true, false] {
            let survey = try FaultRun(nil, from: isNew ? nil : template)
            try #require(survey.wrongs == [])
            for call in survey.calls.keys.sorted() {
                let count = survey.calls[call] ?? 0
                for error in Fault.errors {
                    for when in Fault.When.allCases {
                        // Locks are taken all the time, and SQLite may try for ten seconds to get one.
                        let all = Array(stride(from: 1, through: count, by: call == "fcntl" ? 10 : 1))
                        let firsts = wantsAll ? all : [Int.random(in: 1...count, using: &random)]
                        if !wantsAll && (when == .once) == (error != "EIO") && random.chance(70) { continue }
                        cases += firsts.map {
                            Case(fault: Fault(call: call, error: error, first: $0, when: when), isNew: isNew)
                        }
                    }
                }
            }
        }
        // The two halves take about as long.
        return cases.shuffled(using: &random)
    }
}
