internal import Primitives

/// When a value was changed, by a wall clock that somebody may set.
///
/// Whoever compares times must not take a new value for an old one. A machine without a battery, though, begins in the past and
/// learns the time later, and one whose clock keeps local time begins in the future. So:
/// - once the wall clock is put forward, a change of this process is told to have been when it was by the boot clock, which nobody
///   sets;
/// - a change is told to be later than all times that were told of the value before, also by another process, and where the wall
///   clock was put back; that may be a time which is still to come.
struct ChangeTime: Sendable {
    /// By the wall clock then, or later where that had told later times of the value before; in seconds since 1970.
    private let wall: Double
    /// By the boot clock, in seconds since boot; nil for a change of another process.
    private let boot: Double?
    /// What a store has of it, in seconds since 1970: later than all that was told of the values before.
    private let kept: Double

    /// The wall clock has been set when a moment is this far from where it was, in seconds.
    private static let minStep = 1.0
    /// October 2025, in seconds since 1970: a wall clock that shows less was not set yet.
    private static let earliest = 1_760_000_000.0
    /// How far a stored time may be ahead of the wall clock, in seconds: a year.
    private static let maxAhead = 366.0 * 86_400

    /// That of a value which is only staged; any other one is later.
    static let never = ChangeTime(wall: -.infinity, boot: nil, kept: -.infinity)

    /// Now, for a value after another one.
    init(_ now: Moment, after former: ChangeTime = .never) {
        let told = former.wallTime(bootAt: now.latestStart)
        self.init(
            wall: Self.time(now.wall, after: told),
            boot: now.boot,
            kept: Self.time(now.wall, after: max(former.kept, told))
        )
    }

    /// The time of a value that a store has kept, which was told by the clock of another process.
    ///
    /// It may be still to come, and later changes are later. A clock that was years ahead does not leave its time for years: the value
    /// is dated now.
    init(stored: Double, at now: Moment) {
        let isWrong = now.wall > Self.earliest && stored > now.wall + Self.maxAhead
        self.init(wall: isWrong ? now.wall : stored, boot: isWrong ? now.boot : nil, kept: stored)
    }

    private init(wall: Double, boot: Double?, kept: Double) { (self.wall, self.boot, self.kept) = (wall, boot, kept) }

    /// In seconds since 1970, by the wall clock as it is set now; not finite where a store has nonsense.
    func secondsSince1970(by clocks: BootTime) -> Double { wallTime(bootAt: clocks.secondsSince1970) }

    /// The time for the store, in seconds since 1970: no earlier than the one that clients get now.
    func stored(by clocks: BootTime = .system) -> Double { max(kept, clocks.last.map { wallTime(bootAt: $0) } ?? wall) }

    /// Whether it is told to be later than when the store got it.
    func hasMoved(by clocks: BootTime = .system) -> Bool { stored(by: clocks) > kept }

    /// The moment by the wall clock where that was at `start` when the machine was booted, or had been put back.
    private func wallTime(bootAt start: Double) -> Double {
        guard let boot, start + boot - wall >= Self.minStep else { return wall }
        return start + boot
    }

    /// A time that is later than another one; times are told in seconds, so it is the next second where the clock has one before.
    ///
    /// What a store has of a year with five digits is nonsense.
    private static func time(_ wall: Double, after former: Double) -> Double {
        wall < former && former < CalendarTime.range.upperBound ? former.rounded(.down) + 1 : wall
    }

    /// A moment by both clocks.
    struct Moment: Sendable {
        /// In seconds since 1970.
        let wall: Double
        /// The seconds since boot, or nil for a clock that is never set, so its earlier times stay valid.
        let boot: Double?
        /// The latest time that the wall clock was found to have had at boot; times were told by it.
        let latestStart: Double

        init(by clocks: BootTime = .system) {
            let (wall, boot) = (clocks.wallTime, clocks.now)
            (self.wall, self.boot) = (wall, boot)
            latestStart = clocks.latest ?? wall - boot
        }

        /// A moment by a clock that is never set.
        init(wall: Double) { (self.wall, boot, latestStart) = (wall, nil, -.infinity) }
    }
}
