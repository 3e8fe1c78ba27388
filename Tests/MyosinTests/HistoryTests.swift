import TestSupport
import Testing

@Suite struct HistoryTests {
    /// One operation on two registers that begin with 0.
    private func operation(
        _ call: Int,
        _ end: Int?,
        reads: [Int: Int] = [:],
        writes: [Int: Int] = [:]
    ) -> History<Registers>.Entry {
        History.Entry(operation: Registers.Operation(reads: reads, writes: writes), call: call, end: end)
    }

    private func isLinearizable(_ entries: History<Registers>.Entry...) -> Bool {
        History<Registers>(entries).isLinearizable(from: Registers([0, 0]))
    }

    @Test func nothingIsLinearizable() {
        #expect(isLinearizable())
    }

    @Test func aReadMayComeBeforeOrAfterAWriteThatItOverlaps() {
        for read in [0, 1] {
            #expect(isLinearizable(operation(1, 4, writes: [0: 1]), operation(2, 3, reads: [0: read])))
        }
    }

    @Test func aReadAfterAWriteThatHasReturnedMustSeeIt() {
        #expect(isLinearizable(operation(1, 2, writes: [0: 1]), operation(3, 4, reads: [0: 1])))
        #expect(!isLinearizable(operation(1, 2, writes: [0: 1]), operation(3, 4, reads: [0: 0])))
    }

    @Test func aValueThatWasSeenDoesNotVanish() {
        #expect(
            !isLinearizable(
                operation(1, 8, writes: [0: 1]),
                operation(2, 3, reads: [0: 1]),
                operation(4, 5, reads: [0: 0])
            )
        )
    }

    @Test func ofTwoOverlappingIncrementsNoneIsLost() {
        let first = operation(1, 3, reads: [0: 0], writes: [0: 1])
        #expect(isLinearizable(first, operation(2, 4, reads: [0: 1], writes: [0: 2])))
        #expect(!isLinearizable(first, operation(2, 4, reads: [0: 0], writes: [0: 1])))
    }

    @Test func aReadOfTwoRegistersSeesAllOfAWriteOrNothing() {
        let write = operation(1, 4, writes: [0: 1, 1: 1])
        #expect(isLinearizable(write, operation(2, 3, reads: [0: 0, 1: 0])))
        #expect(isLinearizable(write, operation(2, 3, reads: [0: 1, 1: 1])))
        #expect(!isLinearizable(write, operation(2, 3, reads: [0: 1, 1: 0])))
        #expect(!isLinearizable(write, operation(2, 3, reads: [0: 0, 1: 1])))
    }

    @Test func readersOneAfterTheOtherSeeAWriteOfTwoRegistersAtOnce() {
        let (write, first) = (operation(1, 6, writes: [0: 1, 1: 1]), operation(2, 3, reads: [0: 1]))
        #expect(isLinearizable(write, first, operation(4, 5, reads: [1: 1])))
        #expect(!isLinearizable(write, first, operation(4, 5, reads: [1: 0])))
    }

    @Test func whatAFailedWriteWouldHaveLeftIsNeverRead() {
        // A failed operation has no effect, so it is not in the history at all.
        #expect(!isLinearizable(operation(1, 2, reads: [0: 7])))
        #expect(!isLinearizable(operation(1, 2, writes: [0: 1]), operation(3, 4, reads: [0: 7])))
    }

    @Test func whatNobodyKnowsTheEndOfMayHaveHappenedOrNot() {
        let unknown = operation(1, nil, writes: [0: 1])
        #expect(isLinearizable(unknown))
        #expect(isLinearizable(unknown, operation(2, 3, reads: [0: 0])))
        #expect(isLinearizable(unknown, operation(2, 3, reads: [0: 0]), operation(4, 5, reads: [0: 1])))
        #expect(!isLinearizable(unknown, operation(2, 3, reads: [0: 1]), operation(4, 5, reads: [0: 0])))
        #expect(!isLinearizable(operation(1, 2, reads: [0: 1]), operation(3, nil, writes: [0: 1])))
    }

    @Test func aWriterThatHasReadIsBeforeWhoeverOverwritesWhatItRead() {
        // The third operation is after the second in time, so the first, whose read came before, is too.
        let entries = [
            operation(1, 8, reads: [0: 0], writes: [1: 1]), operation(2, 3, writes: [0: 1]),
        ]
        #expect(isLinearizable(entries[0], entries[1], operation(4, 5, reads: [1: 1])))
        #expect(!isLinearizable(entries[0], entries[1], operation(4, 5, reads: [1: 0])))
    }

    @Test func theSearchAgreesWithTryingEveryOrder() {
        var generator = SeededRandom(seed: 1)
        var counts = [true: 0, false: 0]
        for _ in 0..<2_000 {
            let history = Self.makeHistory(&generator)
            let expected = Self.isExplainedByAnOrder(history.entries, Registers([0, 0]))
            #expect(history.isLinearizable(from: Registers([0, 0])) == expected, "\(history)")
            counts[expected, default: 0] += 1
        }
        #expect(counts.values.allSatisfy { $0 > 200 }, "both kinds of histories: \(counts)")
    }

    private static func makeHistory(_ generator: inout SeededRandom) -> History<Registers> {
        let moments = Array(0..<10).shuffled(using: &generator)
        return History(
            (0..<5)
                .map { index in
                    var operation = Registers.Operation()
                    for register in 0...1 {
                        let number = Int.random(in: 0...1, using: &generator)
                        switch Int.random(in: 0...4, using: &generator) {
                        case 0: operation.reads[register] = number
                        case 1: operation.writes[register] = number
                        case 2: (operation.reads[register], operation.writes[register]) = (number, 1 - number)
                        default: break
                        }
                    }
                    let (first, second) = (moments[2 * index], moments[2 * index + 1])
                    let isUnknown = Int.random(in: 0...9, using: &generator) == 0
                    return .init(
                        operation: operation,
                        call: min(first, second),
                        end: isUnknown ? nil : max(first, second)
                    )
                }
        )
    }

    /// The definition itself: some order, with or without those of unknown end, that time and the registers allow.
    private static func isExplainedByAnOrder(_ rest: [History<Registers>.Entry], _ registers: Registers) -> Bool {
        if rest.allSatisfy({ $0.end == nil }) { return true }
        return rest.indices.contains { index in
            var others = rest
            let entry = others.remove(at: index)
            if others.contains(where: { $0.end.map { $0 < entry.call } ?? false }) { return false }
            return registers.after(entry.operation).map { isExplainedByAnOrder(others, $0) } ?? false
        }
    }
}
