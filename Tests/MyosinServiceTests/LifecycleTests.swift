import HTTPTypes
import Logging
import MicroHTTP
import Myosin
import MyosinLifecycle
import Primitives
import ServiceLifecycle
import TestSupport
import Testing

@testable import MyosinService

/// The state and the service as services of a group.
@Suite struct LifecycleTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func makeService(_ state: State, _ addresses: [ListenAddress] = [.loopback(port: 0)]) -> StateService {
        var configuration = ServiceConfiguration(addresses: addresses)
        configuration.limits = .patient
        return StateService(state: state, configuration: configuration, logger: quiet)
    }

    /// Commits when it is asked to stop, and once more when the service has stopped.
    private struct Worker: Service {
        let state: State
        let outcome = Lock<Result<Int, any Error>?>(nil)

        func run() async throws {
            try await gracefulShutdown()
            let result = Result {
                try state.update(Counter.self) { counter in
                    counter.count += 1
                    return counter.count
                }
            }
            outcome.withLock { $0 = result }
        }
    }

    private struct Tank: StateModel {
        var id = ModelID()
        var litres = 0.0
    }

    // DOC begins
    struct Display: Service {
        let state: State

        func run() async throws {
            for await tank in state.changes(of: Tank.self).cancelOnGracefulShutdown() {
                print("\(tank.litres) litres")
            }
        }
    }
    // DOC ends

    /// A group waits for it before it stops the state.
    @Test func aLoopOverChangesEndsWithTheGroup() async throws {
        let state = try State(cache: .none)
        try state.load(Tank())
        let service = makeService(state)
        let group = ServiceGroup(services: [state, Display(state: state), service], logger: quiet)
        let run = startTask { try await group.run() }
        try await until { !service.addresses.isEmpty }
        await group.triggerGracefulShutdown()
        try await run.value
        #expect(throws: StateError.self) { try state.blockingUpdate() }
    }

    @Test(arguments: [false, true]) func theStateIsClosedAfterAllOthers(isServiceLast: Bool) async throws {
        let state = try State(cache: .none)
        try state.load(Counter())
        let (service, worker) = (makeService(state), Worker(state: state))
        let others: [any Service] = isServiceLast ? [worker, service] : [service, worker]
        let group = ServiceGroup(services: [state] + others, logger: quiet)
        let run = startTask { try await group.run() }
        try await until { !service.addresses.isEmpty }
        let client = try Client(service.addresses[0])
        try client.send(.get("/healthz"))
        #expect(try client.read(method: .get).status == 200)
        await group.triggerGracefulShutdown()
        try await run.value
        #expect(try worker.outcome.withLock { try $0?.get() } == 1)
        #expect(throws: RawConnection.Failure.self) { try Client(service.addresses[0]) }
        #expect(throws: StateError.self) { try state.blockingUpdate() }
    }

    @Test func cancellingTheTasksStopsTheService() async throws {
        let state = try State(cache: .none)
        try state.load(Counter())
        let service = makeService(state)
        let (running, closing) = (startTask { try await service.run() }, startTask { try await state.run() })
        try await until { !service.addresses.isEmpty }
        running.cancel()
        try await running.value
        #expect(throws: RawConnection.Failure.self) { try Client(service.addresses[0]) }
        closing.cancel()
        try await closing.value
        #expect(throws: StateError.self) { try state.blockingUpdate() }
    }

    @Test func aStartThatFailsIsThrown() async throws {
        let state = try State(cache: .none)
        let other = makeService(state)
        let address = try other.start()[0]
        let service = makeService(state, [try ListenAddress("\(address)")])
        let group = ServiceGroup(services: [service], logger: quiet)
        let error = await #expect(throws: ServerError.self) { try await group.run() }
        #expect(error?.code == .addressInUse)
        await other.stop()
        let stopped = await #expect(throws: ServerError.self) { try await other.run() }
        #expect(stopped?.code == .stopped)
    }

    @Test func aServiceThatWasStartedGoesOn() async throws {
        let service = makeService(try State(cache: .none))
        let address = try service.start()[0]
        let running = startTask { try await service.run() }
        let client = try Client(address)
        try client.send(.get("/healthz"))
        #expect(try client.read(method: .get).status == 200)
        running.cancel()
        try await running.value
    }
}

extension State {
    /// A commit from code that is not asynchronous.
    fileprivate func blockingUpdate() throws { try update(Counter.self) { $0.count += 1 } }
}
