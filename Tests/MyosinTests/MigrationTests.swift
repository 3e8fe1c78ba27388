import Logging
import Myosin
import TestSupport
import Testing

/// What becomes of a stored document of an older version.
@Suite struct MigrationTests {
    struct Probe: StateModel {
        enum Mode: String, Codable { case economy, comfort }
        struct Place: Codable, Equatable, Sendable {
            struct Shelf: Codable, Equatable, Sendable { var row = 1, column = 2 }
            var room = "hall"
            var shelf = Shelf()
            var note: String? = "new"
        }
        enum Target: Codable, Equatable, Sendable { case fixed(celsius: Double), free(low: Double, high: Double) }

        static var schemaVersion: Int { 3 }
        var id: ModelID = "p"
        var label = ""
        var unit = ""
        var celsius = 0.0
        var place = Place()
        var mode = Mode.comfort
        var target = Target.fixed(celsius: 20)
        var limits = ["a": 1]
        var history = [Place()]

        static func migrate(_ document: inout JSONObject, from version: Int) throws {
            if version < 2 {
                document.rename("name", to: "label")
                document["celsius"] = try JSONValue((document.double("fahrenheit") - 32) / 1.8)
                document["place", "room"] = document.remove("room")
            }
            if version < 3 {
                let words = try document.string("label").split(separator: "/")
                (document["label"], document["unit"]) = (words.first.map { .init($0) }, words.last.map { .init($0) })
                document.translate("mode", by: ["eco": "economy"])
            }
        }
    }

    private static let first = #"{"id":"q","name":"roof/K","fahrenheit":212,"room":"attic","mode":"eco","old":1}"#

    @Test func eachChangeIsOneLine() throws {
        let probe = try Probe.migrated(from: Self.first, version: 1, defaults: Probe())
        #expect(probe.id == "q" && probe.label == "roof" && probe.unit == "K" && probe.celsius == 100)
        #expect(probe.place == .init(room: "attic") && probe.mode == .economy)
        #expect(try Probe.migrated(from: "\(JSONValue.object(probe.document()))", version: 3) == probe)
    }

    private static let second =
        #"{"id":"q","label":"a/b","place":{"room":"attic","shelf":{"row":5,"gone":0},"left":{}},"target":{"free":{"low":1,"high":2}},"#
        + #""limits":{"b":2},"history":[]}"#

    @Test func nestedFieldsTakeTheirDefaultsAndUnknownOnesGo() throws {
        let log = RecordedLog()
        let store = MemoryStore(documents: ["Probe": (version: 2, Self.second)])
        let probe = try State(cache: .store(store), logger: log.logger).load(Probe())
        #expect(probe.place == .init(room: "attic", shelf: .init(row: 5, column: 2), note: "new"))
        #expect(probe.target == .free(low: 1, high: 2), "a case is not mixed with that of the default")
        #expect(probe.limits == ["b": 2] && probe.history == [], "names of a dictionary are values")
        #expect(store.documents["Probe"]?.schemaVersion == 3)
        #expect(store.documents["Probe"]?.json?["place", "shelf", "column"] == 2)
        let line = log.lines.first { $0.message.hasPrefix("A stored model is migrated") }
        #expect(line?.metadata["model.droppedFields"] == #"["/place/shelf/gone", "/place/left"]"#)
        #expect(store.quarantine.map(\.document.schemaVersion) == [2])
    }

    @Test func nothingIsFilledInsideOfArrays() throws {
        let element = #"{"room":"x","shelf":{"row":1,"column":2},"note":null,"gone":1}"#
        let text = #"{"id":"q","label":"a/b","history":[\#(element)]}"#
        #expect(try Probe.migrated(from: text, version: 2, defaults: Probe()).history == [.init(room: "x", note: nil)])
        let missing = #"{"id":"q","label":"a/b","history":[{"shelf":{"row":1,"column":2}}]}"#
        let error = #expect(throws: StateError.self) {
            try Probe.migrated(from: missing, version: 2, defaults: Probe())
        }
        #expect(error?.code == .corruptDocument)
        #expect(
            error?.message
                == "The stored Probe cannot be migrated from version 2: /history/0/room is missing. It was left as it is. "
                + "migrate(_:from:) must add /history/0/room. Or load with onCorrupt: .useDefaults, which keeps the document in "
                + "quarantine and begins with the defaults."
        )
    }

    @Test func withoutDefaultsTheMigrationAddsAll() throws {
        let error = #expect(throws: StateError.self) { try Probe.migrated(from: Self.second, version: 2) }
        let advice =
            "must add /celsius, /place/shelf/column, /mode. Or pass the program's defaults, as in "
            + "migrated(from:version:defaults:), which fill missing fields. "
        #expect(error?.message.contains(advice) == true, "\(error as Any)")
    }

    @Test(arguments: [
        (#"{"id":"q","name":"x","fahrenheit":"hot"}"#, 1, "version 1: /fahrenheit must be a number, got a string."),
        (#"{"id":"q","name":"x"}"#, 1, "version 1: /fahrenheit is missing."),
        ("[]", 1, "The stored Probe is not an object."), ("{", 1, "cannot be read: it "),
        (#"{"id":"q"}"#, 4, "has schema version 4, this program knows 3."),
        (#"{"id":"q"}"#, 3, "cannot be read: /label is missing;"),
    ])
    func anErrorIsThatOfLoad(_ text: String, _ version: Int, _ sentence: String) throws {
        let error = #expect(throws: StateError.self) {
            try Probe.migrated(from: text, version: version, defaults: Probe())
        }
        #expect(error?.message.contains(sentence) == true, "\(error as Any)")
        let state = try State(cache: .store(MemoryStore(documents: ["Probe": (version: version, text)])))
        let loading = #expect(throws: StateError.self) { try state.load(Probe()) }
        #expect(loading?.code == error?.code && loading?.message == error?.message)
    }

    @Test func aFieldThatTheTypeReadsButDoesNotWriteStays() throws {
        struct Lenient: StateModel {
            static var schemaVersion: Int { 2 }
            var id: ModelID = "l"
            var name = ""
            enum Keys: String, CodingKey { case id, name, title }
            init() {}
            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: Keys.self)
                id = try fields.decode(ModelID.self, forKey: .id)
                let title = try fields.decodeIfPresent(String.self, forKey: .title)
                name = try title ?? fields.decode(String.self, forKey: .name)
            }
            func encode(to encoder: any Encoder) throws {
                var fields = encoder.container(keyedBy: Keys.self)
                try fields.encode(id, forKey: .id)
                try fields.encode(name, forKey: .name)
            }
        }
        let text = #"{"id":"l","title":"kept"}"#
        #expect(try Lenient.migrated(from: text, version: 1, defaults: Lenient()).name == "kept")
    }
}
