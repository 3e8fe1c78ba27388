import Foundation
@testable import Myosin
import Testing

/// Types with their own form in documents.
@Suite struct DocumentRepresentableTests {
    /// An amount in cents, whose form is a text such as `12.50`.
    struct Money: DocumentRepresentable, Hashable, Comparable {
        var cents: Int

        static func < (left: Money, right: Money) -> Bool { left.cents < right.cents }

        static var documentSchema: JSONValue { ["type": "string"] }
        static var documentPlaceholder: Money? { Money(cents: 0) }

        func documentValue() throws(ValidationError) -> JSONValue {
            if cents < 0 { throw ValidationError("", "is negative", code: .range) }
            return .string("\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)")
        }

        init(cents: Int) { self.cents = cents }

        init(documentValue: JSONValue) throws(ValidationError) {
            guard case .string(let text) = documentValue, let cents = Int(text.filter { $0 != "." }) else {
                throw ValidationError("", "must be an amount, got \(documentValue.mention)", code: .format)
            }
            self.init(cents: cents)
        }
    }

    /// A point, whose form is an object with other names than its properties; without a placeholder.
    private struct Spot: DocumentRepresentable, Hashable {
        var x, y: Int

        static var documentSchema: JSONValue { ["type": "object"] }

        func documentValue() -> JSONValue { ["right": .number(JSONNumber(x)), "up": .number(JSONNumber(y))] }

        init(x: Int, y: Int) { (self.x, self.y) = (x, y) }

        init(documentValue: JSONValue) throws(ValidationError) {
            guard case .object(let object) = documentValue else { throw ValidationError("", "must be a spot") }
            var (numbers, faults) = ([Int](), [ValidationError.Fault]())
            for name in ["right", "up"] {
                if case .number(let number)? = object[name], let whole = number.integer(Int.self) {
                    numbers.append(whole)
                } else {
                    faults.append(.init(pointer: "/\(name)", detail: "must be a whole number", code: .type))
                }
            }
            if !faults.isEmpty { throw ValidationError(faults) }
            self.init(x: numbers[0], y: numbers[1])
        }
    }

    private struct Box<Content: Codable & Hashable & Sendable>: Codable, Hashable { var content: Content }

    /// Encodes its content as if it were not there.
    private struct Bare: Codable, Hashable {
        var money: Money

        init(_ money: Money) { self.money = money }
        init(from decoder: any Decoder) throws { money = try decoder.singleValueContainer().decode(Money.self) }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(money)
        }
    }

    private enum Payment: Codable, Hashable { case none, cash(Money), card(amount: Money, holder: String?) }

    private struct Pair: Codable, Hashable {
        var first: Money
        var second: Money?

        init(_ first: Money, _ second: Money?) { (self.first, self.second) = (first, second) }
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            first = try container.decode(Money.self)
            second = try container.decodeIfPresent(Money.self)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(first)
            if let second { try container.encode(second) } else { try container.encodeNil() }
        }
    }

    private func expect<Value: Codable & Sendable & Equatable>(_ value: Value, _ text: String) throws {
        let tree = try Field(value).document()
        #expect(tree["value"]?.description == text)
        let written = String(decoding: try DocumentWriter.text(of: Field(value)), as: UTF8.self)
        #expect(written == JSONValue.object(tree).description)
        #expect(try Field<Value>(document: tree).value == value)
    }

    private func faults<Value: Codable & Sendable & Equatable>(_ type: Value.Type, _ value: String) throws -> [String] {
        let document = try JSONValue(parsing: #"{"id":"f","value":\#(value)}"#)
        return DocumentDecoder.faults(of: Field<Value>.self, in: document).map { "\($0.pointer) \($0.detail)" }
    }

    private static let money = Money(cents: 1_250)

    @Test func theFormIsUsedWhereverAValueStands() throws {
        let money = Self.money
        try expect(money, #""12.50""#)
        try expect(Spot(x: 1, y: -2), #"{"right":1,"up":-2}"#)
        try expect(Money?.some(money), #""12.50""#)
        try expect(Money?.none, "null")
        try expect([money, Money(cents: 5)], #"["12.50","0.05"]"#)
        try expect([money, nil], #"["12.50",null]"#)
        try expect(["b": money, "a": Money(cents: 1)], #"{"a":"0.01","b":"12.50"}"#)
        try expect(Set([money, Money(cents: 7)]), #"["0.07","12.50"]"#)
        try expect(Box(content: money), #"{"content":"12.50"}"#)
        try expect(Box(content: Box(content: Spot?.none)), #"{"content":{"content":null}}"#)
        try expect(Bare(money), #""12.50""#)
        try expect([Bare(money)], #"["12.50"]"#)
        try expect(Payment.cash(money), #"{"cash":{"_0":"12.50"}}"#)
        try expect(Payment.card(amount: money, holder: nil), #"{"card":{"amount":"12.50","holder":null}}"#)
        try expect(Pair(money, nil), #"["12.50",null]"#)
        try expect(Pair(money, money), #"["12.50","12.50"]"#)
        try expect(Money(cents: 1)..<Money(cents: 2), #"["0.01","0.02"]"#)
    }

    @Test func keysWithATextAreTheNamesOfAnObject() throws {
        try expect([Self.money: 1, Money(cents: 5): 2], #"{"0.05":2,"12.50":1}"#)
        try expect([Self.money: [Self.money: [Self.money]]], #"{"12.50":{"12.50":["12.50"]}}"#)
        try expect([Money: Int](), "{}")
        // Others stand before their values, as `Codable` has them.
        try expect([Spot(x: 1, y: 2): Self.money], #"[{"right":1,"up":2},"12.50"]"#)
    }

    @Test func faultsHaveThePlaceWithinTheValue() throws {
        #expect(try faults(Money.self, "1") == ["/value must be an amount, got 1"])
        #expect(
            try faults([Money].self, #"["1.00",null,"x"]"#) == [
                "/value/1 must be an amount, got null", "/value/2 must be an amount, got a string",
            ]
        )
        #expect(
            try faults([Spot].self, #"[{"right":1,"up":2},{"right":true}]"#) == [
                "/value/1/right must be a whole number", "/value/1/up must be a whole number",
            ]
        )
        #expect(
            try faults([Money: Int].self, #"{"a/b":1,"1.00":true}"#) == [
                "/value/a~1b must be an amount, got a string", "/value/1.00 must be an integer, got true",
            ]
        )
        #expect(
            try faults([Money: Int].self, #"{"1.00":1,"10.0":2}"#) == ["/value/10.0 is the same key as \"1.00\""]
        )
        #expect(try faults([Money: Int].self, "[]") == ["/value must be an object, got an array"])
        #expect(try faults(Payment.self, #"{"cash":{"_0":7}}"#) == ["/value/cash/_0 must be an amount, got 7"])
        #expect(try faults(Bare.self, "7") == ["/value must be an amount, got 7"])
    }

    /// A placeholder keeps the other faults of the object in sight; it is no value that the type has not given.
    @Test func oneFaultHidesNoOther() throws {
        struct Bill: Codable, Sendable, Equatable {
            var amount: Money
            var tip: Money
            var table: Int
        }
        #expect(
            try faults(Bill.self, #"{"amount":1,"table":"x"}"#) == [
                "/value/amount must be an amount, got 1", "/value/tip is missing",
                "/value/table must be an integer, got a string",
            ]
        )
    }

    /// It would be a placeholder that leaves the decoder.
    @Test func anErrorWithoutFaultsIsAFault() throws {
        struct Silent: DocumentRepresentable, Equatable {
            static var documentSchema: JSONValue { [:] }
            static var documentPlaceholder: Silent? { Silent() }
            init() {}
            func documentValue() -> JSONValue { nil }
            init(documentValue: JSONValue) throws(ValidationError) { throw ValidationError([]) }
        }
        #expect(try faults(Silent.self, "1") == ["/value is not valid"])
    }

    @Test func aValueWithoutAFormIsRefusedWithItsPlace() throws {
        func refusal(_ value: some Codable & Sendable & Equatable) -> String? {
            let tree = #expect(throws: ValidationError.self) { try Field(value).document() }?.description
            let text = #expect(throws: ValidationError.self) { try DocumentWriter.text(of: Field(value)) }?.description
            #expect(text == tree)
            return text
        }
        let negative = Money(cents: -1)
        #expect(refusal(negative) == "/value is negative")
        #expect(refusal([[Self.money], [Self.money, negative]]) == "/value/1/1 is negative")
        #expect(refusal(["a": Box(content: negative)]) == "/value/a/content is negative")
        #expect(refusal([negative: 1]) == "/value is negative")
        struct Wallet: StateModel {
            var id = ModelID()
            var value: Money
        }
        let state = try State()
        try state.load(Wallet(value: Self.money))
        let error = #expect(throws: StateError.self) { try state.update(Wallet.self) { $0.value = negative } }
        #expect(error?.code == .invalid)
    }

    @Test func aModelMayHaveAFormOfItsOwn() throws {
        struct Flat: StateModel, DocumentRepresentable {
            var id: ModelID = "f"
            var number = 1

            static var documentSchema: JSONValue { ["type": "object"] }
            func documentValue() -> JSONValue { ["n": .number(JSONNumber(number)), "id": id.json] }
            init() {}
            init(documentValue: JSONValue) throws(ValidationError) {
                guard case .object(let object) = documentValue, case .number(let number)? = object["n"],
                    let whole = number.integer(Int.self)
                else { throw ValidationError("/n", "must be a whole number") }
                self.number = whole
            }
        }
        let state = try State()
        try state.load(Flat())
        try state.update(Flat.self) { $0.number = 2 }
        #expect(String(decoding: try DocumentWriter.text(of: Flat()), as: UTF8.self) == #"{"id":"f","n":1}"#)
        #expect(try DocumentDecoder.decode(Flat.self, from: ["id": "f", "n": 3]).number == 3)
        #expect(DocumentDecoder.faults(of: Flat.self, in: ["n": "x"]).map(\.pointer) == ["/n"])
    }

    /// Other encoders see what `Codable` has.
    @Test func otherEncodersUseCodable() throws {
        #expect(String(decoding: try JSONEncoder().encode([Self.money]), as: UTF8.self) == #"[{"cents":1250}]"#)
    }

    @Test func typesOfFoundationAreKnownByTheirNames() {
        for name in ["FoundationEssentials.Date", "Foundation.Date", "Foundation.UUID", "FoundationEssentials.Decimal"]
        {
            #expect(ForeignType.refusal(ofTypeNamed: name)?.contains("import MyosinFoundation") == true, "\(name)")
        }
        #expect(
            ForeignType.refusal(ofTypeNamed: "Foundation.Measurement<Foundation.UnitLength>")?.contains("x-unit")
                == true
        )
        for name in ["Swift.Int", "My.Date", "FoundationEssentials.Locale.Language", "Foundation.CGPoint", "Date", ""] {
            #expect(ForeignType.refusal(ofTypeNamed: name) == nil, "\(name)")
        }
    }

    /// Their `Codable` ends the process on some documents.
    @Test func typesThatCannotBeReadSafelyAreRefused() {
        func refusal(_ value: some Codable & Sendable & Equatable) -> String? {
            #expect(throws: ValidationError.self) { try DocumentWriter.text(of: Field(value)) }?.faults.first?.detail
        }
        #expect(refusal(IndexSet([1]))?.contains("use a Set<Int>") == true)
        #expect(refusal([IndexSet]())?.contains("use a Set<Int>") == true)
        #expect(refusal(IndexSet?.none)?.contains("use a Set<Int>") == true)
        #expect(refusal(["a": [CharacterSet]()])?.contains("use a String") == true)
        #expect(refusal(Measurement(value: 1, unit: UnitLength.meters))?.contains("use a Double") == true)
        let document: JSONValue = ["id": "f", "value": nil]
        #expect(DocumentDecoder.faults(of: Field<IndexSet?>.self, in: document).map(\.pointer) == ["/value"])
    }
}
