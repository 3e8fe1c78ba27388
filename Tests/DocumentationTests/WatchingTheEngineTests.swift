import Exposition
import Myosin
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
}
