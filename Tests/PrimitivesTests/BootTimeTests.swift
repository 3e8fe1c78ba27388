import Primitives
import TestSupport
import Testing

/// Moments as seconds since 1970 while the wall clock is set, by clocks that a test moves.
@Suite struct BootTimeTests {
    private let clocks = SetClocks()
    private var time: BootTime { clocks.time }

    @Test func aMomentStaysWhereItIs() {
        #expect(time.secondsSince1970 == 900)
        for seconds in [0.1, 1, 86_400, 1e7] {
            clocks.pass(seconds)
            #expect(time.secondsSince1970 == 900)
        }
    }

    /// As a machine without a battery begins, and NTP sets its clock later.
    @Test func aClockThatIsSetMovesAllMoments() {
        #expect(time.secondsSince1970 == 900)
        clocks.pass(5, wall: 1_800_000_000)
        #expect(time.secondsSince1970 == 1_800_000_895)
        clocks.pass(60)
        #expect(time.secondsSince1970 == 1_800_000_895)
        // Back again.
        clocks.pass(1, wall: -1_799_999_999)
        #expect(time.secondsSince1970 < 1_000)
    }

    @Test func whatIsSmallIsNotFollowed() {
        #expect(time.secondsSince1970 == 900)
        for _ in 0..<9 {
            clocks.pass(1_000, wall: 1_000.1)
            #expect(time.secondsSince1970 == 900)
        }
        // What adds up to a step is one.
        clocks.pass(1_000, wall: 1_000.2)
        #expect(abs(time.secondsSince1970 - 901.1) < 1e-6)
        clocks.pass(1_000, wall: 999.8)
        #expect(abs(time.secondsSince1970 - 901.1) < 1e-6)
    }

    @Test func clocksThatCannotBeComparedMoveNothing() {
        #expect(time.secondsSince1970 == 900)
        clocks.setPause(10)
        #expect(time.secondsSince1970 == 900)
        clocks.setPause(0)
        #expect(time.secondsSince1970 == 900)
    }

    @Test func theSystemsClocksAgree() {
        let now = BootTime.system.secondsSince1970 + BootTime.system.now
        // The wall clock may be set between the two, by a little.
        #expect(abs(now - WallClock.seconds) < 60)
        #expect(BootTime.system.secondsSince1970 == BootTime.system.secondsSince1970)
    }
}
