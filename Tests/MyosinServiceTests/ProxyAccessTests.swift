import HTTPTypes
import MicroHTTP
import Myosin
import Testing

@testable import MyosinService

/// Who may do what behind a proxy on the same machine, and what a listener says of it.
@Suite struct ProxyAccessTests {
    private static let forwarding = [
        "Forwarded", "X-Forwarded-For", "X-Real-IP", "Via", "x-forwarded-for", "X-Forwarded-Host", "X-Forwarded-Proto",
        "X-Forwarded-Prefix", "X-Original-Forwarded-For", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP",
        "X-Forwarded", "X-Forwarded-Scheme", "X-Forwarded-Uri", "X-Originating-IP", "CDN-Loop", "Proxy-Client-IP",
    ]

    private static func write(_ fields: [String] = []) throws -> Call {
        var call = Call.put("/state/User", Text.newUser)
        call.fields = try fields.map { (try #require(HTTPField.Name($0)), "") }
        return call
    }

    @Test(arguments: forwarding, [Place.loopback, .unix])
    func whoComesThroughAProxyIsNotOfThisMachine(_ name: String, _ place: Place) throws {
        for way in Way.allCases {
            let fixture = try Fixture(way, at: place)
            #expect(try Refused(try fixture.reply(to: try Self.write([name]))).status == 403)
            var get = Call.get("/state")
            get.fields = try Self.write([name]).fields
            #expect(try fixture.reply(to: get).status == 403)
            get.path = "/metrics"
            #expect(try fixture.reply(to: get).status == 200)
            #expect(try fixture.reply(to: .get("/state/User")).text == Text.user + "\n")
            #expect(try fixture.reply(to: try Self.write()).status == 200)
        }
    }

    @Test func theAnswerNamesTheProxyAndTheFlag() throws {
        let fixture = try Fixture(.socket, at: .loopback)
        let refused = try Refused(try fixture.reply(to: try Self.write(["Via"])))
        #expect(
            refused.detail
                == "Behind a proxy (the request has Via), anonymous clients may not do this: it needs write access. Set listeners "
                + "to localhost:0,access=write."
        )
        let unix = try Fixture(.direct, at: .unix) { $0.externalURL = ExternalURL("https://gateway.example/a") }
        #expect(
            try Refused(try unix.reply(to: try Self.write())).detail
                == "Behind https://gateway.example/a anonymous clients may not do this: it needs write access. Set listeners "
                + "to unix:/run/service.sock,access=write."
        )
    }

    @Test(arguments: AnonymousAccess.allCases) func theAccessOfOthersIsThatOfWhoComesThroughAProxy(
        access: AnonymousAccess
    ) throws {
        let fixture = try Fixture(.socket, access: access)
        #expect(try fixture.reply(to: try Self.write(["Via"])).status == (access == .write ? 200 : 403))
        let external = try Fixture(.socket, access: access) { $0.externalURL = ExternalURL("http://a") }
        #expect(try external.reply(to: try Self.write()).status == (access == .write ? 200 : 403))
        let get = try external.reply(to: .get("/state"))
        #expect(get.status == (access >= .read ? 200 : 403))
        let metrics = try external.reply(to: .get("/metrics"))
        #expect(metrics.status == (access >= .metrics ? 200 : 403))
    }

    /// What a listener says holds for all who come there, through a proxy or not, and wherever it is.
    @Test(arguments: AnonymousAccess.allCases, [Place.loopback, .unix, .everywhere])
    func whatAListenerSaysHolds(access: AnonymousAccess, place: Place) throws {
        for externalURL in [nil, ExternalURL("https://gateway.example")] {
            let fixture = try Fixture(.socket, at: place, access: access == .write ? .none : .write) {
                ($0.listeners[0].access, $0.externalURL) = (access, externalURL)
            }
            for fields in [[], ["Forwarded"]] {
                #expect(try fixture.reply(to: try Self.write(fields)).status == (access == .write ? 200 : 403))
            }
            let status = try fixture.reply(to: .get("/state")).status
            #expect(status == (access >= .read ? 200 : 403))
        }
    }

    /// One address may let in more than another of the same service.
    @Test func eachListenerHasItsOwn() throws {
        let fixture = try Fixture(.socket) {
            $0.listeners = [
                ServiceListener(.loopback(port: 0), access: .read), ServiceListener(.loopback(port: 0), access: .write),
                ServiceListener(.loopback(port: 0), access: AnonymousAccess.none),
            ]
        }
        let statuses = try (0..<3)
            .map { index in
                let client = try Client(fixture.addresses[index])
                try client.send(try Self.write())
                return try client.read(method: .put).status
            }
        #expect(statuses == [403, 200, 403])
    }

    @Test(arguments: [AnonymousAccess.none, .metrics]) func whatABalancerAsksTheServerForNeedsNoRights(
        access: AnonymousAccess
    ) throws {
        let fixture = try Fixture(.socket) { $0.listeners[0].access = access }
        let reply = try fixture.reply(to: Call(.options, "*").with(host: nil))
        #expect(reply.status == 204 && reply.fields[.allow] == "GET, HEAD, PUT, PATCH, DELETE, OPTIONS")
    }

    @Test(
        arguments: [
            ("127.0.0.1:8000", nil), ("127.0.0.1:8000,access=metrics", .metrics),
            ("unix:/run/a.sock,mode=0660,group=www-data,access=read", .read),
            (":8000,access=none", AnonymousAccess.none),
            ("fd:3,access=write", .write),
        ] as [(String, AnonymousAccess?)]
    )
    func aListenerIsPrintedAsItWasWritten(_ text: String, _ access: AnonymousAccess?) throws {
        let listener = try ServiceListener(text)
        #expect(listener.description == text && listener.access == access)
        // Wherever it stands among the options.
        let reordered = try ServiceListener("unix:/run/a.sock,access=read,mode=0660")
        #expect(reordered.description == "unix:/run/a.sock,mode=0660,access=read")
    }

    @Test(arguments: ["127.0.0.1:8000,access=", "127.0.0.1:8000,access=all", "unix:/a,access=read,access=read"])
    func aWrongAccessIsRefusedWithTheRightOnes(_ text: String) throws {
        let error = try #require(throws: ServerError.self) { try ServiceListener(text) }
        #expect(error.message.contains("none, metrics, read, write"))
    }
}
