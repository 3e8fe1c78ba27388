import Myosin
import StateSchema
import Testing

/// What is learned of samples, and how much of it.
@Suite struct LearningTests {
    private struct Point: Codable, Equatable { var x: Int8 = 1 }

    private struct Sampled: StateModel {
        var id: ModelID = "s"
        var point: Point?
        var note = ""

        static let samples = (0..<40)
            .map { Self(id: ModelID($0), point: Point(x: Int8($0)), note: String(repeating: "n", count: 1_000)) }
    }

    @Test func samplesAreTheExamplesWithoutTheirIdentity() {
        let derivation = ModelDerivation(of: Sampled())
        guard case .array(let examples)? = derivation.document["examples"] else {
            Issue.record("there are no examples")
            return
        }
        #expect(examples.count == 10)
        #expect(examples[2].value(at: ["point", "x"]) == 2 && examples[2].value(at: ["id"]) == nil)
        #expect(derivation.unlearned.isEmpty)
        for example in examples { #expect(derivation.node.accepts(example)) }
    }

    private struct Table: StateModel {
        var id: ModelID = "t"
        var points: [String: Point] = [:]
        var weights: [String: Double] = [:]
    }

    /// With a look at each name for each other name this takes minutes.
    @Test(.timeLimit(.minutes(1))) func veryManyNamesAreLearnedAtOnce() {
        let names = (0..<100_000).map { "name\($0)" }
        let table = Table(
            points: Dictionary(uniqueKeysWithValues: names.prefix(15_000).map { ($0, Point()) }),
            weights: Dictionary(uniqueKeysWithValues: names.map { ($0, 1) })
        )
        let derivation = ModelDerivation(of: table)
        let properties = derivation.document["properties"]
        #expect(properties?.value(at: ["weights", "additionalProperties", "type"]) == "number")
        #expect(
            properties?.value(at: ["points", "additionalProperties", "properties", "x", "type"]) == "integer"
        )
    }

    /// Objects and texts, as it finds out by trial.
    private struct Mixed: Codable, Equatable {
        private enum Key: String, CodingKey { case n }
        var texts: [String] = ["a"]

        init() {}
        init(from decoder: any Decoder) throws {
            texts = []
            var list = try decoder.unkeyedContainer()
            while !list.isAtEnd {
                if let fields = try? list.nestedContainer(keyedBy: Key.self) {
                    texts.append(try fields.decode(String.self, forKey: .n))
                } else {
                    texts.append(try list.decode(String.self))
                }
            }
        }
        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            for text in texts { try list.encode(text) }
        }
    }

    private struct Trying: StateModel {
        var id: ModelID = "t"
        var mixed = Mixed()
        var level: Int8 = 1
    }

    @Test func aTrialThatFailsLeavesTheElement() {
        let derivation = ModelDerivation(of: Trying())
        #expect(derivation.document["properties"]?.value(at: ["level", "type"]) == "integer")
    }

    private struct Heavy: StateModel {
        var id: ModelID = "h"
        var note = ""

        static let samples = (0..<5).map { Self(note: String(repeating: "\($0)", count: 6_000)) }
    }

    @Test func examplesHaveNoMoreBytesThanALimit() {
        guard case .array(let examples)? = ModelDerivation(of: Heavy()).document["examples"] else {
            Issue.record("there are no examples")
            return
        }
        #expect(examples.count == 2)
    }

    private struct Chosen: StateModel {
        var id: ModelID = "c"
        var point: Point?

        static let samples = [Self(point: Point())]
        static var schema: JSONValue { ["examples": [["point": ["x": 7]]]] }
    }

    @Test func examplesOfTheTypeItselfGoFirst() {
        #expect(ModelDerivation(of: Chosen()).document["examples"] == [["point": ["x": 7]]])
    }

    /// Counts the values that its type is given.
    private struct Counted: Codable, Equatable {
        nonisolated(unsafe) static var count = 0  // Only one test uses it.
        var x: Int8 = 1
        init() {}
        init(from decoder: any Decoder) throws {
            Self.count += 1
            x = try decoder.container(keyedBy: CodingKeys.self).decode(Int8.self, forKey: .x)
        }
    }

    private struct Long: StateModel {
        var id: ModelID = "l"
        var route: [Counted]
        var last = Counted()
    }

    @Test func longDefaultsAreReadOnceAndLearnedFromTheirBeginning() {
        let derivation = ModelDerivation(of: Long(route: Array(repeating: Counted(), count: 50_000)))
        #expect(derivation.unlearned.isEmpty)
        #expect(Counted.count == 50_001)
        #expect(
            derivation.document["properties"]?.value(at: ["last"])
                == derivation.document["properties"]?.value(at: ["route", "items"])
        )
    }

    /// Has the form of another type in documents.
    private struct Stamp: DocumentRepresentable, Equatable {
        var seconds = 0.5
        static var documentSchema: JSONValue { ["type": "string", "format": "date-time"] }
        init() {}
        func documentValue() throws(ValidationError) -> JSONValue { "1970-01-01T00:00:00Z" }
        init(documentValue: JSONValue) throws(ValidationError) {}
    }

    private struct Stamped: StateModel {
        var id: ModelID = "s"
        var at = Stamp()
        var maybe: Stamp?
        var all: [Stamp] = []
    }

    @Test func aTypeWithAFormOfItsOwnHasItsSchema() {
        let properties = ModelDerivation(of: Stamped()).document["properties"]
        #expect(properties?.value(at: ["at"]) == Stamp.documentSchema)
        #expect(properties?.value(at: ["maybe"]) == ["type": ["string", "null"], "format": "date-time"])
        #expect(properties?.value(at: ["all", "items"]) == Stamp.documentSchema)
    }

    private enum Wide: Int, Codable, CaseIterable {
        case only

        static var allCases: [Wide] { Array(repeating: .only, count: 5_000) }
    }

    private struct Wides: StateModel {
        var id: ModelID = "w"
        var wide = Wide.only
    }

    @Test func enumerationsOfVeryManyCasesAreKnownByTheirType() {
        #expect(ModelDerivation(of: Wides()).document["properties"]?.value(at: ["wide", "type"]) == "integer")
        #expect(ModelDerivation(of: Wides()).document["properties"]?.value(at: ["wide", "enum"]) == nil)
    }

    private struct Inner: Codable, Equatable {
        var a = 1.5
        var deep: Point?
    }

    private struct Wave: StateModel {
        var id: ModelID = "w"
        var wave: [Double] = []
        var grid: [[Int8?]] = []
        var points: [[Point]] = []
        var inner = Inner(deep: Point())
        var inners = [[Inner()]]
    }

    @Test(arguments: [
        Wave(wave: Array(repeating: 0.5, count: 20_010)),
        Wave(grid: Array(repeating: [1], count: 20_010)),
        Wave(points: Array(repeating: Array(repeating: Point(), count: 1_000), count: 21)),
    ])
    private func longArraysTakeNoSchemaFromOtherFields(_ defaults: Wave) {
        let derivation = ModelDerivation(of: defaults)
        #expect(derivation.unlearned.filter { !$0.pointer.hasPrefix("/points") } == [])
        let properties = derivation.document["properties"]
        for path in [["inner"], ["inners", "items", "items"]] {
            #expect(properties?.value(at: path + ["properties", "a", "type"]) == "number")
            #expect(properties?.value(at: path + ["properties", "deep", "properties", "x", "type"]) == "integer")
        }
    }

    /// Counts the values from which its type is learned.
    private struct Observed: Codable, Equatable {
        nonisolated(unsafe) static var count = 0  // Only one test uses it.
        var x: Int8 = 1
        init() {}
        init(from decoder: any Decoder) throws {
            if "\(type(of: decoder))" == "LearningDecoder" { Self.count += 1 }
            x = try decoder.container(keyedBy: CodingKeys.self).decode(Int8.self, forKey: .x)
        }
    }

    private struct Crowd: StateModel {
        var id: ModelID = "c"
        var list = Array(repeating: Observed(), count: 3_000)
        var byName = Dictionary(uniqueKeysWithValues: (0..<3_000).map { ("\($0)", Observed()) })
        var grid = Array(repeating: Array(repeating: Observed(), count: 200), count: 110)
    }

    @Test func onlySomeValuesOfLongCollectionsAreLearned() {
        let derivation = ModelDerivation(of: Crowd())
        #expect(derivation.unlearned.isEmpty)
        #expect(Observed.count > 2_000 && Observed.count <= 20_000)
    }

    private struct Route: StateModel {
        var id: ModelID = "r"
        var route: [Inner] = []
        var last: [[Inner]] = []

        init(_ count: Int) { route = Array(repeating: Inner(), count: count) + [Inner(deep: Point())] }
    }

    @Test func aFieldWithoutAnEarlyValueHasThatReason() {
        #expect(ModelDerivation(of: Route(999)).unlearned.isEmpty)
        let unlearned = ModelDerivation(of: Route(1_000)).unlearned
        #expect(unlearned.map(\.pointer) == ["/route/{index}/deep", "/last/{index}/{index}/deep"])
        #expect(unlearned.allSatisfy { $0.reason == .noEarlyValue })
    }

    private struct SampledRoute: StateModel {
        var id: ModelID = "r"
        var points: [[Inner]] = Array(repeating: Array(repeating: Inner(), count: 1_000), count: 21)

        static let samples = [Self(points: [[Inner(deep: Point())]])]
    }

    @Test func aSampleIsLearnedAfterLongDefaults() { #expect(ModelDerivation(of: SampledRoute()).unlearned.isEmpty) }
}
