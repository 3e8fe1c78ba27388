import Myosin
import TestSupport
import Testing

/// `ValidationError(\Self.litres, …)` points at the field as it is encoded.
@Suite struct FieldPathTests {
    struct Inner: Codable, Equatable {
        enum CodingKeys: String, CodingKey {
            case b = "inner_b"
            case c
        }
        var b = 0
        var c = 0
        /// Traps when it gets a value.
        var twice: Int {
            get { 2 * b }
            set { preconditionFailure("\(newValue) was not written by the user") }
        }
    }

    @propertyWrapper struct Clamped: Codable, Equatable {
        private var value = 0
        var wrappedValue: Int {
            get { value }
            set {
                precondition(newValue >= 5, "user code must not get values that the user did not write")
                value = newValue
            }
        }
        init(wrappedValue: Int) { value = wrappedValue }
        init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int.self) }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(value)
        }
    }

    enum Mode: String, Codable, CaseIterable { case on, off }

    struct Tank: StateModel {
        enum CodingKeys: String, CodingKey {
            case id, inner, maybe, list, map, mode, note, fixed, other, swapped, twin, level, series, table
            case litres = "volume_l"
            case pressure = "p"
        }
        var id: ModelID = 1
        var litres = 0.0
        var pressure = 0.0
        var inner = Inner()
        var maybe: Inner? = Inner()
        var list = [0, 0, 0]
        var series: [Inner] = [Inner(), Inner()]
        var map = ["a/b": 1]
        var table = ["a": Inner()]
        var mode = Mode.on
        var note: String?
        let fixed: Int16 = 7
        let other: Int8 = 7
        // The encoded names of these two are each other's Swift names, and they are equal.
        var swapped: Float = 1
        var twin: Float = 1
        @Clamped var level = 7
        /// Not encoded.
        var cached = 1
        /// Not encoded, and equal to a field that is.
        let spare: Int16 = 7
        var gallons: Double { litres / 3.785 }
        var bars: Double {
            get { pressure }
            set { preconditionFailure("\(newValue) was not written by the user") }
        }

        init() {}
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(ModelID.self, forKey: .id)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(litres, forKey: .litres)
            try container.encode(pressure, forKey: .pressure)
            try container.encode(inner, forKey: .inner)
            try container.encode(maybe, forKey: .maybe)
            try container.encode(list, forKey: .list)
            try container.encode(series, forKey: .series)
            try container.encode(map, forKey: .map)
            try container.encode(table, forKey: .table)
            try container.encode(mode, forKey: .mode)
            try container.encode(note, forKey: .note)
            try container.encode(fixed, forKey: .fixed)
            try container.encode(other, forKey: .other)
            try container.encode(swapped, forKey: .twin)
            try container.encode(twin, forKey: .swapped)
            try container.encode(_level, forKey: .level)
        }
    }

    /// Like the tank, with every property a field, so that the values tell which one is renamed.
    struct Cask: StateModel {
        enum CodingKeys: String, CodingKey {
            case pressure = "p"
            case id, inner, maybe, list, swapped, twin, name, series, table
            case title = "heading"
            case litres = "volume_l"
        }
        var id: ModelID = 1
        var litres = 0.0
        var pressure = 1.0
        var inner = Inner(b: 1, c: 2)
        var maybe: Inner? = Inner(b: 3, c: 4)
        var list = [0, 0, 0]
        var series = [Inner(b: 1, c: 2), Inner(b: 1, c: 2)]
        var table = ["a": Inner(b: 1, c: 2), "b": Inner(b: 3, c: 2)]
        var swapped: Float = 1
        var twin: Float = 2
        var name = "a"
        var title = "b"
    }

    private func pointer<Model: StateModel, Value>(
        to path: any KeyPath<Model, Value> & Sendable,
        in model: Model
    ) -> String? {
        ValidationError(path, "is at fault").located(in: model, showing: [model]).faults.first?.pointer
    }

    private func pointer<Value>(_ path: any KeyPath<Tank, Value> & Sendable, in tank: Tank = Tank()) -> String? {
        pointer(to: path, in: tank)
    }

    private func pointer<Value>(inCask path: any KeyPath<Cask, Value> & Sendable) -> String? {
        pointer(to: path, in: Cask())
    }

    @Test func aFieldIsFoundUnderItsName() {
        #expect(pointer(\.id) == "/id" && pointer(\.mode) == "/mode" && pointer(\.note) == "/note")
        var tank = Tank()
        tank.note = "x"
        #expect(pointer(\.note, in: tank) == "/note")
    }

    @Test func aFieldIsFoundUnderItsEncodedName() {
        #expect(pointer(inCask: \.litres) == "/volume_l" && pointer(inCask: \.pressure) == "/p")
        #expect(pointer(inCask: \.title) == "/heading" && pointer(inCask: \.name) == "/name")
    }

    @Test func equalFieldsWithOtherNamesPointAtTheValueAround() {
        var cask = Cask()
        cask.pressure = 0
        #expect(pointer(to: \.litres, in: cask) == "" && pointer(to: \.pressure, in: cask) == "")
        // A value in which they differ shows the names.
        let fault = ValidationError(\Cask.litres, "is at fault").located(in: cask, showing: [cask, Cask()]).faults.first
        #expect(fault?.pointer == "/volume_l")
        // One that is renamed beside others that are not.
        cask.title = "a"
        #expect(pointer(to: \.title, in: cask) == "/heading" && pointer(to: \.name, in: cask) == "/name")
        cask.inner.c = cask.inner.b
        #expect(pointer(to: \.inner.b, in: cask) == "/inner/inner_b" && pointer(to: \.inner.c, in: cask) == "/inner/c")
    }

    @Test func namesThatWereExchangedPointAtTheValueAround() {
        var other = Tank()
        other.twin = 2
        for path in [\Tank.swapped, \Tank.twin] {
            let error = ValidationError(path, "is at fault").located(in: Tank(), showing: [Tank(), other])
            #expect(error.faults.first?.pointer == "")
        }
    }

    @Test func aRenamedFieldBesideAPropertyThatIsNoFieldPointsAtTheWhole() {
        var tank = Tank()
        (tank.litres, tank.pressure) = (1, 2)
        #expect(pointer(\.litres, in: tank) == "" && pointer(\.pressure, in: tank) == "")
    }

    @Test func aNestedFieldIsFound() {
        #expect(pointer(inCask: \.inner.b) == "/inner/inner_b" && pointer(inCask: \.inner.c) == "/inner/c")
        #expect(pointer(inCask: \.maybe!.b) == "/maybe/inner_b" && pointer(inCask: \.maybe!.c) == "/maybe/c")
        #expect(pointer(inCask: \.maybe?.c) == "/maybe/c")
        #expect(pointer(\.maybe) == "/maybe" && pointer(\.list) == "/list" && pointer(\.map) == "/map")
        var tank = Tank()
        tank.maybe?.b = 99
        #expect(pointer(\.maybe?.b, in: tank) == "/maybe/inner_b")
        tank.maybe = nil
        tank.note = "x"
        #expect(pointer(\.maybe, in: tank) == "/maybe" && pointer(\.maybe?.b, in: tank) == "/maybe")
    }

    @Test func anElementIsFound() {
        #expect(pointer(inCask: \.list[2]) == "/list/2" && pointer(inCask: \.series[1].c) == "/series/1/c")
        #expect(pointer(inCask: \.series[0].b) == "/series/0/inner_b" && pointer(\.list[2]) == "/list/2")
        // Elements that are equal as a whole have no mark.
        #expect(pointer(inCask: \.series[1]) == "/series")
        #expect(pointer(\.map["a/b"]) == "/map/a~1b" && pointer(\.map["b"]) == "/map")
        #expect(pointer(inCask: \.table["a"]!.c) == "/table/a/c")
        #expect(pointer(inCask: \.table["b"]?.b) == "/table/b/inner_b")
        #expect(pointer(inCask: \.table["a"]?.c) == "/table")
    }

    @Test func aPropertyWithCodeInsideAFieldIsNotWritten() {
        #expect(pointer(\.inner.twice) == "" && pointer(\.maybe!.twice) == "" && pointer(\.maybe?.twice) == "")
        #expect(pointer(\.series[1].twice) == "" && pointer(\.table["a"]!.twice) == "")
        #expect(pointer(\.list.written) == "" && pointer(\.list[written: 1]) == "")
    }

    @Test func aConstantThatIsNotEncodedIsNotTakenForAnother() {
        #expect(pointer(\.spare) == "")
    }

    @Test func aConstantIsFoundByItsTypeAndValue() {
        #expect(pointer(\.fixed) == "/fixed" && pointer(\.other) == "/other")
    }

    @Test func whatIsNoFieldOfTheDocumentPointsAtTheWhole() {
        #expect(pointer(\.cached) == "" && pointer(\.gallons) == "" && pointer(\.bars) == "" && pointer(\.level) == "")
        #expect(pointer(\.list.count) == "" && pointer(\.self) == "")
        struct Other: StateModel { var id = ModelID() }
        #expect(ValidationError(\Other.id, "x").located(in: Tank(), showing: [Tank()]).faults.first?.pointer == "")
    }

    @Test func anInvalidCommitNamesTheField() throws {
        struct Cistern: StateModel {
            enum CodingKeys: String, CodingKey {
                case id
                case litres = "volume_l"
            }
            var id = ModelID()
            var litres = 0.0
            func validate() throws {
                guard litres >= 0 else { throw ValidationError(\Self.litres, "must not be negative", code: .range) }
            }
        }
        let state = try State()
        try state.load(Cistern())
        let error = #expect(throws: StateError.self) { try state.update(Cistern.self) { $0.litres = -1 } }
        #expect(error?.message == "Cistern is not valid: /volume_l must not be negative.")
        let fault = ValidationError.Fault(pointer: "/volume_l", detail: "must not be negative", code: .range)
        #expect((error?.underlying as? ValidationError)?.faults == [fault])
        var document = JSONObject()
        (document["id"], document["volume_l"]) = ("c", -2)
        let read = #expect(throws: ValidationError.self) { try Cistern(document: document, showing: [Cistern()]) }
        #expect(read?.faults == [fault])
    }

    @Test func anOptionalThatTheDefaultsDoNotHaveIsFound() throws {
        struct Person: StateModel {
            enum CodingKeys: String, CodingKey {
                case id, nickname
                case motto = "saying"
            }
            var id = ModelID()
            var nickname: String?
            var motto: String?
            func validate() throws {
                if nickname == "" { throw ValidationError(\Self.nickname, "must not be empty") }
                if motto == "" { throw ValidationError(\Self.motto, "must not be empty") }
            }
        }
        func pointer(_ change: (inout Person) -> Void) throws -> String? {
            let state = try State()
            try state.load(Person())
            let error = #expect(throws: StateError.self) { try state.update(Person.self) { change(&$0) } }
            return (error?.underlying as? ValidationError)?.faults.first?.pointer
        }
        #expect(try pointer { $0.nickname = "" } == "/nickname")
        #expect(try pointer { $0.motto = "" } == "/saying")
    }

    @Test func theCompilerChecksTheField() throws {
        func errors(_ statement: String) throws -> [String] {
            try typeCheck(
                """
                import Myosin
                struct Tank: StateModel {
                    var id = ModelID(), litres = 0.0
                    func validate() throws {
                        guard litres >= 0 else { throw \(statement) }
                    }
                }
                """
            )
        }
        #expect(try errors(#"ValidationError(\Self.litres, "must not be negative")"#) == [])
        #expect(try errors(#"ValidationError(\Tank.litres, "must not be negative")"#) == [])
        let wrong = try errors(#"ValidationError(\Self.liters, "must not be negative")"#)
        #expect(wrong.count == 1 && wrong.first?.contains("has no member 'liters'") == true)
    }
}

extension [Int] {
    /// Not part of the standard library, like ``subscript(written:)``.
    fileprivate var written: Int {
        get { 0 }
        set { preconditionFailure("\(newValue) was not written by the user") }
    }

    fileprivate subscript(written index: Int) -> Int {
        get { self[index] }
        set { preconditionFailure("\(newValue) was not written by the user") }
    }
}
