internal import Glibc

/// Waits, on this thread, until a condition holds: for code that is not asynchronous, on a thread of its own.
///
/// - Throws: ``NotInTime`` after ``patience``.
package func waitUntil(_ holds: () throws -> Bool) throws {
    let end = SuspendingClock.now + patience
    // Checked once per millisecond: a loop without a pause would take the processors from what the test waits for.
    while try !holds(), SuspendingClock.now < end { usleep(1_000) }
    if try !holds() { throw NotInTime() }
}
