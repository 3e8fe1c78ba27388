import HTTPTypes
import MicroHTTP
import Myosin
import Testing

@testable import MyosinService

/// The service behind a proxy, under another host, scheme and path.
@Suite struct ExternalURLTests {
    @Test(arguments: [
        ("https://gateway.example", "https://gateway.example"),
        ("HTTPS://Gateway.Example:443/", "https://gateway.example"),
        ("http://gateway.example:80/myosin/", "http://gateway.example/myosin"),
        ("http://[::1]:8080/a//b", "http://[::1]:8080/a/b"),
        ("https://gateway.example.:8443", "https://gateway.example:8443"),
    ])
    func aURLHasOneSpelling(_ text: String, _ description: String) {
        #expect(ExternalURL(text)?.description == description)
    }

    @Test(arguments: [
        "", "gateway.example", "ftp://gateway.example", "https://", "https:///a", "https://a b", "https://a/?b",
        "https://a/#b",
        "https://u@a", "https://a:99999", "https://a:b", "https://a/../b", "https://[::g]", "https://ä.example",
        "https://a/'", "https://a/b[1-3]", "https://a/%zz", "https://a/%2e%2e/b", "https://a/%",
    ])
    func whatIsNoneIsRefused(_ text: String) { #expect(ExternalURL(text) == nil) }

    /// With a path that has an escape.
    private static let url = "https://gateway.example/site%201/myosin"

    // `removesPath` says whether the proxy removes the path of the URL from requests.
    private func fixture(_ way: Way = .direct, removesPath: Bool) throws -> Fixture {
        try Fixture(way, access: .write) {
            ($0.externalURL, $0.routePrefix) = (ExternalURL(Self.url), removesPath ? PathPrefix.none : nil)
        }
    }

    @Test(arguments: [false, true]) func theCommandsInMessagesBeginWithIt(removesPath: Bool) throws {
        let fixture = try fixture(removesPath: removesPath)
        let calls: [(Call, String)] = [
            (.get("/state/Usr"), "Type curl \(Self.url)/state/User to read it."),
            (.get("/state/User/nam"), "Type curl \(Self.url)/state/User/name to read it."),
            (.get("/state/User/name?watch"), "Type curl -N '\(Self.url)/state/User?watch'."),
            (Call(.post, "/state/User"), "Type curl -X PUT -d '{…}' \(Self.url)/state/User to replace it"),
            (.put("/state/User", "[]"), "\(Self.url)/state/User"),
            (.get("/schema/Usr"), "curl \(Self.url)/schema/User"),
            (.get("/stat"), "nothing at /site%201/myosin/stat. Did you mean /site%201/myosin/state?"),
            (.get("/nothing"), "There are: /site%201/myosin/, /site%201/myosin/healthz, "),
        ]
        let prefix = removesPath ? "" : "/site%201/myosin"
        for (call, text) in calls {
            let call = call.with(host: "127.0.0.1:8000").below(prefix)
            let refused = try Refused(try fixture.reply(to: call))
            #expect(refused.detail.contains(text), "\(refused.detail)")
        }
        let document = try JSONValue(parsing: try fixture.reply(to: .get("\(prefix)/openapi.json")).body)
        #expect(document.value(at: ["servers"]) == [["url": .string(Self.url)]])
    }

    @Test(arguments: Way.allCases) func itsHostAndItsPagesAreThoseOfTheService(way: Way) throws {
        let fixture = try fixture(way, removesPath: true)
        for host in ["gateway.example", "gateway.example:8443", "GATEWAY.example."] {
            #expect(try fixture.reply(to: Call.get("/state").with(host: host)).status == 200)
        }
        #expect(try fixture.reply(to: Call.get("/state").with(host: "other.example")).status == 421)
        // The proxy has replaced the host.
        for (origin, status) in [
            ("https://gateway.example", 200), ("https://gateway.example:443", 200), ("http://gateway.example", 403),
            ("https://gateway.example:8443", 403), ("https://other.example", 403),
        ] {
            let put = Call.put("/state/User", Text.newUser, (.origin, origin)).with(host: "127.0.0.1:8000")
            #expect(try fixture.reply(to: put).status == status, "\(origin)")
        }
    }
}
