import TestSupport
import Testing

/// In an async function the plain call is the async form, so that none blocks a thread of Swift's tasks unseen.
@Suite struct AsyncCallTests {
    private static let calls = [
        "with(Tank.self) { _ in }",
        "with([Tank.self, Pump.self]) { _ in }",
        "update(Tank.self) { $0.litres = 3 }",
        "update(Tank.self, Pump.self, cache: true) { tank, pump in (tank.litres, pump.isOn) = (3, true) }",
        "update(Tank.self, Pump.self) { $0.0.litres = 3 }",
        "update(Tank.self, Pump.self, Valve.self) { $0.litres = $2.opening }",
        "update(Tank.self, Pump.self, Valve.self, Probe.self) { $0.litres = $3.level }",
        "update(Tank.self, Pump.self, Valve.self, Probe.self, Clock.self) { $0.0.litres = $0.4.seconds }",
        #"update(declared: "Lamp") { $0["on"] = true }"#,
        "reset()",
    ]

    private static func function(_ calls: [String], _ effects: String) -> String {
        let lines = [
            "import Myosin",
            "struct Tank: StateModel { var id = ModelID(), litres = 0.0 }",
            "struct Pump: StateModel { var id = ModelID(), isOn = false }",
            "struct Valve: StateModel { var id = ModelID(), opening = 0.0 }",
            "struct Probe: StateModel { var id = ModelID(), level = 0.0 }",
            "struct Clock: StateModel { var id = ModelID(), seconds = 0.0 }",
            "func control(_ state: State) \(effects) {",
        ]
        return (lines + calls + ["}"]).joined(separator: "\n")
    }

    @Test func aBlockingCallDoesNotCompileInAnAsyncFunction() throws {
        let errors = try typeCheck(Self.function(Self.calls.map { "try state.\($0)" }, "async throws"))
        let expected = Self.calls.indices.map { "\($0 + 8): expression is 'async' but is not marked with 'await'" }
        #expect(errors == expected)
    }

    @Test func aClosureThatTasksCannotShareDoesNotCompileThereEither() throws {
        let functions = "_ change: (inout Tank) throws -> Void, _ body: (Context) throws -> Void"
        let errors = try typeCheck(
            Self.function(
                ["try state.update(Tank.self, change)", "try state.with(Tank.self, perform: body)"],
                "async throws"
            )
            .replacing("_ state: State", with: "_ state: State, \(functions)")
        )
        let reason =
            "is unavailable from asynchronous contexts; Await the async form, or call the one of state.blocking, also in main.swift."
        #expect(errors == ["8: instance method 'update' \(reason)", "9: instance method 'with' \(reason)"])
    }

    /// The compiler takes a closure without `await` for a synchronous one, also where it becomes the body of a task.
    @Test func aTaskWithoutAwaitDoesNotCompile() throws {
        let calls = ["Task { try state.update(Tank.self) { $0.litres = 3 } }", "Task { try await state.reset() }"]
        let errors = try typeCheck(Self.function(calls, "throws"))
        #expect(
            errors.count == 1
                && errors.first?.hasPrefix("8: instance method 'update' is unavailable from async") == true
        )
    }

    @Test func theAsyncAndTheBlockingFormsCompileThere() throws {
        let calls = Self.calls.map { "try await state.\($0)" } + Self.calls.map { "try state.blocking.\($0)" }
        #expect(try typeCheck(Self.function(calls, "async throws")) == [])
    }

    @Test func aSynchronousFunctionCallsThePlainForm() throws {
        #expect(try typeCheck(Self.function(Self.calls.map { "try state.\($0)" }, "throws")) == [])
    }

    @Test func anAsyncCallMayBeGivenItsWait() throws {
        let call = "try await state.update(Tank.self, cache: true, wait: .seconds(1)) { $0.litres = 3 }"
        #expect(try typeCheck(Self.function([call], "async throws")) == [])
    }
}
