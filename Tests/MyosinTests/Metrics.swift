import Exposition
import Myosin
import TestSupport
import Testing

extension State {
    /// The value of a sample on the page, by its name with labels as they stand there; nil when there is none.
    func sample(_ series: String) -> Double? {
        let page = String(decoding: metrics.render(), as: UTF8.self)
        // Whatever a test looks for, the page has to be right.
        #expect(throws: Never.self) { try PageCheck.check(page) }
        let line = page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    /// Waits, without blocking a thread, until so many contexts wait for the lock of a model.
    func untilWaiting(_ count: Int, for model: String) async throws {
        try await until("myosin_waiting_contexts{model=\"\(model)\"}", is: Double(count))
    }

    /// Waits, without blocking a thread, until a sample has a value.
    func until(_ series: String, is value: Double) async throws {
        try await TestSupport.until { sample(series) == value }
    }

    /// Waits, without blocking a thread, until the store's last write has succeeded.
    func untilStoreWorks() async throws { try await TestSupport.until { storeError == nil } }
}
