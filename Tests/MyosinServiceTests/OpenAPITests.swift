import Foundation
import HTTPTypes
import MicroHTTP
import Myosin
import TestSupport
import StateSchema
import Testing

@testable import MyosinService

@Suite struct OpenAPITests {
    private func document(_ fixture: Fixture) throws -> JSONObject {
        let reply = try fixture.reply(to: .get("/openapi.json"))
        #expect(reply.status == 200 && reply.body.last == UInt8(ascii: "\n"))
        #expect(reply.fields[.contentType] == "application/json" && reply.fields[.cacheControl] == "no-cache")
        return try JSONValue(parsing: reply.body).asObject
    }

    /// `APITests` check that such a document is valid OpenAPI, and true.
    @Test(arguments: Way.allCases) func theDocumentOfAModelOfOneField(way: Way) throws {
        let fixture = try Fixture(way, loadsModels: false)
        try fixture.state.load(Lamp())
        let text = JSONValue.object(try document(fixture)).laidOut() + "\n"
        #expect(
            text == (try String(contentsOfFile: "\(repository)/Tests/Integration/OpenAPI/Lamp.json", encoding: .utf8))
        )
    }

    @Test func everyPathHasRoutesForItsMethods() throws {
        let fixture = try Fixture(.direct)
        try fixture.state.load(Guarded())
        for (path, item) in try document(fixture)["paths"].fields {
            // What templates stand for: an element or an entry.
            let path = path.replacing("{index}", with: "0").replacing("{name}", with: "low")
            let methods = item.fields.keys.filter { $0 != "parameters" }.map { $0.uppercased() }
            let allowed = try fixture.reply(to: Call(.options, path)).fields[.allow]
            #expect(Set(allowed?.split(separator: ", ").map(String.init) ?? []) == Set(methods + ["HEAD", "OPTIONS"]))
            #expect([200, 404].contains(try fixture.reply(to: .get(path)).status))
        }
    }

    @Test func everyRouteHasAPath() throws {
        let fixture = try Fixture(.direct)
        let paths = try document(fixture)["paths"].fields
        for route in fixture.served {
            let method = route.method.rawValue.lowercased()
            #expect(
                paths.contains { path, item in Self.matches(path, route.path) && item.fields[method] != nil },
                "\(route.method) \(route.path)"
            )
        }
    }

    private static func matches(_ path: String, _ template: String) -> Bool {
        let (names, parts) = (path.split(separator: "/"), template.split(separator: "/"))
        let isOpen = template.hasSuffix("*}")
        guard isOpen ? names.count >= parts.count : names.count == parts.count else { return false }
        return zip(names, parts).allSatisfy { $0 == $1 || $1.hasPrefix("{") }
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        let fixture = try Fixture(.direct)
        try fixture.state.load(Guarded())
        let document = try document(fixture)
        var count = 0
        func look(at value: JSONValue) {
            switch value {
            case .array(let elements): elements.forEach(look)
            case .object(let object):
                for key in ["$ref", "operationRef"] {
                    guard case .string(let text)? = object[key] else { continue }
                    count += 1
                    #expect(LocalReference(text)?.target(in: document) != nil, "\(text)")
                }
                object.forEach { look(at: $1) }
            default: break
            }
        }
        look(at: .object(document))
        #expect(count > 100)
    }

    @Test func everyStatusThatAnOperationGivesIsTold() throws {
        let fixture = try Fixture(.direct)
        try fixture.state.load(Guarded())
        let paths = try document(fixture)["paths"].fields
        for call in [
            Call.get("/state/User", (.ifMatch, "\"k3f9-1\"")), .get("/state/User", (.ifNoneMatch, "*")),
            .get("/state/User", (.accept, "text/html")), .get("/state/User", (.ifMatch, "1")),
            .get("/state/Device/place/room"), .put("/state/User", "{}"), .put("/state/User", "{"),
            .put("/state/User", "{}", (.contentType, "text/html")), .patch("/state/User", "", (.contentType, "a/b")),
            .delete("/state/User", (.prefer, "return=minimal")), .put("/state/Guarded/limits", "{}"),
            .patch("/state", #"{"Guarded":{}}"#), .get("/healthz").with(host: "elsewhere.example"),
        ] {
            let reply = try fixture.reply(to: call)
            let operation = paths[call.path].fields[call.method.rawValue.lowercased()].fields
            #expect(
                operation["responses"].fields["\(reply.status)"] != nil,
                "\(call.method) \(call.path) \(reply.status)"
            )
        }
    }

    @Test func aModelThatIsLoadedLaterIsTold() throws {
        let fixture = try Fixture(.direct)
        #expect(try document(fixture)["paths"].fields["/state/Lamp/isOn"] == nil)
        try fixture.state.load(Lamp())
        #expect(try document(fixture)["paths"].fields["/state/Lamp/isOn"] != nil)
    }

    @Test func whoTakesNoJSONIsRefused() throws {
        let reply = try Fixture(.direct).reply(to: .get("/openapi.json", (.accept, "text/html")))
        #expect(try Refused(reply).status == 406)
    }

    @Test func itNeedsTheRightToRead() throws {
        #expect(try Fixture(.direct, at: .everywhere).reply(to: .get("/openapi.json")).status == 403)
        #expect(try Fixture(.direct, at: .everywhere, access: .read).reply(to: .get("/openapi.json")).status == 200)
    }

    @Test func theMetricsAreWhereTheConfigurationSays() {
        let paths = OpenAPIDocument(models: [], telemetryPath: "/own/metrics").json.asObject["paths"].fields
        #expect(
            paths.keys
                == ["/", "/state", "/schema", "/openapi.json", "/own/metrics", "/healthz", "/readyz"]
        )
    }

    @Test(arguments: Way.allCases) func everyOperationHasANameOfItsOwn(way: Way) throws {
        let fixture = try Fixture(way)
        var ids: [String] = []
        for (_, item) in try document(fixture)["paths"].fields {
            for (method, operation) in item.fields where method != "parameters" {
                guard case .string(let id)? = operation.fields["operationId"] else {
                    Issue.record("\(operation)")
                    continue
                }
                #expect(id.wholeMatch(of: #/[a-z]+[A-Za-z0-9]+/#) != nil, "\(id)")
                ids.append(id)
            }
        }
        #expect(Set(ids.map { $0.lowercased() }).count == ids.count)
        let some = [
            "getState", "patchState", "getUser", "replaceUser", "patchUser", "resetUser", "getUserName",
            "replaceUserName",
            "describeUser", "getSchemas", "getMetrics", "getHealth", "getReadiness", "getOpenApi", "getLandingPage",
        ]
        #expect(Set(some).isSubset(of: ids))
    }

    @Test func referencesLeadToWholeComponents() throws {
        let fixture = try Fixture(.direct)
        try fixture.state.load(Guarded())
        func look(at value: JSONValue) {
            switch value {
            case .array(let elements): elements.forEach(look)
            case .object(let object):
                if case .string(let text)? = object["$ref"] {
                    #expect(text.wholeMatch(of: #/#/components/[a-zA-Z]+/[A-Za-z0-9.-]+/#) != nil, "\(text)")
                }
                object.forEach { look(at: $1) }
            default: break
            }
        }
        look(at: .object(try document(fixture)))
    }

    @Test func namesDoNotDependOnWhichModelsAreNamed() throws {
        let fixture = try Fixture(.direct, loadsModels: false)
        let text = Array(#"{"type":"object","properties":{"name":{"type":"string"}}}"#.utf8)
        try fixture.state.declare(
            try ["User", "UserName", "user"].map { try JSONSchemaDeclaration(name: $0, text: text) }
        )
        let whole = try document(fixture)["paths"].fields
        let reply = try fixture.reply(to: .get("/openapi.json?model=User&model=user"))
        let some = try JSONValue(parsing: reply.body).asObject["paths"].fields
        for path in ["/state/User", "/state/user", "/state/User/name", "/schema/user"] {
            #expect(some[path] == whole[path] && some[path] != nil)
        }
    }

    @Test(arguments: Way.allCases) func modelsCanBeNamed(way: Way) throws {
        let fixture = try Fixture(way)
        let reply = try fixture.reply(to: .get("/openapi.json?model=User&model=Telemetry&model=User"))
        let schemas = try JSONValue(parsing: reply.body).asObject["components"].fields["schemas"].fields.keys
        #expect(schemas.contains("Telemetry") && schemas.contains("UserPatch") && !schemas.contains("System"))
        let refused = try Refused(fixture.reply(to: .get("/openapi.json?model=User&model=Usr")))
        #expect(refused.status == 404 && refused.detail.contains("Did you mean User?"))
        #expect(try fixture.reply(to: .get("/openapi.json?model")).status == 404)
    }

    @Test func itIsMadeAnewWhenModelsChange() throws {
        let fixture = try Fixture(.declared)
        #expect(try document(fixture)["paths"].fields["/state/User"] != nil)
        try fixture.state.declare(try DeclaredModels.all(["Guarded"]))
        let paths = try document(fixture)["paths"].fields
        #expect(paths["/state/User"] == nil && paths["/state/Guarded"] != nil)
    }

    @Test func ofVeryManyModelsSomeMustBeNamed() throws {
        let fixture = try Fixture(.direct, loadsModels: false)
        let text = Array(#"{"type":"object","properties":{"a":{"type":"boolean"}}}"#.utf8)
        try fixture.state.declare(
            try (0...OpenAPIRoutes.maxModels).map { try JSONSchemaDeclaration(name: "M\($0)", text: text) }
        )
        let refused = try Refused(fixture.reply(to: .get("/openapi.json")))
        #expect(refused.status == 400)
        #expect(
            refused.detail == "There are 1001 models, too many for one document. Name those that you want: curl "
                + "'localhost:8000/openapi.json?model=M0&model=M1'."
        )
        #expect(try fixture.reply(to: .get("/openapi.json?model=M7")).status == 200)
    }
}

extension JSONValue? {
    /// The fields of an object, none of anything else.
    var fields: JSONObject { self?.asObject ?? JSONObject() }
}

extension JSONValue {
    /// The fields of an object, none of anything else.
    var asObject: JSONObject { if case .object(let object) = self { object } else { JSONObject() } }
    var fields: JSONObject { asObject }
}
