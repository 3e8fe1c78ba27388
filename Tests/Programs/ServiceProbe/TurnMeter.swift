import Glibc
import Primitives

/// Measures how long the server's loop computes in one turn: the processor time of its thread from one reading of its clock to the
/// next.
final class TurnMeter: Sendable {
    /// What was measured since it was asked last.
    struct Figures {
        var turns = 0
        var longestMicroseconds = 0
    }

    private struct Measurement {
        var thread = pthread_self()
        /// The processor time of that thread when it has read the clock last.
        var nanoseconds = TurnMeter.nanoseconds(of: CLOCK_THREAD_CPUTIME_ID)
        var figures = Figures()
    }

    private let measurement = Lock(Measurement())

    /// Reads the clock, in milliseconds; the turns of the thread that reads it are measured.
    func read() -> Int64 {
        let (thread, now) = (pthread_self(), Self.nanoseconds(of: CLOCK_THREAD_CPUTIME_ID))
        measurement.withLock { measurement in
            if thread == measurement.thread {
                let microseconds = (now - measurement.nanoseconds) / 1_000
                measurement.figures.turns += 1
                measurement.figures.longestMicroseconds = max(measurement.figures.longestMicroseconds, microseconds)
            }
            (measurement.thread, measurement.nanoseconds) = (thread, now)
        }
        return Int64(Self.nanoseconds(of: CLOCK_MONOTONIC) / 1_000_000)
    }

    /// Takes the figures, and begins again.
    func take() -> Figures {
        measurement.withLock { measurement in
            defer { measurement.figures = Figures() }
            return measurement.figures
        }
    }

    /// What a clock of the system says.
    static func nanoseconds(of clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
