import Exposition
import Myosin
import Testing

/// The code of the article "Metrics".
@Suite struct MetricsTests {
    @Test func aMetricOfTheProgramIsOnThePage() throws {
        let state = try State()
        // DOC begins
        let reports = state.metrics.counter("uplink_reports", help: "Reports sent.", labels: ["result"])
        reports.child("sent").increment()
        // DOC ends
        let page = String(decoding: state.metrics.render(), as: UTF8.self)
        #expect(page.contains("uplink_reports_total{result=\"sent\"} 1\n"))
    }
}
