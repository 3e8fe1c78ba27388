import Myosin
import Testing

private struct Look: Error { let model: any StateModel }

extension State {
    /// Waits, without blocking a thread, until a context sees a value that fits; a minute at most.
    ///
    /// The contexts that look throw, so they wait for no flush and none of them fails.
    func untilPending<Model: StateModel>(_ model: Model.Type, _ isIt: (Model) -> Bool) async throws {
        let end = SuspendingClock.now + .seconds(60)
        while SuspendingClock.now < end {
            let look = #expect(throws: Look.self) {
                try with(model) { throw Look(model: try $0.checkout(model).checkedOut) }
            }
            if let model = look?.model as? Model, isIt(model) { return }
            // Without a pause this loop would take the processors from what is waited for.
            try await Task.sleep(for: .milliseconds(1))
        }
        Issue.record("no context has seen the value")
    }
}
