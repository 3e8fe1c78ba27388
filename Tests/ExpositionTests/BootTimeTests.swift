import Primitives
import Testing

@testable import Exposition

/// Moments as seconds since 1970 while the wall clock is set, by clocks that a test moves.
@Suite struct BootTimeTests {
    private struct Clocks {
        var boot = 100.0
        var wall = 1_000.0
        /// What passes between two readings.
        var pause = 0.0
    }

    private let clocks: Lock<Clocks>
    private let time: BootTime

    init() {
        let clocks = Lock(Clocks())
        self.clocks = clocks
        time = BootTime {
            clocks.withLock { clocks in
                defer { (clocks.boot, clocks.wall) = (clocks.boot + clocks.pause, clocks.wall + clocks.pause) }
                return clocks.boot
            }
        } wall: {
            clocks.withLock { $0.wall }
        }
    }

    private func pass(_ seconds: Double, wall: Double? = nil) {
        clocks.withLock { clocks in
            clocks.boot += seconds
            clocks.wall += wall ?? seconds
        }
    }

    @Test func aMomentStaysWhereItIs() {
        #expect(time.secondsSince1970 == 900)
        for seconds in [0.1, 1, 86_400, 1e7] {
            pass(seconds)
            #expect(time.secondsSince1970 == 900)
        }
    }

    /// As a machine without a battery begins, and NTP sets its clock later.
    @Test func aClockThatIsSetMovesAllMoments() {
        #expect(time.secondsSince1970 == 900)
        pass(5, wall: 1_800_000_000)
        #expect(time.secondsSince1970 == 1_800_000_895)
        pass(60)
        #expect(time.secondsSince1970 == 1_800_000_895)
        // Back again.
        pass(1, wall: -1_799_999_999)
        #expect(time.secondsSince1970 < 1_000)
    }

    @Test func whatIsSmallIsNotFollowed() {
        #expect(time.secondsSince1970 == 900)
        for _ in 0..<9 {
            pass(1_000, wall: 1_000.1)
            #expect(time.secondsSince1970 == 900)
        }
        // What adds up to a step is one.
        pass(1_000, wall: 1_000.2)
        #expect(abs(time.secondsSince1970 - 901.1) < 1e-6)
        pass(1_000, wall: 999.8)
        #expect(abs(time.secondsSince1970 - 901.1) < 1e-6)
    }

    @Test func clocksThatCannotBeComparedMoveNothing() {
        #expect(time.secondsSince1970 == 900)
        clocks.withLock { $0.pause = 10 }
        #expect(time.secondsSince1970 == 900)
        clocks.withLock { $0.pause = 0 }
        #expect(time.secondsSince1970 == 900)
    }

    @Test func theSystemsClocksAgree() {
        let now = BootTime.system.secondsSince1970 + BootTime.system.now
        // The wall clock may be set between the two, by a little.
        #expect(abs(now - WallClock.seconds) < 60)
        #expect(BootTime.system.secondsSince1970 == BootTime.system.secondsSince1970)
    }

    /// Systemd's `ProcSubset=pid` hides /proc/stat; without any /proc the first use is the best that is known.
    @Test func theStartOfTheProcessIsItsTicksSinceBoot() {
        let time = time
        #expect(ProcessStart(startTicks: 12_345, ticksPerSecond: 100, time).secondsSince1970 == 900 + 123.45)
        let unknown = ProcessStart(startTicks: .nan, ticksPerSecond: 100, time)
        #expect(unknown.secondsSince1970 == 1_000)
        pass(50, wall: 1_000_050)
        #expect(unknown.secondsSince1970 == 1_001_000)
    }

    @Test func theSampleIsTheSameOnEveryPage() throws {
        let registry = Registry()
        try registry.addProcessMetrics()
        func sample() -> Substring? {
            String(decoding: registry.render(), as: UTF8.self).split(separator: "\n")
                .first { $0.hasPrefix("process_start_time_seconds ") }
        }
        let first = try #require(sample())
        #expect(Double(first.split(separator: " ")[1]) ?? 0 > 1_000)
        for _ in 0..<20 { #expect(sample() == first) }
    }
}
