import Myosin
import Primitives
import TestSupport
import Testing

/// What contexts on many threads commit to two models, as loops over both see it.
@Suite struct MomentStressTests {
    struct Left: StateModel { var id: ModelID = 1, number = 0, own = 0 }
    struct Right: StateModel { var id: ModelID = 2, number = 0, own = 0 }

    /// What a loop has seen of one model.
    private struct Seen {
        var revisions: Set<UInt64> = []
        var missed = 0

        mutating func take(_ change: ModelChange<some StateModel>) {
            if revisions.insert(change.revision).inserted { return missed += change.missed }
            #expect(change.missed == 0, "a change was missed, and the model is as before")
        }

        var total: Int { revisions.count + missed }
    }

    @Test(arguments: [false, true])
    func noElementIsTornAndTheLastOneArrives(isDurable: Bool) async throws {
        let state = try State(cache: .store(ControlledStore()), limits: .patient)
        try state.load(Left())
        try state.load(Right())
        let (threads, commits) = (4, rounds(isDurable ? 500 : 2_000))
        let last = threads * commits
        var loops: [Task<(left: Int, right: Int), any Error>] = []
        for maxBuffered in [1, 3, 64, 10 * last] {
            let moments = state.changes(of: Left.self, Right.self, maxBuffered: maxBuffered)
            loops.append(
                startTask {
                    var (left, right) = (Seen(), Seen())
                    for await moment in moments {
                        #expect(moment.0.number == moment.1.number)
                        left.take(moment.0)
                        right.take(moment.1)
                        if moment.0.own == last, moment.1.own == last { break }
                    }
                    return (left.total, right.total)
                }
            )
        }
        try await state.until(#"myosin_subscriptions{model="Left"}"#, is: Double(loops.count))
        try await onThreads(threads) { thread in
            for number in 0..<commits {
                #expect(throws: Never.self) {
                    try state.update(Left.self, Right.self, cache: isDurable && number % 2 == 0) { left, right in
                        left.number += 1
                        right.number += 1
                    }
                    try state.update(Left.self, cache: isDurable && number % 3 == 0) { $0.own += 1 }
                    try state.update(Right.self) { $0.own += 1 }
                }
            }
        }
        for loop in loops {
            let (left, right) = try await loop.value
            // Each change is either delivered or counted as missed, as is the first value.
            #expect(left == 2 * last + 1 && right == 2 * last + 1)
        }
        #expect(state.sample(#"myosin_subscriptions{model="Left"}"#) == 0)
    }
}
