import HTTPTypes
import Testing

/// A request that is refused, and the whole of its problem.
struct Failure: Sendable, CustomTestStringConvertible {
    let call: Call
    let status: Int
    let detail: String
    var faults: [Fault] = []
    var fields: [HTTPField.Name: String] = [:]

    var testDescription: String { "\(status): \(detail)" }

    /// Compares an answer with this.
    func check(_ reply: Reply) throws {
        #expect(reply.status == status)
        for (name, value) in fields { #expect(reply.fields[name] == value) }
        let refused = try Refused(reply)
        #expect(refused.detail == detail)
        #expect(refused.faults == faults)
    }
}

@Suite struct FailureTests {
    @Test(arguments: Failure.wrongPlaces + Failure.wrongConditions + Failure.wrongTypes, Way.allCases)
    func requestsAreRefused(_ failure: Failure, _ way: Way) throws { try check(failure, way) }

    @Test(arguments: Failure.notJSON + Failure.wrongContent, Way.allCases)
    func contentIsRefused(_ failure: Failure, _ way: Way) throws { try check(failure, way) }

    @Test(arguments: Failure.earlierFirst, Way.allCases)
    func theEarlierOfTwoReasonsIsTold(_ failure: Failure, _ way: Way) throws { try check(failure, way) }

    @Test(arguments: Way.allCases) func aStateWithoutModelsSaysSo(way: Way) throws {
        let fixture = try Fixture(way, loadsModels: false)
        let refused = try Refused(try fixture.reply(to: .get("/state/User")))
        #expect(refused.status == 404)
        #expect(refused.detail == "There is no model User. This program has none.")
        #expect(try fixture.reply(to: .get("/state")).text == "{}\n")
    }

    @Test func theServersOwnRefusalsAreProblemsToo() throws {
        let fixture = try Fixture(.socket)
        let call = Call(.put, "/state/User", [(.transferEncoding, "chunked")])
        let refused = try Refused(try fixture.reply(to: call))
        #expect(refused.status == 411)
        #expect(refused.detail == "Send the body with Content-Length, without Transfer-Encoding.")
    }

    /// Before it is told to continue.
    @Test func aBodyThatIsTooLongIsRefusedBeforeItIsSent() throws {
        let fixture = try Fixture(.socket)
        var call = Call(.put, "/state/User", [(.contentLength, "1048577"), (.expect, "100-continue")])
        let refused = try Refused(try fixture.reply(to: call))
        #expect(refused.status == 413)
        #expect(refused.detail == "The body is longer than 1048576 bytes.")
        call.path = "/" + String(repeating: "a", count: 9_000)
        #expect(try Refused(try fixture.reply(to: call)).status == 414)
    }

    private func check(_ failure: Failure, _ way: Way) throws {
        let fixture = try Fixture(way)
        let reply = try fixture.reply(to: failure.call)
        try failure.check(reply)
        let state = try fixture.reply(to: .get("/state"))
        #expect(state.fields[.eTag] == "\"k3f9-4\"")
        for document in [Text.device, Text.telemetry, Text.user] { #expect(state.text.contains(document)) }
    }
}

private let putUser = "Type curl -X PUT -d '{…}' localhost:8000/state/User"
private let paths = "There are: /, /healthz, /metrics, /openapi.json, /readyz, /schema, /state."
private let replaces =
    "PUT replaces the whole model: send every field, or type curl -X PATCH -d '{…}' localhost:8000/state/User to change some "
    + "of them."

extension Failure {
    static let wrongPlaces: [Failure] = [
        Failure(call: .get("/nothing/here"), status: 404, detail: "There is nothing at /nothing/here. \(paths)"),
        Failure(
            call: Call(.post, "/state/Nonsense"),
            status: 404,
            detail: "There is no model Nonsense. There are: Counter, Device, Telemetry, User."
        ),
        Failure(
            call: .get("/state/Usr/name?watch"),
            status: 404,
            detail: "There is no model Usr. Did you mean User? Type curl localhost:8000/state/User to read it."
        ),
        Failure(call: .get("/state/"), status: 404, detail: "There is nothing at /state/. Did you mean /state?"),
        Failure(call: .get("/metricz"), status: 404, detail: "There is nothing at /metricz. Did you mean /metrics?"),
        Failure(
            call: .get("/state/Telemtry"),
            status: 404,
            detail: "There is no model Telemtry. Did you mean Telemetry? "
                + "Type curl localhost:8000/state/Telemetry to read it."
        ),
        Failure(
            call: .put("/state/user", Text.user),
            status: 404,
            detail: "There is no model user. Did you mean User? Type curl localhost:8000/state/User to read it."
        ),
        Failure(
            call: .get("/schema/devise"),
            status: 404,
            detail: "There is no model devise. Did you mean Device? "
                + "Type curl localhost:8000/schema/Device to read it."
        ),
        Failure(
            call: .get("/state/Nonsense"),
            status: 404,
            detail: "There is no model Nonsense. There are: Counter, Device, Telemetry, User."
        ),
        Failure(
            call: .put("/metrics", "{}"),
            status: 405,
            detail: "/metrics does not take PUT; it takes GET, HEAD, OPTIONS. "
                + "It can only be read; leave -X and -d out.",
            fields: [.allow: "GET, HEAD, OPTIONS"]
        ),
        wrongMethod(
            .post,
            "/state/User",
            "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
            "\(putUser) to replace it, or -X PATCH to change some of its fields."
        ),
        wrongMethod(
            .post,
            "/state/User/name",
            "GET, HEAD, PUT, OPTIONS",
            "Type curl -X PUT -d 21.5 localhost:8000/state/User/name to change it."
        ),
        wrongMethod(
            .put,
            "/state",
            "GET, HEAD, PATCH, OPTIONS",
            "Type curl -X PATCH -d '{\"Model\": {…}}' localhost:8000/state to change several models at once."
        ),
        wrongMethod(.post, "/schema/User", "GET, HEAD, OPTIONS", "It can only be read; leave -X and -d out."),
    ]

    private static func wrongMethod(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ allowed: String,
        _ advice: String
    ) -> Failure {
        Failure(
            call: Call(method, path, body: Array("{}".utf8)),
            status: 405,
            detail: "\(path) does not take \(method.rawValue); it takes \(allowed). \(advice)",
            fields: [.allow: allowed]
        )
    }

    static let wrongConditions: [Failure] = [
        unquoted(.ifMatch, "42", "k3f9-42"), unquoted(.ifNoneMatch, "k3f9-42", "k3f9-42"),
        unquoted(.ifMatch, "\"4", "k3f9-4"), unquoted(.ifMatch, "\"k3f9-4", "k3f9-4"),
        unquoted(.ifMatch, "4, \"k3f9-4\"", "k3f9-4"), unquoted(.ifMatch, "*, \"k3f9-4\"", "k3f9-4"),
        Failure(
            call: .get("/state/User", (.ifNoneMatch, "4")),
            status: 400,
            detail: #"If-None-Match: 4 is not an entity tag in quotes. Type -H 'If-None-Match: "k3f9-4"'."#
        ),
        stale("\"k3f9-3\""), stale("\"k3f9-1\", \"k3f9-2\""), stale("\"k3f9-04\""), stale("\"\""),
        // Numbers of another incarnation, or of none, were given to something else.
        stale("\"k3f8-4\""), stale("\"4\""), stale("\"k3f9\""),
        Failure(
            call: .put("/state/User", Text.newUser, (.ifMatch, "\"k3f9-3\", W/\"k3f9-4\"")),
            status: 412,
            detail:
                #"User is at revision k3f9-4, but a weak tag never matches in If-Match. Type -H 'If-Match: "k3f9-4"'."#,
            fields: [.revision: "k3f9-4"]
        ),
        excluded("*"), excluded("\"k3f9-4\""), excluded("\"k3f9-1\", W/\"k3f9-4\""),
    ]

    private static func unquoted(_ name: HTTPField.Name, _ value: String, _ advice: String) -> Failure {
        Failure(
            call: .put("/state/User", Text.newUser, (name, value)),
            status: 400,
            detail:
                "\(name.rawName): \(value) is not an entity tag in quotes. Type -H '\(name.rawName): \"\(advice)\"'."
        )
    }

    private static func stale(_ tags: String) -> Failure {
        Failure(
            call: .put("/state/User", Text.newUser, (.ifMatch, tags)),
            status: 412,
            detail: "User is at revision k3f9-4, which is not the one expected. Read it again and repeat the change.",
            fields: [.revision: "k3f9-4"]
        )
    }

    private static func excluded(_ tags: String) -> Failure {
        Failure(
            call: .put("/state/User", Text.newUser, (.ifNoneMatch, tags)),
            status: 412,
            detail: "User is at revision k3f9-4, which If-None-Match rules out. Leave that field out to replace it.",
            fields: [.revision: "k3f9-4"]
        )
    }

    static let wrongTypes: [Failure] = [
        form("name=cS&email=cs@email.com", "application/x-www-form-urlencoded"),
        form("temperature=21", "application/x-www-form-urlencoded; charset=utf-8"),
        otherType("text/plain"), otherType("application/xml"), otherType("multipart/form-data"),
        otherType("application/jsonx"), otherType("text/x+json"),
        patchType("application/merge-patch+json"), patchType("application/json-patch+json"),
    ]

    private static func form(_ body: String, _ type: String) -> Failure {
        Failure(
            call: .put("/state/User", body, (.contentType, type)),
            status: 415,
            detail: "The body is a form, not JSON. \(putUser) with the fields as {\"name\": value, …}.",
            fields: [.accept: "application/json"]
        )
    }

    private static func otherType(_ type: String) -> Failure {
        Failure(
            call: .put("/state/User", Text.newUser, (.contentType, type)),
            status: 415,
            detail: "The body's type is \(type). "
                + "Send JSON: -H 'Content-Type: application/json', or leave the type out.",
            fields: [.accept: "application/json"]
        )
    }

    private static func patchType(_ type: String) -> Failure {
        Failure(
            call: .put("/state/User", Text.newUser, (.contentType, type)),
            status: 415,
            detail: "The body's type is \(type), but PUT takes the whole document, not a patch. "
                + "Send JSON: -H 'Content-Type: application/json', or leave the type out.",
            fields: [.accept: "application/json"]
        )
    }
}

extension Failure {
    static let notJSON: [Failure] = [
        notJSON("", "is empty; a JSON value was expected (byte 0, line 1, column 1)"),
        notJSON(#"{"name": }"#, "has no JSON value here; strings stand in double quotes (byte 9, line 1, column 10)"),
        notJSON(
            "{\n  name: 1}",
            "has a name without double quotes; write {\"name\": value} (byte 4, line 2, column 3)"
        ),
        notJSON(#"{"name":"a","name":"b"}"#, "has the name \"name\" twice in one object (byte 12, line 1, column 13)"),
        notJSON(#"{"name":"a"} x"#, "goes on after the end of the JSON value (byte 13, line 1, column 14)"),
        notJSON(#"{"name":"\ud800"}"#, "has an escape of half a surrogate pair (byte 9, line 1, column 10)"),
        notJSON("\u{FEFF}{}", "starts with a byte order mark; save it without one (byte 0, line 1, column 1)"),
        notJSON(String(repeating: "[", count: 65), "is nested deeper than 64 (byte 64, line 1, column 65)"),
        Failure(
            call: Call(.put, "/state/User", body: Array("{\"name\":\"".utf8) + [0xFF] + Array("\"}".utf8)),
            status: 400,
            detail:
                "The body is not JSON: it has bytes that are not UTF-8; save it as UTF-8, for it seems to be in Latin-1, "
                + "with ÿ here (byte 9, line 1, column 10)."
        ),
        Failure(
            call: .put("/state/User", "{name:1}", (.contentType, "application/x-www-form-urlencoded")),
            status: 400,
            detail: "The body is not JSON: it has a name without double quotes; write {\"name\": value} "
                + "(byte 1, line 1, column 2)."
        ),
    ]

    private static func notJSON(_ body: String, _ reason: String) -> Failure {
        Failure(call: .put("/state/User", body), status: 400, detail: "The body is not JSON: it \(reason).")
    }

    static let wrongContent: [Failure] = [
        wrong("User", #"{"name":"cS","email":7}"#, [Fault("/email", "must be a string, got 7")]),
        wrong("User", #"{"name":"cS","email":null}"#, [Fault("/email", "must be a string, got null")]),
        wrong("User", #"{"name":"cS"}"#, [Fault("/email", "is missing")], advice: " " + replaces),
        wrong("User", #"{"name":"cS","email":"cs"}"#, [Fault("/email", #"must be an email address, got "cs""#)]),
        wrong(
            "User",
            #"{"name":"","email":"cs"}"#,
            [
                Fault("/name", "must have at least 1 character, got 0"),
                Fault("/email", #"must be an email address, got "cs""#),
            ]
        ),
        wrong(
            "User",
            #"{"id":"u2","name":"cS","email":"cs@email.com"}"#,
            [Fault("/id", #"is the server's and cannot be changed; leave it out, or send "u1""#)]
        ),
        wrong(
            "User",
            #"{"name":"cS","email":"cs@email.com","a/b~":1}"#,
            [Fault("/a~1b~0", "is not a field of this model")]
        ),
        wrong(
            "User",
            #"{"name":7,"emial":"cs@email.com"}"#,
            [
                Fault("/name", "must be a string, got 7"), Fault("/email", "is missing"),
                Fault("/emial", "is not a field of this model, did you mean \"email\"?"),
            ],
            advice: " " + replaces
        ),
        wrong(
            "Telemetry",
            #"{"temperature":"warm","humidity":true}"#,
            [Fault("/temperature", "must be a number, got a string"), Fault("/humidity", "must be a number, got true")]
        ),
        wrong(
            "Device",
            #"{"mode":"of","place":{"room":1,"floor":1.5},"tags":["a",2]}"#,
            [
                Fault("/mode", #"must be one of "off", "on", got "of""#),
                Fault("/place/room", "must be a string, got 1"),
                Fault("/place/floor", "must be an integer, got 1.5"), Fault("/tags/1", "must be a string, got 2"),
            ]
        ),
        Failure(
            call: .put("/state/Device", #"{"mode":"on","plaec":null,"tags":[]}"#),
            status: 422,
            detail: "Device was not changed: /plaec is not a field of this model, did you mean \"place\"?",
            faults: [Fault("/plaec", "is not a field of this model, did you mean \"place\"?")]
        ),
        notAnObject("[1]", "an array"), notAnObject("22", "a number"), notAnObject("\"a=b\"", "a string"),
        notAnObject("null", "null"),
    ]

    private static func wrong(_ model: String, _ body: String, _ faults: [Fault], advice: String = "") -> Failure {
        let what = faults.count == 1 ? "\(faults[0])" : "\(faults.count) fields are at fault, see errors"
        return Failure(
            call: .put("/state/\(model)", body),
            status: 422,
            detail: "\(model) was not changed: \(what).\(advice)",
            faults: faults
        )
    }

    private static func notAnObject(_ body: String, _ kind: String) -> Failure {
        Failure(
            call: .put("/state/User", body),
            status: 422,
            detail: "User was not changed: the body must be an object with the model's fields. "
                + "\(putUser) with the fields as {\"name\": value, …}.",
            faults: [Fault("", "must be an object, got \(kind)")]
        )
    }

    /// Requests with two faults each, in the order of the table in the interface's documentation.
    static let earlierFirst: [Failure] = [
        Failure(
            call: Call.get("/nothing/here").with(host: "example.com"),
            status: 421,
            detail:
                "This server does not answer for the host example.com. Use its IP address or localhost. "
                + "Set allowedHosts to example.com."
        ),
        Failure(
            call: .put("/state/Nonsense", "x", (.contentType, "text/plain")),
            status: 404,
            detail: "There is no model Nonsense. There are: Counter, Device, Telemetry, User."
        ),
        Failure(
            call: .put("/state/User", "x", (.contentType, "text/plain"), (.ifMatch, "4")),
            status: 415,
            detail: "The body's type is text/plain. "
                + "Send JSON: -H 'Content-Type: application/json', or leave the type out."
        ),
        Failure(
            call: .put("/state/User", "{", (.ifMatch, "4")),
            status: 400,
            detail: #"If-Match: 4 is not an entity tag in quotes. Type -H 'If-Match: "k3f9-4"'."#
        ),
        Failure(
            call: .put("/state/User", "{", (.ifMatch, "\"k3f9-3\"")),
            status: 412,
            detail: "User is at revision k3f9-4, which is not the one expected. Read it again and repeat the change."
        ),
        Failure(
            call: .put("/state/User", "{}", (.ifMatch, "\"k3f9-3\"")),
            status: 412,
            detail: "User is at revision k3f9-4, which is not the one expected. Read it again and repeat the change."
        ),
    ]
}
