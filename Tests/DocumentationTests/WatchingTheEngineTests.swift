import Exposition
import Myosin
import TestSupport
import Testing

/// The code of the article "Watching the engine".
@Suite struct WatchingTheEngineTests {
    private struct Lamp: StateModel {
        var id = ModelID()
        var isOn = false
    }

    @Test func theSeriesOfAModelExistFromItsRegistrationOn() throws {
        let state = try State()
        try state.load(Lamp())
        // DOC begins
        let page = String(decoding: state.metrics.render(.openMetrics1_0_0), as: UTF8.self)
        // DOC ends
        #expect(page.contains("myosin_active_contexts 0\n"))
        #expect(page.contains("myosin_cb_exc_count_total{model=\"Lamp\"} 0\n"))
        #expect(page.contains("myosin_commit_latency_count{model=\"Lamp\"} 0\n"))
        let error = #expect(throws: StateError.self) { _ = try State(metrics: state.metrics) }
        #expect(error?.code == .nameTaken)
    }

    @Test func theTableHasEveryFamily() throws {
        let page = String(decoding: try State().metrics.render(.openMetrics1_0_0), as: UTF8.self)
        let types = page.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            .map { $0.dropFirst("# TYPE ".count).replacing(" ", with: ": ") }
        let rows = try Article("Sources/Myosin/Myosin.docc/WatchingTheEngine.md").rows
        let shown = rows.map { "\($0[0].codes[0]): \($0[1].text)" }
        // The registry's own has no row here.
        #expect(Set(shown + ["myosin_metrics_series_dropped: counter"]) == Set(types.map { String($0) }))

        // The service's article has the same rows.
        let all = try Article("Sources/MyosinService/MyosinService.docc/Metrics.md").rows.map { $0.map(\.text) }
        for row in rows.map({ $0.map(\.text) }) {
            let isThere = all.contains(row)
            #expect(isThere, "\(row)")
        }
    }
}
