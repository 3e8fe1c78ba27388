import Foundation
import HTTPTypes
import Logging
import MicroHTTP
import Myosin
import MyosinService
import Primitives
import TestSupport
import Testing

@testable import MyosinCommand

/// Reports to a service manager.
@Suite struct ServiceManagerTests {
    private let socket: ReportSocket
    private let log = RecordedLog()

    init() throws { socket = try ReportSocket() }

    private func manager(_ variables: String...) throws -> ServiceManager {
        let name = try #require(socket.environment["NOTIFY_SOCKET"])
        return try #require(ServiceManager(ProgramEnvironment(["NOTIFY_SOCKET=\(name)"] + variables)))
    }

    @Test func aReportIsOneDatagram() throws {
        #expect(try manager().send(.ready, .status("3 models\nMAINPID=1")))
        #expect(try manager().send(.reloading(microseconds: 7)))
        #expect(try manager().send(.extendTimeout(.seconds(2))))
        #expect(try manager().send(.stopping))
        #expect(
            socket.reports == [
                "READY=1\nSTATUS=3 models\\u000aMAINPID=1", "RELOADING=1\nMONOTONIC_USEC=7",
                "EXTEND_TIMEOUT_USEC=2000000", "STOPPING=1",
            ]
        )
    }

    @Test func abstractNamesAndMissingManagersAreKnown() throws {
        #expect(ServiceManager(ProgramEnvironment([])) == nil)
        #expect(ServiceManager(ProgramEnvironment(["NOTIFY_SOCKET="])) == nil)
        #expect(ServiceManager(ProgramEnvironment(["NOTIFY_SOCKET=vsock:2:1"])) == nil)
        #expect(ServiceManager(ProgramEnvironment(["NOTIFY_SOCKET=/\(String(repeating: "x", count: 200))"])) == nil)
        // Nobody listens there, and nothing waits for it.
        let absent = try #require(ServiceManager(ProgramEnvironment(["NOTIFY_SOCKET=@myosin-\(UUID())"])))
        #expect(!absent.send(.ready))
    }

    @Test func theWatchdogIsThatOfTheProcess() throws {
        #expect(try manager().watchdogPeriod == nil)
        #expect(try manager("WATCHDOG_USEC=30000000").watchdogPeriod == .seconds(30))
        #expect(try manager("WATCHDOG_USEC=30000000", "WATCHDOG_PID=\(getpid())").watchdogPeriod == .seconds(30))
        #expect(try manager("WATCHDOG_USEC=30000000", "WATCHDOG_PID=1").watchdogPeriod == nil)
        #expect(try manager("WATCHDOG_USEC=0").watchdogPeriod == nil)
        #expect(try manager("WATCHDOG_USEC=soon").watchdogPeriod == nil)
    }

    @Test func theWatchdogReportsOnlyWhileThereAreAnswers() async throws {
        let (asked, answers) = (Lock(0), Lock<[@Sendable () -> Void]>([]))
        let reported = Lock(0)
        let watchdog = try ServiceWatchdog(period: .milliseconds(2)) {
            reported.withLock { $0 += 1 }
        } ask: { answered in
            let isHeld = asked.withLock { asked in
                asked += 1
                return asked > 3
            }
            if isHeld { answers.withLock { $0.append(answered) } } else { answered() }
        }
        try await until { asked.withLock { $0 } == 4 }
        // The fourth is not answered, so there is no fourth report, and no further question.
        #expect(reported.withLock { $0 } == 3)
        let answer = try #require(answers.withLock { $0.first })
        answer()
        try await until { asked.withLock { $0 } == 5 }
        #expect(reported.withLock { $0 } == 4)
        // It ends also while it waits for an answer, which may come later.
        watchdog.end()
        answers.withLock { $0.last }?()
        #expect(reported.withLock { $0 } == 4 && asked.withLock { $0 } == 5)
    }

    @Test func aLongStartIsExtended() throws {
        let reports = ServiceReports(to: try manager(), logger: log.logger, pause: .milliseconds(1))
        let result = try reports.extendingStart {
            try waitUntil { socket.reports.count > 3 }
            return 7
        }
        #expect(result == 7)
        let count = socket.reports.count
        #expect(socket.reports[0] == "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=Opening the state")
        #expect(socket.reports[1...].allSatisfy { $0 == "EXTEND_TIMEOUT_USEC=60000000" })
        // Its thread has ended.
        #expect(socket.reports.count == count)
        #expect(throws: ControlledStore.Failure.self) {
            try reports.extendingStart { throw ControlledStore.Failure() }
        }
    }

    @Test func theLifeOfAServiceIsReported() async throws {
        let state = try State()
        let service = StateService(state: state, configuration: .init(addresses: [.loopback(port: 0)]))
        try service.start()
        let reports = ServiceReports(to: try manager("WATCHDOG_USEC=2000"), logger: log.logger)
        reports.ready(state, service)
        try await until { socket.reports.count { $0 == "WATCHDOG=1" } > 2 }
        // Two reloads at once are over together.
        let gates = [Gate(), Gate()]
        let tasks = gates.map { gate in
            startTask { await reports.reloading(state, service) { _ = try? await onThread { gate.wait() } } }
        }
        try await until { socket.steps.count == 3 }
        gates[1].open()
        _ = try await tasks[1].value
        #expect(socket.steps.count == 3)
        gates[0].open()
        _ = try await tasks[0].value
        reports.stopping()
        await service.stop()
        let place = "0 models, listening on \(service.addresses[0])"
        let steps = socket.steps
        #expect(steps.count == 5 && steps[0] == "READY=1\nSTATUS=\(place)" && steps[3] == steps[0])
        #expect(steps[1...2].allSatisfy { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
        #expect(steps.last == "STOPPING=1\nSTATUS=Stopping")
        state.close()
    }

    @Test func aServerThatIsHeldUpDoesNotAnswer() async throws {
        let (begun, gate, isReleased) = (OnceSignal(), Gate(), Lock(false))
        let state = try State()
        let service = StateService(
            state: state,
            configuration: .init(addresses: [.loopback(port: 0)]),
            routes: [
                .atOnce(.get, "/hang") { _, _ in
                    begun.give()
                    gate.wait()
                    isReleased.withLock { $0 = true }
                    return .now(.text("done"))
                }
            ]
        )
        let address = try service.start()[0]
        let asked = startTask {
            try await onThread {
                let connection = try RawConnection(address)
                try connection.send(Array("GET /hang HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))
                return String(decoding: try connection.readToEnd(), as: UTF8.self)
            }
        }
        await begun.wait()
        let wasReleased = Lock<Bool?>(nil)
        service.whenResponsive { wasReleased.withLock { $0 = isReleased.withLock { $0 } } }
        #expect(wasReleased.withLock { $0 } == nil)
        gate.open()
        try await until { wasReleased.withLock { $0 } != nil }
        #expect(wasReleased.withLock { $0 } == true)
        #expect(try await asked.value.hasPrefix("HTTP/1.1 200 "))
        await service.stop()
        // Nothing is called any more.
        service.whenResponsive { wasReleased.withLock { $0 = nil } }
        #expect(wasReleased.withLock { $0 } == true)
        state.close()
    }
}
