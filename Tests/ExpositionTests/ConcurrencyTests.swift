import Exposition
import Synchronization
import TestSupport
import Testing

@Suite struct ConcurrencyTests {
    private static let writers = 8
    private static let rounds = 5_000
    private static let pages = TestSupport.rounds(500)
    private static let changes = TestSupport.rounds(5_000)

    @Test func nothingIsLostAndNoPageContradictsItself() async throws {
        let registry = Registry()
        let counter = registry.counter("events", help: "")
        let amounts = registry.counter("amounts", help: "")
        let gauge = registry.gauge("level", help: "")
        let summary = registry.summary("latency", help: "", labels: ["model"])
        let histogram = registry.histogram("duration", help: "", labels: ["model"], buckets: [1, 2, 3])
        let latency = summary.child("M")
        let duration = histogram.child("M")

        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                group.addTask {
                    for round in 0..<Self.rounds {
                        counter.increment()
                        amounts.increment(by: 0.5)
                        gauge.increment(by: 2)
                        gauge.decrement()
                        latency.observe(0.25)
                        duration.observe(Double((writer + round) % 5))
                    }
                }
            }
            group.addTask {
                var last = HistogramPage(lines: [])
                // It would not end by itself if an observation was lost.
                let end = SuspendingClock.now + patience
                while last.count < Self.writers * Self.rounds, SuspendingClock.now < end {
                    let page = try HistogramPage(page: registry.page)
                    #expect(page.buckets.last == page.count)
                    #expect(page.buckets == page.buckets.sorted())
                    #expect(page.count >= last.count)
                    last = page
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }

        #expect(
            registry.page.samples == [
                "amounts_total 20000",
                #"duration_bucket{model="M",le="1.0"} 16000"#, #"duration_bucket{model="M",le="2.0"} 24000"#,
                #"duration_bucket{model="M",le="3.0"} 32000"#, #"duration_bucket{model="M",le="+Inf"} 40000"#,
                #"duration_count{model="M"} 40000"#, #"duration_sum{model="M"} 80000"#,
                "events_total 40000",
                #"latency_count{model="M"} 40000"#, #"latency_sum{model="M"} 10000"#,
                "level 40000",
                #"metrics_series_dropped_total{family="duration"} 0"#,
                #"metrics_series_dropped_total{family="latency"} 0"#,
            ]
        )
    }

    /// An observation is in the sum before it is counted, and a page reads the count first.
    @Test func aSummaryNeverCountsWhatItsSumDoesNotHave() async throws {
        let registry = Registry()
        let summary = registry.summary("s", help: "")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.writers {
                group.addTask { for _ in 0..<Self.rounds { summary.observe(2) } }
            }
            group.addTask {
                var count = 0.0
                let end = SuspendingClock.now + patience
                while count < Double(Self.writers * Self.rounds), SuspendingClock.now < end {
                    let numbers = registry.page.samples.map { Double($0.split(separator: " ")[1]) ?? .nan }
                    #expect(numbers[1] >= 2 * numbers[0] && numbers[0] >= count)
                    count = numbers[0]
                    await Task.yield()
                }
            }
        }
        #expect(registry.page.samples == ["s_count 40000", "s_sum 80000"])
    }

    /// Nothing but additions to one number, so that they meet often: most runs show it if one can be lost.
    @Test func additionsThatMeetAreAllCounted() async throws {
        let gauge = Registry().gauge("g", help: "")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.writers {
                group.addTask {
                    for _ in 0..<1_000_000 { gauge.increment(by: 0.5) }
                }
            }
        }
        #expect(gauge.value == 4_000_000)
    }

    @Test func childrenAndFamiliesComeAndGoWhilePagesAreRendered() async throws {
        let registry = Registry(maxLabelSets: 10)
        let family = registry.counter("c", help: "", labels: ["l"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                group.addTask {
                    for round in 0..<200 {
                        family.child("\(round % 20)").increment()
                        try registry.gauge(named: "g\(writer)", help: "", labels: ["l"]).child("x")
                        registry.unregister("g\(writer)")
                    }
                }
            }
            group.addTask {
                for _ in 0..<200 {
                    let samples = registry.page.samples
                    #expect(Set(samples).count == samples.count)
                    #expect(samples.count { $0.hasPrefix("c_total{") } <= 11)
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        let samples = registry.page.samples
        #expect(samples.count == 12)
        #expect(samples.values(of: "c_total{").reduce(0, +) == Self.writers * 200)
    }

    /// How far threads are, told without ordering what they do, so that the thread sanitizer does not take that for a lock.
    private final class Progress: Sendable {
        let pages = Atomic(0)
        let changes = Atomic(0)

        var isOver: Bool {
            pages.load(ordering: .relaxed) >= ConcurrencyTests.pages
                && changes.load(ordering: .relaxed) >= ConcurrencyTests.changes
        }
    }

    /// Both go on until the other has done enough: so many changes meet pages, and the thread sanitizer sees them do so.
    @Test func childrenComeAndGoUntilEnoughPagesAreRendered() async throws {
        let registry = Registry()
        let family = registry.counter("c", help: "", labels: ["l"])
        let progress = Progress()
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                group.addTask(executorPreference: taskThreads) {
                    while !progress.isOver {
                        family.child("\(writer)").increment()
                        family.remove("\(writer)")
                        progress.changes.add(1, ordering: .relaxed)
                    }
                }
            }
            group.addTask(executorPreference: taskThreads) {
                while !progress.isOver {
                    #expect(registry.page.samples.values(of: "c_total{").count <= Self.writers)
                    progress.pages.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(registry.page.samples.values(of: "c_total{") == [])
    }

    @Test func threadsThatAskForOneMetricGetTheSame() async throws {
        let registry = Registry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.writers {
                group.addTask(executorPreference: taskThreads) {
                    for round in 0..<TestSupport.rounds(500) {
                        let counter = try? registry.counter(named: "c\(round)", help: "")
                        counter?.increment()
                        let family = try? registry.summary(named: "s\(round)", help: "", labels: ["l"])
                        family?.child("x").observe(1)
                        registry.counter("all", help: "").increment()
                        registry.stateSet("mode", help: "", states: ["off", "on"]).set("on")
                    }
                }
            }
        }
        for round in 0..<TestSupport.rounds(500) {
            #expect(try registry.counter(named: "c\(round)", help: "").value == Double(Self.writers))
            let family = try registry.summary(named: "s\(round)", help: "", labels: ["l"])
            #expect(family.child("x").count == UInt64(Self.writers))
        }
        #expect(registry.counter("all", help: "").value == Double(Self.writers * TestSupport.rounds(500)))
        #expect(
            registry.page.samples.filter { $0.hasPrefix("mode") } == [#"mode{mode="off"} 0"#, #"mode{mode="on"} 1"#]
        )
        #expect(registry.refusals == [])
    }

    @Test func aFamilyThatComesAndGoesIsOneAtATime() async throws {
        let registry = Registry()
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                group.addTask(executorPreference: taskThreads) {
                    for _ in 0..<TestSupport.rounds(500) {
                        registry.gauge("g", help: "", labels: ["l"]).child("\(writer)").increment()
                        registry.unregister("g")
                        // Its count of dropped label sets comes and goes with it.
                        let samples = registry.page.samples
                        #expect(samples.count { $0.hasPrefix("metrics_series_dropped") } <= 1)
                    }
                }
            }
        }
        registry.unregister("g")
        #expect(registry.page.samples == [] && registry.refusals == [])
    }

    @Test func oneOfManyMakersOfAChildWins() async throws {
        let registry = Registry()
        let family = registry.counter("c", help: "", labels: ["l"])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.writers {
                group.addTask {
                    for round in 0..<500 { family.child("\(round)").increment() }
                }
            }
        }
        for round in 0..<500 { #expect(family.child("\(round)").value == Double(Self.writers)) }
    }
}

/// The numbers of the one histogram on a page.
private struct HistogramPage {
    var buckets: [Int]
    var count: Int

    init(lines: [Substring]) {
        buckets = lines.values(of: "duration_bucket")
        count = lines.values(of: "duration_count").first ?? 0
    }

    init(page: String) throws {
        self.init(lines: page.samples)
        try #require(buckets.count == 4)
    }
}

extension [Substring] {
    /// The values of the samples that begin so.
    fileprivate func values(of prefix: String) -> [Int] {
        filter { $0.hasPrefix(prefix) }.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
    }
}
