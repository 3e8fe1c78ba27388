package import Primitives

/// The clock of an engine: that of the system, or one that a test moves.
package struct EngineClock: Sendable {
    /// The test's clock, or nil for that of the system.
    let manual: ManualClock?

    /// Makes the clock of a test, or that of the system for nil.
    package init(manual: ManualClock?) { self.manual = manual }

    /// The present instant, for deadlines.
    package var now: SuspendingClock.Instant { manual?.now ?? .now }

    /// The present moment, for the time of a change.
    var moment: ChangeTime.Moment {
        guard let manual else { return ChangeTime.Moment() }
        return ChangeTime.Moment(wall: manual.secondsSince1970)
    }

    /// The wall clock, in seconds since 1970.
    var secondsSince1970: Double { manual?.secondsSince1970 ?? WallClock.seconds }

    /// Waits until the closure gives something other than nil, or the time is over.
    ///
    /// No advance of a manual clock is missed: it moves first and then takes the monitor's lock and notifies. So a look under
    /// that lock either sees the new time, or is followed by the notification.
    ///
    /// - Parameters:
    ///   - monitor: the value to wait for.
    ///   - deadline: the time to give up, or nil for never.
    ///   - look: called with exclusive access, at once and after every notification.
    /// - Returns: the closure's result, or nil if the time was over first.
    package func wait<Value, Result: Sendable>(
        for monitor: Monitor<Value>,
        until deadline: SuspendingClock.Instant?,
        _ look: (inout sending Value) -> sending Result?
    ) -> Result? {
        guard let manual, let deadline else {
            return monitor.wait(upTo: deadline.map { max(.zero, $0 - .now) }, until: look)
        }
        let waker = manual.add {
            monitor.withLock { _ in }
            monitor.notifyAll()
        }
        defer { manual.remove(waker) }
        let news: News<Result>? = monitor.wait { value in
            if let result = look(&value) { return .found(result) }
            return manual.now >= deadline ? .timeIsOver : nil
        }
        if case .found(let result)? = news { return result }
        return nil
    }

    /// Waits for at most some time, or without a limit for nil, as ``wait(for:until:_:)`` does.
    func wait<Value, Result: Sendable>(
        for monitor: Monitor<Value>,
        upTo duration: Duration?,
        _ look: (inout sending Value) -> sending Result?
    ) -> Result? {
        // The system's clock is not read for a deadline that the monitor computes again.
        guard let manual, let duration else { return monitor.wait(upTo: duration, until: look) }
        return wait(for: monitor, until: manual.now + duration, look)
    }

    private enum News<Result: Sendable>: Sendable {
        case found(Result)
        case timeIsOver
    }
}
