import Primitives
import TestSupport
import Testing

@testable import Myosin

/// When changes are told to have been, on machines whose wall clock is wrong for a while.
@Suite struct ChangeTimeTests {
    private let clocks = SetClocks()
    private static let (november, december) = (1_793_500_000.0, 1_796_100_000.0)

    private var now: ChangeTime.Moment { ChangeTime.Moment(by: clocks.time) }

    private func told(_ time: ChangeTime) -> Double { time.secondsSince1970(by: clocks.time) }

    private func stored(_ time: ChangeTime) -> Double { time.stored(by: clocks.time) }

    @Test func aChangeIsToldToHaveBeenWhenItWas() {
        clocks.setWall(Self.november)
        let first = ChangeTime(now)
        clocks.pass(0.25)
        let second = ChangeTime(now, after: first)
        clocks.pass(100)
        #expect(told(first) == Self.november && told(second) == Self.november + 0.25)
        #expect(stored(first) == told(first) && stored(second) == told(second))
        let kept = ChangeTime(stored: stored(second), at: now)
        #expect(told(kept) == told(second) && stored(kept) == stored(second))
    }

    /// A machine without a battery: it begins in 1970, and learns the time once it has a network.
    @Test func aChangeBeforeTheClockIsSetIsToldRightAfterwards() {
        clocks.setWall(5)
        let change = ChangeTime(now)
        #expect(told(change) == 5)
        clocks.pass(20)
        #expect(told(change) == 5)
        clocks.setWall(Self.december)
        #expect(told(change) == Self.december - 20)
    }

    /// Whoever has the value of November asks whether there is one since then.
    @Test func aChangeUnderAWrongClockIsLaterThanTheOneBefore() {
        clocks.setWall(5)
        var change = ChangeTime(stored: Self.november, at: now)
        #expect(told(change) == Self.november)
        for _ in 0..<100 {
            clocks.pass(0.1)
            let former = told(change)
            change = ChangeTime(now, after: change)
            #expect(told(change) > former && told(change) < Self.november + 200)
        }
        // The next process knows only what is kept.
        let kept = ChangeTime(stored: stored(change), at: now)
        #expect(told(kept) == told(change) && !change.hasMoved(by: clocks.time))
        clocks.setWall(Self.december)
        #expect(told(change) == Self.december)
        #expect(change.hasMoved(by: clocks.time) && stored(change) == Self.december)
        #expect(stored(ChangeTime(now, after: kept)) == Self.december)
    }

    /// A machine without a battery that is started again: between its two starts in 1970 it has told a date of December.
    @Test func aTimeThatAnotherProcessHasToldIsRemembered() {
        clocks.setWall(5)
        let change = ChangeTime(now)
        clocks.setWall(Self.december)
        let shown = told(change)
        let kept = ChangeTime(stored: stored(change), at: now)
        clocks.setWall(15)
        let next = ChangeTime(now, after: kept)
        #expect(told(next) > shown)
        #expect(told(ChangeTime(stored: stored(next), at: now)) > shown)
    }

    /// A clock that was four seconds ahead, until another process began.
    @Test func aStoredTimeThatIsToComeIsLaterThanNoChange() {
        clocks.setWall(Self.december)
        let kept = ChangeTime(stored: Self.december + 4, at: now)
        clocks.pass(1)
        let change = ChangeTime(now, after: kept)
        clocks.pass(100)
        #expect(told(change) == Self.december + 5)
    }

    /// Local time was taken for UTC, and then put right.
    @Test func aClockThatGoesBackMakesNoChangeOlder() {
        clocks.setWall(Self.december)
        let kept = ChangeTime(stored: Self.december - 60, at: now)
        let change = ChangeTime(now, after: kept)
        let shown = told(change).rounded(.down)
        clocks.pass(10, wall: -7_200)
        #expect(told(kept) == Self.december - 60 && told(change) == Self.december)
        var next = ChangeTime(now, after: change)
        #expect(told(next) == Self.december + 1)
        // From when the clock has passed what was told before, too.
        clocks.pass(7_210)
        #expect(told(next) > shown && stored(next) > stored(change))
        next = ChangeTime(now, after: next)
        #expect(told(next) == clocks.time.wallTime && stored(next) == told(next))
    }

    /// From 1970 to local time that was taken for UTC, and then put right.
    @Test func aTimeThatWasToldUnderAnyClockIsRemembered() {
        clocks.setWall(5)
        let change = ChangeTime(now)
        clocks.setWall(Self.december + 7_200)
        let shown = told(change).rounded(.down)
        clocks.setWall(Self.december)
        #expect(told(change) < shown)
        let next = ChangeTime(now, after: change)
        clocks.pass(7_300)
        #expect(told(next) > shown)
    }

    /// Otherwise all would be told as of now for years, so that nobody could ask for changes since.
    @Test func aClockThatWasFarAheadIsForgottenWithTheProcess() {
        clocks.setWall(Self.december)
        let kept = ChangeTime(stored: 4e9, at: now)
        #expect(told(kept) == Self.december)
        clocks.pass(1_000)
        #expect(told(kept) == Self.december)
        let change = ChangeTime(now, after: kept)
        clocks.pass(1_000)
        #expect(told(change) == Self.december + 1_000)
        #expect(stored(change) > 4e9)
    }

    @Test(arguments: [.nan, -.infinity, -1e300, 1e300, .infinity] as [Double]) func nonsenseIsNotToldAsATime(
        stored: Double
    ) {
        let kept = ChangeTime(stored: stored, at: now)
        #expect(!told(kept).isFinite || told(kept) == stored)
        let change = ChangeTime(now, after: kept)
        #expect(told(change) == 1_000 && self.stored(change) == 1_000)
    }

    /// Under clocks that are set at will a later value is never told as of a second as of which an earlier one was told already,
    /// when that second was over.
    @Test(arguments: 0..<UInt64(rounds(200))) func noNewValueIsTakenForAnOldOne(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var change = ChangeTime(now)
        /// What the store has of it: written again where the clock is put forward.
        var row = stored(change)
        /// The dates with which former values were shown.
        var shown: [Double] = []
        var dates: [Double] = []
        for _ in 0..<200 {
            switch Int.random(in: 0..<11, using: &random) {
            case 10:
                // Another process. Where the time that is kept is years ahead, it knows none that was told.
                if row > clocks.time.wallTime + 360 * 86_400 { (shown, dates) = ([], []) }
                change = ChangeTime(stored: row, at: now)
            case 0: clocks.setWall(Double.random(in: 0...3e9, using: &random))
            case 1: clocks.pass(0, wall: Double.random(in: -10_000...10_000, using: &random))
            case 2, 3:
                shown += dates
                dates = []
                // A second later, as whoever asks by seconds cannot tell what is within one.
                clocks.pass(1.5)
                shown.removeAll { $0 == clocks.time.wallTime.rounded(.down) }
                change = ChangeTime(now, after: change)
                row = stored(change)
            default:
                clocks.pass(Double.random(in: 0...100, using: &random))
                // A service tells no time that is to come.
                dates.append(min(told(change), clocks.time.wallTime).rounded(.down))
                row = max(row, stored(change))
            }
            // A date that is to come is known to be wrong; any other one must be older than the change.
            for date in shown where date <= clocks.time.wallTime { #expect(told(change).rounded(.down) > date) }
        }
    }
}
