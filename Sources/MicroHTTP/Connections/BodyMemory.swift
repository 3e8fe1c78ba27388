internal import CLinux
internal import Primitives

/// The memory of all bodies together, and when to return it to the system.
///
/// Not Sendable: only the loop's thread touches it.
struct BodyMemory {
    private let limit: Int
    /// The bytes of the bodies that are kept.
    private var held = 0
    /// The bytes of large bodies and answers that are over, since memory was returned last.
    private var used = 0
    /// When memory is given back; ``LoopClock/never`` while there is little.
    private(set) var nextTrim = LoopClock.never
    private var lastTrim = -trimMilliseconds

    /// Less than this stays with the process, which will need it again.
    private static let keptBytes = 4 << 20
    /// Returning memory takes time and the locks of the C library.
    private static let trimMilliseconds: Int64 = 10_000
    /// A body is still in use for a moment when its answer begins.
    private static let pauseMilliseconds: Int64 = 500

    init(_ limits: ServerLimits) { limit = max(0, limits.maxBodyMemory) }

    /// Whether there is room for nothing more.
    var isFull: Bool { held >= limit }

    /// Takes room for a piece of a body; false if there is too little.
    mutating func take(_ count: Int) -> Bool {
        guard count <= limit - held else { return false }
        held += count
        return true
    }

    /// Gives the room of a body back.
    mutating func giveBack(_ count: Int, at now: Int64) {
        held -= count
        noteUse(of: count, at: now)
    }

    /// Whether a body or an answer is so long that it may leave something behind.
    static func isNotable(_ count: Int) -> Bool { count >= 16 << 10 }

    /// Counts a body or an answer that is over: what was made for it may be free now.
    mutating func noteUse(of count: Int, at now: Int64) {
        guard Self.isNotable(count) else { return }
        used += count
        if used > Self.keptBytes, nextTrim == LoopClock.never {
            nextTrim = max(now + Self.pauseMilliseconds, lastTrim + Self.trimMilliseconds)
        }
    }

    /// Returns free memory to the system on a thread of its own, if it is time: the C library keeps it otherwise.
    mutating func trim(at now: Int64) {
        guard nextTrim <= now else { return }
        (nextTrim, lastTrim, used) = (LoopClock.never, now, 0)
        // Without a thread the process keeps it for the next bodies.
        _ = try? WorkerThread { clinux_trim_memory() }
    }
}
