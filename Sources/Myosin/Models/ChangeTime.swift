internal import Primitives

/// When a value was changed, by a wall clock that somebody may set.
///
/// Whoever compares times must not take a new value for an old one. A machine without a battery, though, begins in the past and
/// learns the time later, and one whose clock keeps local time begins in the future. So:
/// - once the wall clock is put forward, a change of this process is told to have been when it was by the boot clock, which nobody
///   sets;
/// - a change is told to be later than all times that were told of the value before, also where the wall clock was put back; that may
///   be a time which is still to come.
struct ChangeTime: Sendable {
    /// By the wall clock then, or later where that had told later times of the value before; in seconds since 1970.
    private let wall: Double
    /// By the boot clock, in seconds since boot; nil for a change of another process.
    private let boot: Double?
    /// What the store gets, in seconds since 1970: later than what it has of the value before.
    let stored: Double

    /// The wall clock has been set when a moment is this far from where it was, in seconds.
    private static let minStep = 1.0

    /// That of a value which is only staged; any other one is later.
    static let never = ChangeTime(wall: -.infinity, boot: nil, stored: -.infinity)

    /// Now, for a value after another one.
    init(_ now: Moment, after former: ChangeTime = .never) {
        self.init(
            wall: Self.time(now.wall, after: former.wallTime(bootAt: now.latestStart)),
            boot: now.boot,
            stored: Self.time(now.wall, after: former.stored)
        )
    }

    /// The time of a value that a store has kept.
    ///
    /// One that is still to come was told by a clock that was wrong, or is told to one that is: the value is dated now instead, so
    /// that a clock which was years ahead once does not stay so.
    init(stored: Double, at now: Moment) {
        let isAhead = stored > now.wall
        self.init(wall: isAhead ? now.wall : stored, boot: isAhead ? now.boot : nil, stored: stored)
    }

    private init(wall: Double, boot: Double?, stored: Double) {
        (self.wall, self.boot, self.stored) = (wall, boot, stored)
    }

    /// In seconds since 1970, by the wall clock as it is set now; not finite where a store has nonsense.
    func secondsSince1970(by clocks: BootTime) -> Double { wallTime(bootAt: clocks.secondsSince1970) }

    /// The moment by the wall clock where that was at `start` when the machine was booted, or had been put back.
    private func wallTime(bootAt start: Double) -> Double {
        guard let boot, start + boot - wall >= Self.minStep else { return wall }
        return start + boot
    }

    /// A time that is not before another one; times are told in seconds, so it is the next second where the clock has one that is.
    private static func time(_ wall: Double, after former: Double) -> Double {
        wall < former ? former.rounded(.down) + 1 : wall
    }

    /// A moment by both clocks.
    struct Moment: Sendable {
        /// In seconds since 1970.
        let wall: Double
        /// In seconds since boot.
        let boot: Double
        /// The latest time that the wall clock was found to have had at boot; times were told by it.
        let latestStart: Double

        init(by clocks: BootTime = .system) {
            (wall, boot) = (clocks.wallTime, clocks.now)
            latestStart = clocks.latest ?? wall - boot
        }
    }
}
