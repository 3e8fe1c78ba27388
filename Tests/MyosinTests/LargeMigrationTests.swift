import Logging
import Myosin
import TestSupport
import Testing

/// Migrations that change the same fields of very many elements.
@Suite struct LargeMigrationTests {
    struct Long: StateModel {
        struct Part: Codable, Equatable, Sendable { var a = 1 }
        struct Item: Codable, Equatable, Sendable { var a = 1, parts: [Part]? }
        struct Limit: Codable, Equatable, Sendable { var low = 1, high: Int? = 2 }

        static var schemaVersion: Int { 2 }
        var id: ModelID = "l"
        var items: [Item] = []
        var limits: [String: Limit] = [:]
    }

    @Test func aFieldOfAllElementsIsNamedOnce() throws {
        let part = #"{"a":3,"old":{"deep":[1]}}"#
        let items = (0..<30).map { #"{"old":1,"a":\#($0),"older":[2],"parts":[\#(part),\#(part)]}"# }
        let text = #"{"id":"l","gone":0,"items":[\#(items.joined(separator: ","))],"limits":{}}"#
        let log = RecordedLog()
        let store = MemoryStore(documents: ["Long": (version: 1, text)])
        let long = try State(cache: .store(store), logger: log.logger).load(Long()).model
        #expect(long.items.map(\.a) == Array(0..<30))
        #expect(long.items.allSatisfy { $0.parts == [.init(a: 3), .init(a: 3)] })
        let line = log.lines.first { $0.message.hasPrefix("A stored model is migrated") }
        #expect(
            line?.metadata["model.droppedFields"]
                == #"["/gone", "/items/{index}/parts/{index}/old", "/items/{index}/old", "/items/{index}/older"]"#
        )
    }

    /// With a copy of the elements for each dropped field this does not end in time.
    @Test(.timeLimit(.minutes(1))) func fieldsOfVeryManyElementsAreDroppedInOnePass() throws {
        let item = #"{"old":1,"a":3,"older":2,"oldest":1}"#
        let items = Array(repeating: item, count: 20_000).joined(separator: ",")
        let text = #"{"id":"l","items":[\#(items)],"limits":{}}"#
        let long = try Long.migrated(from: text, version: 1, defaults: Long())
        #expect(long.items.count == 20_000 && long.items.allSatisfy { $0 == .init(a: 3) })
    }

    /// With a copy of the members for each filled field this does not end in time.
    @Test(.timeLimit(.minutes(1))) func fieldsOfVeryManyMembersAreFilledInOnePass() throws {
        let names = (0..<20_000).map { "name\($0)" }
        let members = names.map { #""\#($0)":{"low":5}"# }
        let text = #"{"id":"l","items":[],"limits":{\#(members.joined(separator: ","))}}"#
        let defaults = Long(limits: Dictionary(uniqueKeysWithValues: names.map { ($0, .init()) }))
        let limits = try Long.migrated(from: text, version: 1, defaults: defaults).limits
        #expect(limits.count == 20_000 && limits.values.allSatisfy { $0 == .init(low: 5, high: 2) })
    }

    @Test func theLogNamesTwentyDroppedFields() throws {
        let fields = (0..<25).map { #""old\#($0)":0"# }.joined(separator: ",")
        let log = RecordedLog()
        let store = MemoryStore(documents: ["Long": (version: 1, #"{"id":"l","items":[],"limits":{},\#(fields)}"#)])
        _ = try State(cache: .store(store), logger: log.logger).load(Long())
        let names = (0..<20).map { "\"/old\($0)\"" }.joined(separator: ", ")
        let line = log.lines.first { $0.message.hasPrefix("A stored model is migrated") }
        #expect(line?.metadata["model.droppedFields"]?.description == "[\(names), …]")
    }
}
