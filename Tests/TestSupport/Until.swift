/// What was waited for has not happened in time; thrown, so that a test does not wait for what can't happen any more.
package struct NotInTime: Error {}

/// Waits, without blocking a thread, until something holds; a minute at most.
package func until(_ holds: () throws -> Bool) async throws {
    let end = SuspendingClock.now + .seconds(60)
    // Looked at now and then, since a loop without a pause would take the processors from what is waited for.
    while try !holds(), SuspendingClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
    if try !holds() { throw NotInTime() }
}
