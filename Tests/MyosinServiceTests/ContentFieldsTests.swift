import HTTPTypes
import MicroHTTP
import Myosin
import Testing

@testable import MyosinService

/// What a client says of its content, and what the answer depends on.
@Suite struct ContentFieldsTests {
    private static let writes: [Call] = [
        .put("/state/User", Text.newUser), .put("/state/User/name", #""cS""#), .patch("/state/User", "{}"),
        .patch("/state", "{}"),
    ]

    /// RFC 9110, section 14.5.
    @Test(arguments: ["bytes 0-4/10", "bytes */10", "bytes 0-9/10", "items 1-2/3", ""], Way.allCases)
    func aPartOfSomethingIsNoValue(_ range: String, _ way: Way) throws {
        let fixture = try Fixture(way)
        for var call in Self.writes {
            call.fields.append((.contentRange, range))
            let refused = try Refused(try fixture.reply(to: call))
            #expect(refused.status == 400 && refused.detail.hasPrefix("Content-Range says that the body is a part."))
            // Only a whole document can be sent in parts.
            let isDocument = call.method == .put && call.path == "/state/User"
            #expect(refused.detail.contains("or use PATCH") == isDocument, "\(refused.detail)")
        }
        #expect(try fixture.reply(to: .get("/state/User")).text == Text.user + "\n")
    }

    @Test(arguments: ["gzip", "br", "identity, gzip", "GZIP", "x-unknown", "deflate, identity"], Way.allCases)
    func aCodingThatIsNotTakenIsRefused(_ coding: String, _ way: Way) throws {
        let fixture = try Fixture(way)
        for var call in Self.writes {
            call.fields.append((.contentEncoding, coding))
            let reply = try fixture.reply(to: call)
            let refused = try Refused(reply)
            #expect(refused.status == 415 && refused.detail.hasPrefix("The body's coding is \(coding)."))
            #expect(reply.fields[.acceptEncoding] == "identity")
        }
        #expect(try fixture.reply(to: .get("/state/User")).text == Text.user + "\n")
    }

    @Test(arguments: ["identity", "Identity", "", "identity, identity"]) func contentAsItIsMaySaySo(coding: String)
        throws
    {
        for way in Way.allCases {
            for var call in Self.writes {
                call.fields.append((.contentEncoding, coding))
                #expect(try Fixture(way).reply(to: call).status == 200)
            }
        }
    }

    /// RFC 9110, section 12.5.5.
    @Test(
        arguments: ["/state", "/state/User", "/state/User/name", "/schema", "/schema/User", "/openapi.json"],
        Way.allCases
    )
    func whatDependsOnAcceptSaysSo(path: String, way: Way) throws {
        let fixture = try Fixture(way)
        let reply = try fixture.reply(to: .get(path))
        #expect(reply.status == 200 && reply.fields[.vary] == "Accept")
        guard let tag = reply.fields[.eTag] else { return }
        let known = try fixture.reply(to: .get(path, (.ifNoneMatch, tag)))
        #expect(known.status == 304 && known.fields[.vary] == "Accept")
    }

    /// RFC 9110, section 8.6: a length would be that of the events.
    @Test(arguments: ["/state?watch", "/state/User?watch"]) func theHeadOfAStreamHasNoLength(path: String) throws {
        let fixture = try Fixture(.socket) { $0.maxWatchers = 0 }
        let client = try fixture.connect()
        try client.send(Call(.head, path))
        let reply = try client.read(method: .head)
        #expect(reply.status == 200 && reply.fields[.contentLength] == nil)
        #expect(reply.fields[.contentType] == "text/event-stream")
        #expect(reply.fields[.cacheControl] == "no-store, no-transform")
    }
}
