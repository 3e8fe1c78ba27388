import Exposition
import Myosin
import Testing

extension State {
    /// The value of a sample on the page, by its name with labels as they stand there; nil when there is none.
    func sample(_ series: String) -> Double? {
        let page = String(decoding: metrics.render(), as: UTF8.self)
        let line = page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    /// Waits, without blocking a thread, until so many contexts wait for the lock of a model.
    func untilWaiting(_ count: Int, for model: String) async throws {
        try await until("myosin_waiting_contexts{model=\"\(model)\"}", is: Double(count))
    }

    /// Waits, without blocking a thread, until a sample has a value; a minute at most.
    func until(_ series: String, is value: Double) async throws {
        try await MyosinTests.until { sample(series) == value }
    }

    /// Waits, without blocking a thread, until the store's last write has succeeded; a minute at most.
    func untilStoreWorks() async throws { try await MyosinTests.until { storeError == nil } }
}

/// What was waited for has not happened in time; thrown, so that a test does not wait for what can't happen any more.
struct NotInTime: Error {}

/// Waits, without blocking a thread, until something holds; a minute at most.
func until(_ holds: () throws -> Bool) async throws {
    let end = SuspendingClock.now + .seconds(60)
    // Looked at now and then, since a loop without a pause would take the processors from what is waited for.
    while try !holds(), SuspendingClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
    if try !holds() { throw NotInTime() }
}
