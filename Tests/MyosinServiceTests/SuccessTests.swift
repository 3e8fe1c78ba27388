import HTTPTypes
import TestSupport
import Testing

/// A request that succeeds, and all that is stable of its answer.
struct Success: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Requests that are made before, each of which must succeed too.
    var before: [Call] = []
    let call: Call
    var status = 200
    /// The exact body; not compared where it is nil.
    var body: String?
    var fields: [HTTPField.Name: String] = [:]
    var absent: [HTTPField.Name] = []
}

@Suite struct SuccessTests {
    @Test(arguments: Success.reads + Success.writes + Success.operations, Way.allCases)
    func requestsSucceed(_ success: Success, _ way: Way) throws {
        let fixture = try Fixture(way)
        for call in success.before { #expect(try fixture.reply(to: call).status == 200) }
        let reply = try fixture.reply(to: success.call)
        #expect(reply.status == success.status)
        if let body = success.body { #expect(reply.text == body) }
        for (name, value) in success.fields { #expect(reply.fields[name] == value) }
        for name in success.absent { #expect(reply.fields[name] == nil) }
    }

    @Test(arguments: Way.allCases) func metricsTellOfEveryModel(way: Way) throws {
        let reply = try Fixture(way).reply(to: .get("/metrics"))
        #expect(reply.fields[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(reply.fields[.cacheControl] == "no-store")
        for model in ["Counter", "Device", "Telemetry", "User"] { #expect(reply.text.contains("\"\(model)\"")) }
    }

    @Test(arguments: Way.allCases) func lastModifiedIsAnHTTPDateThatEveryReaderSees(way: Way) throws {
        let fixture = try Fixture(way)
        let form = /[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} 20\d{2} \d{2}:\d{2}:\d{2} GMT/
        var date = ""
        // A change within the last milliseconds of the clock's former second has the date of that second at first.
        try waitUntil {
            let written = try fixture.reply(to: .put("/state/User", Text.newUser))
            date = try #require(written.fields[.lastModified])
            return try fixture.reply(to: .get("/state/User")).fields[.lastModified] == date
        }
        #expect(date.wholeMatch(of: form) != nil)
        let known = try fixture.reply(to: .get("/state/User", (.ifNoneMatch, "*")))
        #expect(known.status == 304 && known.fields[.lastModified] == date)
    }

    @Test(arguments: Way.allCases) func theSchemaOfEveryModelIsServed(way: Way) throws {
        let fixture = try Fixture(way)
        for model in ["Counter", "Device", "Telemetry", "User"] {
            let reply = try fixture.reply(to: .get("/schema/\(model)"))
            #expect(reply.status == 200)
            #expect(reply.fields[.contentType] == "application/schema+json")
            #expect(reply.body.first == UInt8(ascii: "{") && reply.text.hasSuffix("}\n"))
        }
    }
}

private let all =
    "{\"Counter\":\(Text.counter),\"Device\":\(Text.device),\"Telemetry\":\(Text.telemetry),\"User\":\(Text.user)}\n"
private let readHeaders: [HTTPField.Name: String] = [
    .contentType: "application/json", .eTag: "\"k3f9-4\"", .revision: "k3f9-4", .cacheControl: "no-cache",
]
private let writeUser = Call.put("/state/User", Text.newUser)

extension Success {
    static let reads: [Success] = [
        Success(
            testDescription: "all models",
            call: .get("/state"),
            body: all,
            fields: [.contentType: "application/json", .eTag: "\"k3f9-4\"", .cacheControl: "no-cache"],
            absent: [.revision, .lastModified]
        ),
        Success(testDescription: "a model", call: .get("/state/User"), body: Text.user + "\n", fields: readHeaders),
        Success(testDescription: "an escaped name", call: .get("/state/%55ser"), body: Text.user + "\n"),
        Success(testDescription: "null, enumeration, array", call: .get("/state/Device"), body: Text.device + "\n"),
        Success(
            testDescription: "HEAD of a model",
            call: Call(.head, "/state/User"),
            body: "",
            fields: readHeaders.merging([.contentLength: "\(Text.user.utf8.count + 1)"]) { $1 }
        ),
        Success(
            testDescription: "a model that the client has",
            call: .get("/state/User", (.ifNoneMatch, "\"k3f9-1\", W/\"k3f9-4\"")),
            status: 304,
            body: "",
            fields: [
                .eTag: "\"k3f9-4\"", .revision: "k3f9-4", .cacheControl: "no-cache",
                // RFC 9110, section 8.6: that of the answer without the condition.
                .contentLength: "\(Text.user.utf8.count + 1)",
            ],
            absent: [.contentType]
        ),
        Success(
            testDescription: "HEAD of a model that the client has",
            call: Call(.head, "/state/User", [(.ifNoneMatch, "\"k3f9-4\"")]),
            status: 304,
            body: ""
        ),
        Success(
            testDescription: "a model of which the client has another revision",
            call: .get("/state/User", (.ifNoneMatch, "\"k3f9-3\"")),
            body: Text.user + "\n"
        ),
        Success(
            testDescription: "all models that the client has",
            call: .get("/state", (.ifNoneMatch, "\"k3f9-4\"")),
            status: 304,
            body: "",
            absent: [.contentType]
        ),
        Success(
            testDescription: "all models after a change",
            before: [writeUser],
            call: .get("/state", (.ifNoneMatch, "\"k3f9-4\"")),
            body: all.replacing(Text.user, with: Text.newUser),
            fields: [.eTag: "\"k3f9-5\""]
        ),
        Success(
            testDescription: "a model after its change",
            before: [writeUser],
            call: .get("/state/User", (.ifNoneMatch, "\"k3f9-4\"")),
            body: Text.newUser + "\n",
            fields: [.eTag: "\"k3f9-5\"", .revision: "k3f9-5"]
        ),
        Success(
            testDescription: "a model after the change of another",
            before: [writeUser],
            call: .get("/state/Telemetry"),
            body: Text.telemetry + "\n",
            fields: [.eTag: "\"k3f9-3\""]
        ),
    ]

    static let writes: [Success] = [
        written("a durable model", writeUser, Text.newUser, revision: 5),
        written(
            "a model in memory",
            .put("/state/Telemetry", #"{"temperature":21,"humidity":40.0}"#),
            #"{"id":"t1","temperature":21,"humidity":40}"#,
            revision: 5
        ),
        written(
            "a nested model in another order",
            .put("/state/Device", #"{"tags":[],"place":{"floor":-1,"room":"b/~"},"mode":"on"}"#),
            #"{"id":"d1","mode":"on","place":{"room":"b/~","floor":-1},"tags":[]}"#,
            revision: 5
        ),
        written(
            "a model without its optional field",
            .put("/state/Device", #"{"mode":"on","tags":[]}"#),
            #"{"id":"d1","mode":"on","place":null,"tags":[]}"#,
            revision: 5
        ),
        written("the id kept when absent", .put("/state/User", withoutID), Text.newUser, revision: 5),
        written("the id sent unchanged", writeUser, Text.newUser, revision: 5),
        written("the same document", .put("/state/User", Text.user), Text.user, revision: 4),
        written("the same document again", writeUser, Text.newUser, revision: 5, before: [writeUser]),
        written("the expected revision", writeUser, Text.newUser, revision: 5, [(.ifMatch, "\"k3f9-4\"")]),
        written(
            "one of several revisions",
            writeUser,
            Text.newUser,
            revision: 5,
            [(.ifMatch, "\"k3f9-1\",, W/\"k3f9-2\" ,\"k3f9-4\"")]
        ),
        written(
            "several If-Match fields",
            writeUser,
            Text.newUser,
            revision: 5,
            [(.ifMatch, "\"k3f9-1\""), (.ifMatch, "\"k3f9-4\"")]
        ),
        written("any revision", writeUser, Text.newUser, revision: 5, [(.ifMatch, "*")]),
        written("any but another revision", writeUser, Text.newUser, revision: 5, [(.ifNoneMatch, "\"k3f9-3\"")]),
        written("as JSON", writeUser, Text.newUser, revision: 5, [(.contentType, "Application/JSON; charset=utf-8")]),
        written(
            "as curl -d",
            writeUser,
            Text.newUser,
            revision: 5,
            [(.contentType, "application/x-www-form-urlencoded")]
        ),
        written(
            "as a kind of JSON",
            writeUser,
            Text.newUser,
            revision: 5,
            [(.contentType, "application/vnd.user+json")]
        ),
    ]

    static let operations: [Success] = [
        Success(
            testDescription: "health",
            call: .get("/healthz"),
            body: "ok\n",
            fields: [.contentType: "text/plain; charset=utf-8"]
        ),
        Success(
            testDescription: "the list of schemas",
            call: .get("/schema"),
            body: #"{"Counter":"schema/Counter","Device":"schema/Device","Telemetry":"schema/Telemetry","#
                + #""User":"schema/User"}"# + "\n",
            fields: [.contentType: "application/json", .cacheControl: "no-cache"]
        ),
        Success(testDescription: "HEAD of the metrics", call: Call(.head, "/metrics"), body: ""),
        Success(
            testDescription: "OPTIONS of a model",
            call: Call(.options, "/state/User"),
            status: 204,
            body: "",
            fields: [.allow: "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"]
        ),
        Success(
            testDescription: "OPTIONS of the metrics",
            call: Call(.options, "/metrics"),
            status: 204,
            body: "",
            fields: [.allow: "GET, HEAD, OPTIONS"]
        ),
    ]

    private static let withoutID = #"{"name":"cS","email":"cs@email.com"}"#

    private static func written(
        _ name: String,
        _ call: Call,
        _ document: String,
        revision: Int,
        _ fields: [(HTTPField.Name, String)] = [],
        before: [Call] = []
    ) -> Success {
        var call = call
        call.fields += fields.map { (name: $0.0, value: $0.1) }
        return Success(
            testDescription: "PUT: \(name)",
            before: before,
            call: call,
            body: document + "\n",
            fields: [.contentType: "application/json", .revision: "k3f9-\(revision)"],
            // The body was not stored byte for byte, RFC 9110 section 9.3.4.
            absent: [.eTag]
        )
    }
}
