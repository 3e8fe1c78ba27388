import Foundation
import Myosin
import MyosinFoundation
import TestSupport
import Testing

/// The code of the manual of MyosinFoundation.
@Suite struct MyosinFoundationTests {
    // DOC begins
    struct Door: StateModel {
        var id: ModelID = "front"
        var openedAt: Date?
        var key = Data()
        var page: URL?
        var price = Decimal(string: "12.30")
        var guests: [UUID: Date] = [:]
    }
    // DOC ends

    // DOC begins
    struct Price: DocumentRepresentable, Equatable {
        var cents: Int

        static var documentSchema: JSONValue { ["type": "number", "x-unit": "euros"] }

        init(cents: Int) { self.cents = cents }

        func documentValue() throws(ValidationError) -> JSONValue {
            try (Decimal(cents) / 100).documentValue()
        }

        init(documentValue: JSONValue) throws(ValidationError) {
            let euros = try Decimal(documentValue: documentValue)
            guard let cents = Int("\(euros * 100)") else {
                throw ValidationError("", "must be a number of euros with up to two decimals", code: .multiple)
            }
            self.cents = cents
        }
    }
    // DOC ends

    struct Ticket: StateModel {
        var id: ModelID = "t"
        var price = Price(cents: 1_250)
    }

    private func json(_ model: String, of state: State) throws -> JSONValue {
        try JSONValue(parsing: try #require(state.snapshot(of: model)).document)
    }

    @Test func theDocumentIsTheOneThatIsShown() throws {
        let state = try State()
        try state.load(Door())
        try state.update(Door.self) { door in
            door.openedAt = Date(timeIntervalSince1970: 1_769_860_800.25)
            door.key = Data("Hello".utf8)
            door.page = URL(string: "https://example.com/door")
            door.guests[try #require(UUID(uuidString: "F72C1643-FE23-4E82-AB47-4791F0713C47"))] =
                Date(timeIntervalSince1970: 1_769_860_800)
        }
        let article = try Article("Sources/MyosinFoundation/MyosinFoundation.docc/MyosinFoundation.md").text
        let start = try #require(article.range(of: "```json\n")?.upperBound)
        let end = try #require(article.range(of: "```", range: start..<article.endIndex)?.lowerBound)
        #expect(try json("Door", of: state) == JSONValue(parsing: String(article[start..<end])))
    }

    @Test func aTypeOfYourOwnHasItsForm() throws {
        let state = try State()
        try state.load(Ticket())
        #expect(try json("Ticket", of: state) == ["id": "t", "price": 12.5])
        #expect(try Price(documentValue: 12.99) == Price(cents: 1_299))
        #expect(throws: ValidationError.self) { try Price(documentValue: 12.999) }
    }
}
