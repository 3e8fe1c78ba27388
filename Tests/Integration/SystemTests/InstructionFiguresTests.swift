import Foundation
import TestSupport
import Testing

/// How `make instruction-test` judges what it has counted.
@Suite struct InstructionFiguresTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func compare(kept: String, counted: String) throws -> Program.Ending {
        try kept.write(toFile: directory.path + "/kept", atomically: true, encoding: .utf8)
        try counted.write(toFile: directory.path + "/counted", atomically: true, encoding: .utf8)
        return try Program.run(
            Program.path(of: "benchmarks"),
            ["instructions", directory.path + "/kept", "--counted", directory.path + "/counted"]
        )
    }

    @Test(arguments: [
        (1_110, false, "a + b: 1110, 1000 before, +11.0 % – RISEN"), (1_090, true, "a + b: 1090, 1000 before, +9.0 %"),
        (890, true, "a + b: 890, 1000 before, -11.0 % – fallen"),
    ])
    func aRiseOfMoreThanATenthFails(_ count: Int, _ isGood: Bool, _ line: String) throws {
        let ending = try compare(kept: "# Counted with x\na + b 1000\nc 5\n", counted: "a + b \(count)\nc 5\n")
        #expect((ending.status == 0) == isGood, "\(ending.errors)")
        #expect(ending.output.hasPrefix(line + "\nc: 5, 5 before, +0.0 %\n"))
        #expect(ending.output.contains("make instruction-test ARGS=--accept") == !isGood)
    }

    @Test(arguments: [("a 1\n", "a 1\nb 1\n"), ("a 1\nb 1\n", "a 1\n"), ("a 1\n", "a one\n")])
    func figuresThatAreMissingFail(_ kept: String, _ counted: String) throws {
        #expect(try compare(kept: kept, counted: counted).status == 1)
    }
}
