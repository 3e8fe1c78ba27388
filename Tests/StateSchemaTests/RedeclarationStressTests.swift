import Logging
import Myosin
import Primitives
import TestSupport
import Testing

@testable import StateSchema

/// Schemas that are replaced while threads write and read: what is counted is counted exactly, and every document that is seen
/// is one of its declaration.
@Suite struct RedeclarationStressTests {
    private func counter(_ version: Int) throws -> JSONSchemaDeclaration {
        // Each version drops the former's own field and has one of its own.
        try DeclarationTests.declaration(
            """
            {"type":"object","required":["count","own\(version)"],"x-version":\(version),"properties":{
             "id":{"default":"c"},"count":{"type":"integer","default":0},"own\(version)":{"type":"boolean","default":true}}}
            """,
            named: "Counter"
        )
    }

    private func passing() throws -> JSONSchemaDeclaration {
        try DeclarationTests.declaration(
            #"{"type":"object","properties":{"id":{"default":"q"},"on":{"type":"boolean"}}}"#,
            named: "Passing"
        )
    }

    @Test func nothingIsLostAndNothingIsSeenHalf() async throws {
        let rounds = TestSupport.rounds(60)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let state = try State(cache: .store(ControlledStore()), logger: quiet, limits: .patient)
        try state.declare([try counter(1), try passing()])
        let isOver = Lock(false)
        let counted = Monitor(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await onThread {
                        while !isOver.withLock({ $0 }) {
                            try state.update(declared: "Counter", cache: Bool.random()) { model in
                                guard case .number(let number)? = model["count"], let count = number.integer(Int.self)
                                else {
                                    throw ValidationError("/count", "is not there")
                                }
                                model["count"] = .number(JSONNumber(count + 1))
                            }
                            counted.withLock { $0 += 1 }
                            counted.notifyAll()
                        }
                    }
                }
            }
            group.addTask {
                try await onThread {
                    var last: UInt64 = 0
                    while !isOver.withLock({ $0 }) {
                        let snapshot = try #require(state.snapshot(of: "Counter"))
                        #expect(snapshot.revision >= last)
                        last = snapshot.revision
                        guard case .object(let fields) = try JSONValue(parsing: snapshot.document) else { continue }
                        #expect(fields.count == 3 && fields.keys[2].hasPrefix("own"))
                    }
                }
            }
            group.addTask {
                try await onThread {
                    while !isOver.withLock({ $0 }) {
                        do {
                            try state.update(declared: "Passing", cache: true) { $0["on"] = .bool(.random()) }
                        } catch let error as StateError where error.code == .notLoaded {}
                    }
                }
            }
            group.addTask {
                // A patch of nothing has the whole document checked, against whatever is declared then.
                while !isOver.withLock({ $0 }) {
                    _ = try await withCheckedThrowingContinuation { continuation in
                        state.write([DocumentWrite("Counter", .merge(JSONObject()))]) { continuation.resume(with: $0) }
                    }
                }
            }
            group.addTask {
                defer { isOver.withLock { $0 = true } }
                try await onThread {
                    for round in 2...(rounds + 2) {
                        // Each declaration comes while the writers are at work.
                        let count = counted.withLock { $0 }
                        try #require(counted.wait(upTo: patience) { $0 > count ? true : nil } == true)
                        let others = round % 2 == 0 ? [] : [try passing()]
                        try state.declare([try counter(round)] + others)
                        #expect(throws: DeclarationError.self) { try state.declare([try counter(1)]) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let document = try state.checkout(declared: "Counter").fields
        #expect(document["count"] == .number(JSONNumber(counted.withLock { $0 })))
        #expect(document["own\(rounds + 2)"] == true && document.count == 3)
    }
}
