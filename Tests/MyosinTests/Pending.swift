import Myosin
import TestSupport
import Testing

private struct Look: Error { let model: any StateModel }

extension State {
    /// Waits, without blocking a thread, until a context sees a value that fits.
    ///
    /// The contexts that look throw, so they wait for no flush and none of them fails.
    func untilPending<Model: StateModel>(_ model: Model.Type, _ isIt: (Model) -> Bool) async throws {
        try await TestSupport.until {
            let look = #expect(throws: Look.self) {
                try with(model) { throw Look(model: try $0.checkout(model).model) }
            }
            return (look?.model as? Model).map(isIt) ?? false
        }
    }
}
