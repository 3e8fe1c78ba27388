/// How long a test waits for what must happen: a generous end, so that a busy machine fails no test, and a hang does not last for ever.
///
/// It is the only span of time that a test may rely on. Nothing may need to happen sooner.
package let patience = Duration.seconds(300)

/// The condition that a test waited for did not hold in time.
package struct NotInTime: Error {}

/// Waits, without blocking a thread, until a condition holds.
///
/// - Throws: ``NotInTime`` after ``patience``.
package func until(_ holds: () throws -> Bool) async throws {
    let end = SuspendingClock.now + patience
    // Checked once per millisecond: a loop without a pause would take the processors from what the test waits for.
    while try !holds(), SuspendingClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
    if try !holds() { throw NotInTime() }
}
