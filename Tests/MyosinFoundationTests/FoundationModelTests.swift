import Foundation
import Myosin
import MyosinFoundation
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

/// A model with fields of Foundation's types, from its defaults to its metrics.
@Suite struct FoundationModelTests {
    private struct Visit: Codable, Sendable, Equatable {
        var at: Date
        var by: UUID?
    }

    private enum Event: Codable, Sendable, Equatable {
        case none
        case at(Date)
        case picture(Data, from: URL)
    }

    private struct Door: StateModel {
        var id: ModelID = "d1"
        var openedAt = Date(timeIntervalSince1970: 1.5)
        var closedAt: Date?
        var key = Data([1, 2])
        var page = URL(filePath: "/srv/")
        var price = Decimal(string: "12.30") ?? 0
        var visits: [Visit] = []
        var owners: [UUID: Visit] = [:]
        var timeout = Duration.seconds(2.5)
        var total = Int128.max

        static var samples: [Door] { [Door(visits: [Visit(at: .distantPast)], owners: [UUID(): Visit(at: .now)])] }
    }

    private struct Bell: StateModel {
        var id: ModelID = "b1"
        var event = Event.none
    }

    private static let owner = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xA))

    private static let first =
        #"{"id":"d1","openedAt":"1970-01-01T00:00:01.5Z","closedAt":null,"key":"AQI=","page":"file:///srv/","price":12.3,"#
        + #""visits":[],"owners":{},"timeout":2.5,"total":170141183460469231731687303715884105727}"#

    @Test func itsDocumentIsWhatOneWouldWrite() throws {
        let state = try State()
        try state.load(Door())
        #expect(try state.json("Door") == Self.first)
        try state.update(Door.self) { door in
            door.closedAt = Date(timeIntervalSince1970: 0)
            door.visits = [Visit(at: .distantFuture, by: Self.owner)]
            door.owners = [Self.owner: Visit(at: Date(timeIntervalSince1970: 60), by: nil)]
        }
        let text = try state.json("Door")
        let owner = "00000000-0000-0000-0000-00000000000a"
        for part in [
            #""closedAt":"1970-01-01T00:00:00Z""#, #""visits":[{"at":"4001-01-01T00:00:00Z","by":"\#(owner)"}]"#,
            #""owners":{"\#(owner)":{"at":"1970-01-01T00:01:00Z","by":null}}"#,
        ] {
            #expect(text.contains(part), "\(part)")
        }
        try state.load(Bell())
        try state.update(Bell.self) { $0.event = .picture(Data([255]), from: URL(filePath: "/p")) }
        #expect(try state.json("Bell") == #"{"id":"b1","event":{"picture":{"_0":"/w==","from":"file:///p"}}}"#)
        try state.update(Bell.self) { $0.event = .at(.distantPast) }
        #expect(try state.json("Bell") == #"{"id":"b1","event":{"at":{"_0":"0000-12-30T00:00:00Z"}}}"#)
    }

    @Test func itIsKeptByTheStore() throws {
        let directory = try TemporaryDirectory()
        let now = Date.now
        let state = try State(cache: .directory(directory.path))
        try state.load(Door())
        try state.update(Door.self, cache: true) { door in
            door.openedAt = now
            door.owners[Self.owner] = Visit(at: now, by: Self.owner)
        }
        let former = try state.checkout(Door.self).model
        state.close()
        let again = try State(cache: .directory(directory.path))
        #expect(try again.load(Door()).model == former)
        #expect(try again.checkout(Door.self).openedAt == now)
        again.close()
    }

    /// What was stored before the type had this form.
    @Test func aFormerDocumentIsAnErrorAndStays() throws {
        struct Log: StateModel {
            static var modelName: String { "Log" }
            var id: ModelID = "l"
            var at = 791_553_600.5
            var bytes: [UInt8] = [1, 2]
        }
        struct NewLog: StateModel {
            static var modelName: String { "Log" }
            var id: ModelID = "l"
            var at = Date.now
            var bytes = Data()
        }
        let directory = try TemporaryDirectory()
        let state = try State(cache: .directory(directory.path))
        try state.load(Log())
        try state.update(Log.self, cache: true) { $0.bytes = [3] }
        state.close()
        let again = try State(cache: .directory(directory.path))
        let error = #expect(throws: StateError.self) { try again.load(NewLog()) }
        #expect(error?.code == .corruptDocument)
        #expect(
            error?.message.contains("/at must be a date and time such as 2026-01-31T12:00:00Z, got 791553600.5") == true
        )
        #expect(error?.message.contains("/bytes must be bytes in base64, such as SGVsbG8=, got an array") == true)
        #expect(error?.message.contains("raise its schemaVersion") == true)
        again.close()
    }

    @Test func clientsGetAllFaultsWithTheirPlaces() throws {
        let document = try JSONValue(
            parsing: Self.first.replacing("1970-01-01T00:00:01.5Z", with: "today").replacing(#""AQI=""#, with: "[1]")
                .replacing(#""owners":{}"#, with: #""owners":{"me":{"at":"x","by":1}}"#)
                .replacing("2.5", with: #""soon""#)
        )
        let object = try #require(document.fields)
        let error = #expect(throws: ValidationError.self) { try Door(document: object) }
        #expect(
            error?.faults.map(\.pointer) == [
                "/openedAt", "/key", "/owners/me/at", "/owners/me/by", "/owners/me", "/timeout",
            ]
        )
    }

    private struct Stay: StateModel {
        var id: ModelID = "s1"
        var night = DateInterval(start: Date(timeIntervalSince1970: 0), duration: 3_600)
        var link = URLComponents()
        var zone = TimeZone(identifier: "GMT")
        var language = Locale(identifier: "de_DE")
    }

    @Test func theSchemaAcceptsTheOtherForms() throws {
        let derivation = ModelDerivation(of: Stay())
        let fields = try #require(derivation.document["properties"]?.fields)
        let duration: JSONValue = ["type": "number", "minimum": 0, "x-unit": "seconds"]
        #expect(
            fields["night"] == [
                "type": "object",
                "properties": ["start": ["type": "string", "format": "date-time"], "duration": duration],
                "required": ["start", "duration"], "additionalProperties": false,
            ]
        )
        #expect(fields["link"] == ["type": "string", "format": "uri-reference"])
        #expect(fields["zone"] == ["type": ["string", "null"]] && fields["language"] == ["type": "string"])
        let document = try JSONValue.object(Stay().document())
        #expect(derivation.node.accepts(document), "\(document)")
    }

    @Test func theSchemaHasTheFormats() throws {
        let derivation = ModelDerivation(of: Door())
        #expect(derivation.error == nil)
        let fields = try #require(derivation.document["properties"]?.fields)
        let expected: [String: JSONValue] = [
            "openedAt": ["type": "string", "format": "date-time"],
            "closedAt": ["type": ["string", "null"], "format": "date-time"],
            "key": ["type": "string", "contentEncoding": "base64"],
            "page": ["type": "string", "format": "uri-reference"],
            "price": ["type": "number"], "timeout": ["type": "number", "x-unit": "seconds"],
            "total": [
                "type": "integer", "minimum": .number(JSONNumber(Int128.min)),
                "maximum": .number(JSONNumber(Int128.max)),
            ],
        ]
        for (name, schema) in expected { #expect(fields[name] == schema, "\(name)") }
        let visit: JSONValue = [
            "type": "object",
            "properties": [
                "at": ["type": "string", "format": "date-time"], "by": ["type": ["string", "null"], "format": "uuid"],
            ],
            "required": ["at"], "additionalProperties": false,
        ]
        #expect(fields["visits"] == ["type": "array", "items": visit])
        #expect(
            fields["owners"] == [
                "type": "object", "propertyNames": ["type": "string", "format": "uuid"], "additionalProperties": visit,
            ]
        )
        #expect(derivation.node.accepts(try JSONValue(parsing: Self.first)))
    }

    @Test func datesAndDurationsHaveGaugesInSeconds() throws {
        let metrics = StateMetric.all(of: "Door", ModelDerivation(of: Door()).node)
            .map { "\($0.name) \($0.unit ?? "-")" }
        #expect(
            metrics == [
                "myosin_state_door_opened_at_timestamp_seconds seconds",
                "myosin_state_door_closed_at_timestamp_seconds seconds",
                "myosin_state_door_price -", "myosin_state_door_timeout_seconds seconds",
                "myosin_state_door_total_value -",
            ]
        )
    }
}

extension JSONValue {
    fileprivate var fields: JSONObject? { if case .object(let object) = self { object } else { nil } }
}
