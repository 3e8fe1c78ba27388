import HTTPTypes
import MicroHTTP
import Myosin
import Testing

@testable import MyosinService

/// A write, and the model that it leaves.
struct Write: Sendable, CustomTestStringConvertible {
    let call: Call
    var status = 200
    /// The body of the answer, without the line end.
    var body: String
    /// The document of the model afterwards.
    var document: String
    var revision = 5

    var testDescription: String { "\(call.method) \(call.path) \(String(decoding: call.body ?? [], as: UTF8.self))" }
}

/// Merge patches, fields and defaults of one model.
@Suite struct WriteTests {
    @Test(arguments: Write.patches + Write.fields + Write.defaults, Way.allCases)
    func writesAreAnsweredWithWhatTheyMade(_ write: Write, _ way: Way) throws {
        let fixture = try Fixture(way)
        let reply = try fixture.reply(to: write.call)
        #expect(reply.status == write.status)
        #expect(reply.text == write.body + (write.body.isEmpty ? "" : "\n"))
        #expect(reply.fields[.revision] == "k3f9-\(write.revision)")
        #expect(reply.fields[.lastModified] != nil)
        #expect(reply.fields[.eTag] == nil)
        #expect(reply.fields[.contentType] == (write.status == 204 ? nil : "application/json"))
        let model = write.call.path.split(separator: "/")[1]
        let after = try fixture.reply(to: .get("/state/\(model)"))
        #expect(after.text == write.document + "\n")
        #expect(after.fields[.eTag] == "\"k3f9-\(write.revision)\"")
    }

    @Test(arguments: Failure.patches + Failure.fields + Failure.required, Way.allCases)
    func wrongWritesAreRefused(_ failure: Failure, _ way: Way) throws {
        let fixture = try Fixture(way)
        try fixture.state.load(Guarded())
        let before = try fixture.reply(to: .get("/state"))
        let reply = try fixture.reply(to: failure.call)
        try failure.check(reply)
        let after = try fixture.reply(to: .get("/state"))
        #expect(after.text == before.text && after.fields[.eTag] == before.fields[.eTag])
    }

    /// The slash and the mark would be one character together.
    @Test func aNameMayBeginWithACombiningMark() {
        #expect(FieldPath("limits/\u{301}x").steps == ["limits", "\u{301}x"])
    }

    @Test(arguments: Way.allCases) func aDocumentThatIsKeptByteForByteHasItsTag(way: Way) throws {
        let reply = try Fixture(way).reply(to: .put("/state/User", Text.newUser + "\n"))
        #expect(reply.fields[.eTag] == "\"k3f9-5\"" && reply.fields[.revision] == "k3f9-5")
    }

    @Test(
        arguments: [
            "return=minimal", "Return=Minimal", "respond-async, return=minimal; foo", "return=\"minimal\"",
        ],
        Way.allCases
    )
    func aMinimalAnswerHasNoDocument(preference: String, way: Way) throws {
        for call in [
            Call.put("/state/User", Text.newUser, (.prefer, preference)),
            .patch("/state/User", #"{"name":"cS"}"#, (.prefer, preference)),
            .put("/state/User/name", "\"cS\"", (.prefer, preference)),
            .patch("/state", #"{"User":{"name":"cS"}}"#, (.prefer, preference)),
        ] {
            let reply = try Fixture(way).reply(to: call)
            #expect(reply.status == 204 && reply.text == "" && reply.fields[.contentType] == nil)
            #expect(reply.fields[.preferenceApplied] == "return=minimal")
            #expect(reply.fields[.revision] == "k3f9-5")
        }
    }

    @Test(arguments: Way.allCases) func arraysAreNotMadeByPuttingElements(way: Way) throws {
        let fixture = try Fixture(way)
        try fixture.state.load(Schedule())
        for (path, reason) in [
            ("days/friday/0", "Schedule/days has no \"friday\" now"), ("holidays/0", "Schedule/holidays is null"),
            ("days/monday/2", "Schedule/days/monday has 2 elements, and the first is 0"),
        ] {
            let refused = try Refused(try fixture.reply(to: .put("/state/Schedule/\(path)", "9")))
            #expect(refused.status == 404 && refused.detail == "There is no Schedule/\(path): \(reason).")
        }
        let entry = try fixture.reply(to: .put("/state/Schedule/days/friday", "[9]"))
        #expect(entry.status == 200 && entry.text == "[9]\n")
        #expect(try fixture.reply(to: .put("/state/Schedule/days/friday/0", "10")).status == 200)
    }

    @Test func aModelThatHasGoneSinceItWasLookedUpHasNoField() throws {
        let fixture = try Fixture(.declared)
        let snapshot = try #require(fixture.state.snapshot(of: "Counter"))
        let schemas = SchemaCache(of: fixture.state, ServiceURL(ServiceConfiguration()))
        let call = Call.put("/state/Counter/count", "7")
        func problem() -> Problem? {
            schemas.unwritableField(
                FieldPath("count"),
                of: snapshot,
                readsDocument: true,
                Request(call.owned(listener: Place.loopback.bound))
            )
        }
        #expect(problem() == nil)
        try fixture.state.declare(DeclaredModels.all(["User"]))
        let refused = try #require(problem())
        #expect(refused.status == .notFound && refused.detail.hasPrefix("There is no model Counter."))
    }

    @Test(arguments: Way.allCases) func theRevisionOfAnAnswerIsTheNextCondition(way: Way) throws {
        let fixture = try Fixture(way)
        var revision = "k3f9-4"
        for count in 1...3 {
            let patch = Call.patch("/state/User", "{\"name\":\"n\(count)\"}", (.ifMatch, "\"\(revision)\""))
            let reply = try fixture.reply(to: patch)
            #expect(reply.status == 200)
            revision = reply.fields[.revision] ?? ""
            #expect(try fixture.reply(to: patch).status == 412)
        }
    }
}

extension Write {
    private static func user(_ name: String) -> String { #"{"id":"u1","name":"\#(name)","email":"chris@email.com"}"# }

    private static func patch(_ path: String, _ patch: String, _ document: String, revision: Int = 5) -> Write {
        Write(call: .patch(path, patch), body: document, document: document, revision: revision)
    }

    static let patches: [Write] = [
        patch("/state/User", #"{"name":"cS"}"#, user("cS")),
        patch("/state/User", #"{"id":"u1","name":"cS"}"#, user("cS")),
        patch("/state/User", #"{"name":"chris"}"#, user("chris"), revision: 4),
        patch("/state/User", "{}", user("chris"), revision: 4),
        patch("/state/Telemetry", #"{"temperature":21.0}"#, #"{"id":"t1","temperature":21,"humidity":40}"#),
        patch(
            "/state/Device",
            #"{"place":{"room":"r","floor":1}}"#,
            #"{"id":"d1","mode":"off","place":{"room":"r","floor":1},"tags":["a","b"]}"#
        ),
        patch("/state/Device", #"{"place":null}"#, Text.device, revision: 2),
        patch("/state/Device", #"{"tags":["c"]}"#, #"{"id":"d1","mode":"off","place":null,"tags":["c"]}"#),
        Write(
            call: .patch("/state/User", #"{"name":"cS"}"#, (.contentType, "application/merge-patch+json")),
            body: user("cS"),
            document: user("cS")
        ),
    ]

    private static func field(_ path: String, _ value: String, _ document: String, revision: Int = 5) -> Write {
        Write(call: .put(path, value), body: value, document: document, revision: revision)
    }

    static let fields: [Write] = [
        field("/state/Telemetry/temperature", "22", #"{"id":"t1","temperature":22,"humidity":40}"#),
        field("/state/User/name", #""cS""#, user("cS")),
        field("/state/User/%6eame", #""cS""#, user("cS")),
        field("/state/User/id", #""u1""#, user("chris"), revision: 4),
        field("/state/Device/mode", #""on""#, #"{"id":"d1","mode":"on","place":null,"tags":["a","b"]}"#),
        field("/state/Device/tags/1", #""c""#, #"{"id":"d1","mode":"off","place":null,"tags":["a","c"]}"#),
        field(
            "/state/Device/place",
            #"{"room":"r","floor":2}"#,
            #"{"id":"d1","mode":"off","place":{"room":"r","floor":2},"tags":["a","b"]}"#
        ),
    ]

    static let defaults: [Write] = [
        Write(call: .delete("/state/User"), body: Text.user, document: Text.user, revision: 4),
        Write(
            call: .delete("/state/User", (.ifMatch, "\"k3f9-4\"")),
            body: Text.user,
            document: Text.user,
            revision: 4
        ),
    ]
}

extension Failure {
    private static func invalid(
        _ call: Call,
        _ faults: [Fault],
        _ advice: String = ""
    ) -> Failure {
        let model = call.path.split(separator: "/")[1]
        let what = faults.count == 1 ? "\(faults[0])" : "\(faults.count) fields are at fault, see errors"
        return Failure(
            call: call,
            status: 422,
            detail: "\(model) was not changed: \(what).\(advice)",
            faults: faults
        )
    }

    static let patches: [Failure] = [
        invalid(.patch("/state/User", #"{"name":7}"#), [Fault("/name", "must be a string, got 7")]),
        invalid(.patch("/state/User", #"{"name":null}"#), [Fault("/name", "must have a value, got null")]),
        invalid(
            .patch("/state/User", #"{"nam":"a","email":null}"#),
            [
                Fault("/email", "must have a value, got null"),
                Fault("/nam", "is not a field of this model"),
            ]
        ),
        invalid(.patch("/state/User", #"{"nick":null}"#), [Fault("/nick", "is not a field of this model")]),
        invalid(
            .patch("/state/User", #"{"id":"u2"}"#),
            [Fault("/id", #"is the server's and cannot be changed; leave it out, or send "u1""#)]
        ),
        invalid(.patch("/state/User", #"{"id":null}"#), [Fault("/id", "must have a value, got null")]),
        invalid(
            .patch("/state/Device", #"{"place":{"room":"r"}}"#),
            [Fault("/place/floor", "is missing")]
        ),
        invalid(.patch("/state/User", #"{"email":"x"}"#), [Fault("/email", #"must be an email address, got "x""#)]),
        Failure(
            call: .patch("/state/User", "[1]"),
            status: 422,
            detail:
                "User was not changed: the body must be an object with the model's fields. Type curl -X PATCH -d '{…}' "
                + "localhost:8000/state/User with the fields as {\"name\": value, …}.",
            faults: [Fault("", "must be an object, got an array")]
        ),
        Failure(
            call: .patch("/state/User", "name=cS", (.contentType, "application/x-www-form-urlencoded")),
            status: 415,
            detail:
                "The body is a form, not JSON. Type curl -X PATCH -d '{…}' localhost:8000/state/User with the fields as "
                + "{\"name\": value, …}.",
            fields: [.acceptPatch: "application/merge-patch+json, application/json"]
        ),
        Failure(
            call: .patch("/state/User", "[]", (.contentType, "application/json-patch+json")),
            status: 415,
            detail: "The body's type is application/json-patch+json, but only merge patches are taken. Send JSON: -H "
                + "'Content-Type: application/json', or leave the type out.",
            fields: [.acceptPatch: "application/merge-patch+json, application/json"]
        ),
    ]

    private static func noField(_ path: String, _ detail: String) -> [Failure] {
        [
            Failure(call: .get(path), status: 404, detail: detail),
            Failure(call: .put(path, "not JSON"), status: 404, detail: detail),
        ]
    }

    static let fields: [Failure] =
        noField(
            "/state/Telemetry/temprature",
            "Telemetry has no field temprature. Did you mean temperature? "
                + "Type curl localhost:8000/state/Telemetry/temperature to read it."
        )
        + noField("/state/User/nonsense/x", "User has no field nonsense. It has: id, name, email.")
        + noField("/state/User/name/first", "User/name has no fields, so there is no first.")
        + noField(
            "/state/Device/place/rom",
            "Device/place has no field rom. Did you mean room? "
                + "Type curl localhost:8000/state/Device/place/room to read it."
        )
        + noField("/state/Device/tags/first", "Device/tags has no fields, so there is no first.")
        + noField(
            "/state/Device/tags/2",
            "There is no Device/tags/2: Device/tags has 2 elements, and the first is 0."
        ) + [
            Failure(
                call: .get("/state/Device/place/room"),
                status: 404,
                detail: "There is no Device/place/room: Device/place is null."
            ),
            Failure(
                call: .get("/state/Usr/name"),
                status: 404,
                detail: "There is no model Usr. Did you mean User? Type curl localhost:8000/state/User to read it."
            ),
            Failure(
                call: .get("/state/Guarded/limits/middle"),
                status: 404,
                detail: "There is no Guarded/limits/middle: Guarded/limits has no \"middle\" now."
            ),
            invalid(.put("/state/Device/place/room", #""r""#), [Fault("/place/floor", "is missing")]),
            invalid(
                .put("/state/Telemetry/temperature", #""warm""#),
                [Fault("/temperature", "must be a number, got a string")]
            ),
            invalid(.put("/state/User/name", "null"), [Fault("/name", "must be a string, got null")]),
            invalid(
                .put("/state/User/id", #""u2""#),
                [Fault("/id", #"is the server's and cannot be changed; leave it out, or send "u1""#)]
            ),
            Failure(
                call: .put("/state/User/name", "cS"),
                status: 400,
                detail:
                    "The body is not JSON: it has no JSON value here; strings stand in double quotes (byte 0, line 1, "
                    + "column 1). Type curl -X PUT -d 21.5 localhost:8000/state/User/name, or -d '\"text\"' for a string."
            ),
            Failure(
                call: .put("/state/User/name", "name=cS", (.contentType, "application/x-www-form-urlencoded")),
                status: 415,
                detail: "The body is a form, not JSON. Type curl -X PUT -d 21.5 localhost:8000/state/User/name, or -d "
                    + "'\"text\"' for a string.",
                fields: [.accept: "application/json"]
            ),
        ]

    static let required: [Failure] = [
        Call.put("/state/Guarded", Text.guarded), .patch("/state/Guarded", "{"), .delete("/state/Guarded"),
        .put("/state/Guarded/limits", "{}"), .put("/state/Guarded", Text.guarded, (.ifNoneMatch, "\"k3f9-1\"")),
    ]
    .map {
        Failure(
            call: $0,
            status: 428,
            detail: "Guarded is changed only on condition. Type -H 'If-Match: \"k3f9-5\"', which is its revision now.",
            fields: [.revision: "k3f9-5"]
        )
    }
}
