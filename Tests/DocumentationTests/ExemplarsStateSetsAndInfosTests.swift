import Exposition
import TestSupport
import Testing

/// The code of the article "Exemplars, state sets and infos".
@Suite struct ExemplarsStateSetsAndInfosTests {
    private static let article = "Sources/Exposition/Exposition.docc/ExemplarsStateSetsAndInfos.md"

    @Test func theArticlesSamplesAreOnThePage() throws {
        let registry = Registry()
        let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        // DOC begins
        let latency = registry.histogram("answer_seconds", help: "Time to answer.", buckets: [0.1, 1])
        if let exemplar = Exemplar(traceparent: traceparent) {
            latency.observe(.milliseconds(250), exemplar: exemplar)
        }
        // DOC ends
        // DOC begins
        let mode = registry.stateSet("pump_mode", help: "Mode of the pump.", states: ["off", "eco", "full"])
        mode.set("eco")
        // DOC ends
        // DOC begins
        registry.info("pump_build", help: "Build of the program.", labels: ["version": "1.4.2", "board": "c"])
        // DOC ends
        // DOC begins
        let modes = registry.stateSet(
            "valve_mode",
            help: "Mode of a valve.",
            states: ["open", "shut"],
            labels: ["valve"]
        )
        modes.child("north").set("open")
        let boards = registry.info("board", help: "Boards that are connected.", labels: ["slot", "revision"])
        boards.child(["1", "c"])
        // DOC ends
        let page = String(decoding: registry.render(.openMetrics1_0_0), as: UTF8.self)
        #expect(page.contains("board_info{slot=\"1\",revision=\"c\"} 1\n"))
        #expect(registry.refusals == [])
        let shown = try Article(Self.article).blocks("text")
        #expect(shown.count == 4)
        for block in shown {
            // The time of an exemplar is another one each time.
            let samples = block.split(separator: "} 0.25 ")[0]
            #expect(page.contains(samples), "\(samples)")
        }
        mode.set(nil)
        #expect(!String(decoding: registry.render(), as: UTF8.self).contains("pump_mode{"))
    }
}
