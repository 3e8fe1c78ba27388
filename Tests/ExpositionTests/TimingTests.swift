import Exposition
import Testing

/// Recording how long work takes, and how much of it is in progress.
@Suite struct TimingTests {
    private let registry = Registry()

    private struct Failed: Error, Equatable {}

    /// Not Sendable, as many results are not.
    private final class Result { var number = 0 }

    @Test func workIsTimedAndItsResultReturned() async throws {
        let (histogram, summary) = (registry.histogram("h_seconds", help: ""), registry.summary("s_seconds", help: ""))
        #expect(Self.measure(histogram, summary) == 3)
        let result = Result()
        let same = await histogram.time {
            result.number = 7
            await Task.yield()
            return result
        }
        #expect(same === result && result.number == 7)
        #expect(await summary.time { await Self.waited(5) } == 5)
        #expect(histogram.count == 2 && summary.count == 2)
        #expect(histogram.sum > 0 && summary.sum > 0)
    }

    /// Work that awaits nothing needs no `await`, here and in an async function.
    private static func measure(_ histogram: Registry.Histogram, _ summary: Registry.Summary) -> Int {
        histogram.time { 1 } + summary.time { 2 }
    }

    private static func waited(_ number: Int) async -> Int {
        await Task.yield()
        return number
    }

    @Test func workThatThrowsIsTimedToo() async {
        let (histogram, summary) = (registry.histogram("h_seconds", help: ""), registry.summary("s_seconds", help: ""))
        #expect(throws: Failed()) { try Self.fail(histogram, summary) }
        await #expect(throws: Failed()) {
            try await histogram.time { () async throws(Failed) in
                await Task.yield()
                throw Failed()
            }
        }
        await #expect(throws: Failed()) { try await summary.time { () async throws(Failed) in throw Failed() } }
        #expect(histogram.count == 2 && summary.count == 1)
    }

    /// The error keeps its type.
    private static func fail(_ histogram: Registry.Histogram, _ summary: Registry.Summary) throws(Failed) {
        try histogram.time { () throws(Failed) in throw Failed() }
    }

    @MainActor @Test func asyncWorkRunsWhereItsCallerDoes() async {
        await registry.histogram("h_seconds", help: "")
            .time {
                MainActor.assertIsolated()
                await Task.yield()
            }
        await registry.gauge("g", help: "")
            .trackInProgress {
                MainActor.assertIsolated()
                await Task.yield()
            }
    }

    @Test func workInProgressIsCountedUntilItEnds() async {
        let gauge = registry.gauge("g", help: "")
        await gauge.trackInProgress {
            #expect(gauge.value == 1)
            gauge.trackInProgress { #expect(gauge.value == 2) }
            await Task.yield()
        }
        #expect(gauge.value == 0)
        #expect(throws: Failed()) { try Self.fail(gauge) }
        await #expect(throws: Failed()) {
            try await gauge.trackInProgress { () async throws(Failed) in throw Failed() }
        }
        #expect(gauge.value == 0)
    }

    private static func fail(_ gauge: Registry.Gauge) throws(Failed) {
        try gauge.trackInProgress { () throws(Failed) in throw Failed() }
    }

    @Test func aGaugeShowsThePresentTime() {
        let gauge = registry.gauge("g_seconds", help: "")
        gauge.setToCurrentTime()
        let first = gauge.value
        gauge.setToCurrentTime()
        // More cannot be said, because the clock of a machine may be set at any moment.
        #expect(first > 0 && gauge.value > 0)
    }
}
