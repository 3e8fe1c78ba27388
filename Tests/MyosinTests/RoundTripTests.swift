import Myosin
import Primitives
import TestSupport
import Testing

/// A commit of what could not be read again is refused at once, and not found at the next start.
@Suite struct RoundTripTests {
    private struct Free: StateModel {
        var id: ModelID = "f"
        var free: JSONValue = 0
        var table: [String: JSONValue] = [:]
    }

    private func nested(_ levels: Int) -> JSONValue { (0..<levels).reduce(0) { value, _ in [value] } }

    private func open(_ store: ControlledStore) throws -> State {
        try State(cache: .store(ControlledStore(store.kept.documents)), limits: .patient)
    }

    @Test func documentsOfTheGreatestDepthAreReadAgain() throws {
        let store = ControlledStore()
        let state = try State(cache: .store(store), limits: .patient)
        try state.load(Free())
        try state.update(Free.self, cache: true) { ($0.free, $0.table) = (nested(63), ["a": nested(62)]) }
        let restarted = try open(store)
        #expect(try restarted.load(Free()).free == nested(63))
    }

    @Test func deeperOnesAreRefusedWithTheirPlace() throws {
        let store = ControlledStore()
        let state = try State(cache: .store(store), limits: .patient)
        try state.load(Free())
        let zeros = String(repeating: "/0", count: 63)
        let tooDeep: [(String, (inout Free) -> Void)] = [
            ("/free\(zeros)", { [self] in $0.free = nested(64) }),
            ("/table/a\(zeros.dropLast(2))", { [self] in $0.table = ["a": nested(63)] }),
        ]
        for (pointer, change) in tooDeep {
            let error = #expect(throws: StateError.self) { try state.update(Free.self, cache: true) { change(&$0) } }
            #expect(error?.code == .invalid)
            #expect(error?.description.contains("\(pointer) would be nested deeper than 64 levels") == true)
        }
        #expect(store.batches.isEmpty)
    }

    /// A list that may contain itself.
    private final class Ring: Codable, Equatable, @unchecked Sendable {
        // Sendable: one test uses it, on one thread.
        var next: Ring?
        static func == (one: Ring, other: Ring) -> Bool { one.next == nil && other.next == nil }
    }

    private struct Rings: StateModel {
        var id: ModelID = "r"
        var ring = Ring()
    }

    @Test func aValueThatContainsItselfIsRefused() throws {
        let state = try State(cache: .none, limits: .patient)
        try state.load(Rings())
        let ring = Ring()
        ring.next = ring
        defer { ring.next = nil }
        let error = #expect(throws: StateError.self) { try state.update(Rings.self, cache: false) { $0.ring = ring } }
        #expect(error?.code == .invalid && error?.description.contains("nested deeper than 64 levels") == true)
    }

    /// One of its cases is not read back.
    private enum Valve: Codable, Equatable {
        case shut, open(Int8)
        enum CodingKeys: String, CodingKey { case shut, open, opened }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            if try fields.decodeIfPresent(Bool.self, forKey: .shut) == true {
                self = .shut
            } else {
                self = .open(try fields.decode(Int8.self, forKey: .open))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .shut: try fields.encode(true, forKey: .shut)
            case .open(let turns): try fields.encode(turns, forKey: .opened)
            }
        }
    }

    private struct Pipe: StateModel {
        var id: ModelID = "p"
        var valve = Valve.shut
        var flow: Int8 = 1
        var name = "n"
        var list: [Int8] = []
    }

    @Test func aValueThatIsNotReadBackIsRefusedAtItsFirstCommit() throws {
        let store = ControlledStore()
        let state = try State(cache: .store(store), limits: .patient)
        try state.load(Pipe())
        try state.update(Pipe.self, cache: true) { $0.flow = 2 }
        for isDurable in [true, false] {
            let error = #expect(throws: StateError.self) {
                try state.update(Pipe.self, cache: isDurable) { $0.valve = .open(3) }
            }
            #expect(error?.code == .invalid)
            #expect(
                error?.description
                    == "Pipe is not valid: /valve/open is read by init(from:), but encode(to:) does not write it; write it, or "
                    + "read it with decodeIfPresent; /valve/opened is written by encode(to:), but init(from:) does not read it; "
                    + "read it, or do not write it."
            )
        }
        #expect(try state.checkout(Pipe.self).valve == .shut)
        #expect(try open(store).load(Pipe()).flow == 2)
    }

    /// Reads no number below zero, no empty text and no empty list, and null as nothing.
    private struct Picky<Value: Codable & Equatable & Sendable>: StateModel {
        var id: ModelID = "p"
        var value: Value

        init(_ value: Value) { self.value = value }
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            value = try fields.decode(Value.self, forKey: .value)
            let text = "\(value)"
            if text.hasPrefix("-") || ["", "[]", "0", "nil", "false", "[:]"].contains(text) {
                throw ValidationError("/value", "is not possible")
            }
        }

        static var modelName: String { "Picky" }
    }

    private func refuses<Value: Codable & Equatable & Sendable>(_ value: Value, after first: Value) throws -> Bool {
        let state = try State(cache: .none, limits: .patient)
        try state.load(Picky(first))
        // The first commit is read back whatever it is.
        try state.update(Picky<Value>.self, cache: false) { _ in }
        do {
            try state.update(Picky<Value>.self, cache: false) { $0.value = value }
            return false
        } catch let error as StateError {
            return error.code == .invalid
        }
    }

    @Test func eachKindOfValueIsReadBackOnceInEachPlace() throws {
        #expect(try refuses(-1, after: 5))
        #expect(try refuses(0, after: 5))
        #expect(try refuses(-0.5, after: 1.5))
        #expect(try refuses("", after: "x"))
        #expect(try refuses(false, after: true))
        #expect(try refuses(Int?.none, after: 5))
        #expect(try refuses([Int](), after: [1]))
        #expect(try refuses([String: Int](), after: ["a": 1]))
        #expect(try !refuses(7, after: 5))
        #expect(try refuses(JSONValue(-1), after: 5), "a free value")
    }

    /// Many fields, or a dictionary with many names, none of which is read back with a number below zero.
    private struct Wide<Numbers: Codable & Equatable & Sendable & WideNumbers>: StateModel {
        var id: ModelID = "w"
        var numbers: Numbers

        init(_ numbers: Numbers) { self.numbers = numbers }
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            numbers = try fields.decode(Numbers.self, forKey: .numbers)
            if numbers is [String: Int] { wideReadings.withLock { $0 += 1 } }
            if numbers.hasNegative { throw ValidationError("/numbers", "are not possible") }
        }

        static var modelName: String { "Wide" }
    }

    @Test func oneOfVeryManyFieldsIsReadBackToo() throws {
        let state = try State(cache: .none, limits: .patient)
        try state.load(Wide(ManyFields()))
        try state.update(Wide<ManyFields>.self) { _ in }
        for number in 0..<ManyFields.count {
            #expect(throws: StateError.self) {
                try state.update(Wide<ManyFields>.self) { $0.numbers.values[number] = -1 }
            }
        }
    }

    @Test func theNamesOfADictionaryAreOnePlace() throws {
        let state = try State(cache: .none, limits: .patient)
        try state.load(Wide(["first": 1]))
        try state.update(Wide<[String: Int]>.self) { wide in
            for number in 0..<5_000 { wide.numbers["n\(number)"] = 1 }
        }
        let readings = wideReadings.withLock { $0 }
        try state.update(Wide<[String: Int]>.self) { $0.numbers["other"] = 1 }
        #expect(wideReadings.withLock { $0 } == readings, "another name is not another shape")
        #expect(throws: StateError.self) { try state.update(Wide<[String: Int]>.self) { $0.numbers["n7"] = -1 } }
    }

    /// Writes a set as an array, in whatever order it has.
    private struct Tags: StateModel {
        var id: ModelID = "t"
        var tags: Set<String> = []

        private enum CodingKeys: CodingKey { case id, tags }

        init(_ tags: Set<String> = []) { self.tags = tags }
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try fields.decode(ModelID.self, forKey: .id)
            tags = Set(try fields.decode([String].self, forKey: .tags))
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            // Two sets that are equal may have their elements in other orders; these always have.
            let isReversed = tagsAreReversed.withLock { isReversed in
                isReversed.toggle()
                return isReversed
            }
            try fields.encode(isReversed ? tags.sorted().reversed() : tags.sorted(), forKey: .tags)
        }
    }

    @Test func theOrderOfASetIsNotAValue() throws {
        let state = try State(cache: .store(ControlledStore()), limits: .patient)
        try state.load(Tags(["a", "b", "c"]))
        for number in 0..<5 { try state.update(Tags.self, cache: true) { $0.tags.insert("tag \(number)") } }
        #expect(try state.checkout(Tags.self).tags.count == 8)
    }

    /// A value that only some initializers refuse.
    private struct Person: StateModel {
        struct Name: Codable, Equatable {
            var text: String
            init(_ text: String) { self.text = text }
            init(from decoder: any Decoder) throws {
                text = try decoder.singleValueContainer().decode(String.self)
                if text.contains(" ") { throw ValidationError("", "must not have spaces") }
            }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(text)
            }
        }
        var id: ModelID = "p"
        var name = Name("ann")
    }

    @Test func whatTheNextStartWouldRefuseIsNotStored() throws {
        let store = MemoryStore()
        let state = try State(cache: .store(store), limits: .patient)
        try state.load(Person())
        try state.update(Person.self, cache: true) { $0.name = .init("bob") }
        let error = #expect(throws: StateError.self) {
            try state.update(Person.self, cache: true) { $0.name = .init("a b") }
        }
        #expect(error?.code == .invalid && error?.description.contains("/name is written by encode(to:)") == true)
        state.close()
        #expect(try State(cache: .store(store), limits: .patient).load(Person()).name == .init("bob"))
    }

    private struct LaterPipe: StateModel {
        static let (modelName, schemaVersion) = ("Pipe", 2)
        var id: ModelID = "p"
        var valve = Valve.shut
    }

    @Test func aMigratedValueThatIsNotReadBackIsRefused() throws {
        let text = #"{"id":"p","valve":{"open":3}}"#
        let store = MemoryStore(documents: ["Pipe": (version: 1, text)])
        let state = try State(cache: .store(store), limits: .patient)
        let error = #expect(throws: StateError.self) { try state.load(LaterPipe()) }
        #expect(
            error?.code == .invalid && error?.description.contains("/valve/opened is written by encode(to:)") == true
        )
        #expect(error?.model == "Pipe" && error?.description.contains("It was left as it is.") == true)
        let tested = #expect(throws: StateError.self) { try LaterPipe.migrated(from: text, version: 1) }
        #expect(tested?.description == error?.description)
        #expect(store.documents["Pipe"]?.json == (try JSONValue(parsing: text)))
        #expect(try state.load(LaterPipe(), onCorrupt: .useDefaults).valve == .shut)
    }
}

/// Turns with each encoding.
private let tagsAreReversed = Lock(false)

/// How often a wide dictionary was read.
private let wideReadings = Lock(0)

private protocol WideNumbers {
    var hasNegative: Bool { get }
}

extension [String: Int]: WideNumbers {
    fileprivate var hasNegative: Bool { values.contains { $0 < 0 } }
}

/// Numbers that each have a field of their own.
private struct ManyFields: Codable, Equatable, WideNumbers {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    static let count = 300
    var values = Array(repeating: 1, count: count)
    var hasNegative: Bool { values.contains { $0 < 0 } }

    init() {}
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        for index in 0..<Self.count {
            values[index] = try fields.decode(Int.self, forKey: Key(stringValue: "f\(index)"))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        for (index, value) in values.enumerated() { try fields.encode(value, forKey: Key(stringValue: "f\(index)")) }
    }
}
