import Glibc
import HTTPTypes
import Testing

@testable import MyosinService

@Suite struct GatekeeperTests {
    /// What each access opens where other machines can connect.
    private static let opened: [(call: Call, needed: AnonymousAccess)] = [
        (.get("/metrics"), .metrics), (.get("/healthz"), .metrics), (.get("/readyz"), .metrics),
        (.get("/state"), .read), (.get("/state/User"), .read), (Call(.head, "/state/User"), .read),
        (Call(.options, "/state/User"), .none), (.get("/schema"), .read),
        (.get("/state/User/name"), .read), (.get("/schema/User"), .read),
        (.put("/state/User", Text.newUser), .write), (.put("/state/Telemetry", Text.telemetry), .write),
        (.put("/state/User/name", #""cS""#), .write), (.patch("/state/User", "{}"), .write),
        (.patch("/state", "{}"), .write), (.delete("/state/User"), .write),
    ]

    @Test(arguments: AnonymousAccess.allCases, Way.allCases)
    func otherMachinesMayDoWhatTheAccessSays(access: AnonymousAccess, way: Way) throws {
        let fixture = try Fixture(way, at: .everywhere, access: access)
        for (call, needed) in Self.opened {
            let status = try fixture.reply(to: call).status
            #expect((status == 403) == (access < needed), "\(call.method) \(call.path)")
            #expect(status == 403 || (200...204).contains(status), "\(call.method) \(call.path)")
        }
    }

    @Test(arguments: AnonymousAccess.allCases, [Place.loopback, .unix])
    func thisMachineMayDoEverything(access: AnonymousAccess, place: Place) throws {
        for way in Way.allCases {
            let fixture = try Fixture(way, at: place, access: access)
            for (call, _) in Self.opened {
                #expect((200...204).contains(try fixture.reply(to: call).status), "\(call.method) \(call.path)")
            }
        }
    }

    @Test func theAnswerNamesTheFlagThatOpens() throws {
        let fixture = try Fixture(.direct, at: .everywhere, access: .read)
        let refused = try Refused(try fixture.reply(to: .put("/state/User", Text.newUser)))
        #expect(
            refused.detail
                == "On [::]:8000 anonymous clients may not do this: it needs write access. Use a loopback "
                + "address. Set anonymousAccess to write."
        )
        #expect(try fixture.reply(to: .get("/state/User")).text == Text.user + "\n")
    }

    @Test(arguments: ["/nothing", "/state/Nonsense", "/"]) func whoMayNotReadLearnsNotWhatThereIs(path: String) throws {
        let fixture = try Fixture(.direct, at: .everywhere, access: .metrics)
        #expect(try Refused(try fixture.reply(to: .get(path))).status == 403)
    }

    @Test(arguments: [AnonymousAccess.none, .metrics, .read, .write]) func accessIsOrdered(access: AnonymousAccess) {
        #expect(
            AnonymousAccess.allCases.filter { $0 < access } == Array(AnonymousAccess.allCases.prefix { $0 != access })
        )
    }
}

@Suite struct HostTests {
    private static var machineName: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static let allowed = [
        "127.0.0.1", "127.0.0.1:8000", "192.0.2.7", "192.0.2.7:80", "[::1]", "[::1]:8000", "[2001:DB8::1]:8000",
        "localhost", "localhost:8000", "LocalHost:1", machineName, machineName.uppercased() + ":8000", "state.example",
        "state.example:8000", "STATE.Example", "ported.example", "ported.example:9", "[2001:db8::2]",
        "localhost.", "LOCALHOST.:8000", "a.localhost", "a.b.localhost:8000", "a.localhost.", "127.0.0.1.",
        "127.0.0.1.:8000",
        "state.example.", "state.example.:1", "spaced.example", "last.example", "\(label).local",
        "\(label).local.:8000", label,
        "\(machineName).",
    ]

    private static var label: String { String(machineName.prefix { $0 != "." }) }

    @Test(arguments: allowed, Way.allCases) func theseHostsAreAnsweredFor(host: String, way: Way) throws {
        let fixture = try Fixture(
            way,
            allowedHosts: ["state.Example", "ported.example:8000", " spaced.example\t", "last.example.", ""]
        )
        #expect(try fixture.reply(to: Call.get("/state/User").with(host: host)).status == 200)
        #expect(try fixture.reply(to: Call.put("/state/User", Text.user).with(host: host)).status == 200)
    }

    @Test(
        arguments: [
            "example.com", "example.com:8000", "localhost.example", "state.example.evil", "evil.state.example",
            "127.0.0.1.example", "127.1", "2130706433", "localhost..", "state.example..", "evillocalhost", "a.local",
            "localhost.local", "spaced.example", "127.0.0.1..",
        ],
        Way.allCases
    )
    func otherHostsAreNot(host: String, way: Way) throws {
        let fixture = try Fixture(way, allowedHosts: ["state.example"])
        for call in [Call.get("/state"), .get("/metrics"), .put("/state/User", Text.newUser)] {
            #expect(try Refused(try fixture.reply(to: call.with(host: host))).status == 421)
        }
        #expect(try fixture.reply(to: .get("/state/User")).text == Text.user + "\n")
    }

    @Test(
        arguments: ["x@localhost", "[localhost]", "[::1", "[::1]x", "::1", ":8000", "[]"],
        Way.allCases
    )
    func whatIsNoHostIsNot(host: String, way: Way) throws {
        let fixture = try Fixture(way)
        for call in [Call.get("/state"), .get("/metrics"), .put("/state/User", Text.newUser)] {
            // The server refuses it before the service sees it.
            let expected = way == .socket ? 400 : 421
            #expect(try Refused(try fixture.reply(to: call.with(host: host))).status == expected)
        }
        #expect(try fixture.reply(to: .get("/state/User")).text == Text.user + "\n")
    }

    @Test(arguments: Way.allCases) func aClientWithoutAHostIsAnswered(way: Way) throws {
        let fixture = try Fixture(way)
        #expect(try fixture.reply(to: Call.get("/state/User").with(host: nil)).status == 200)
        #expect(try fixture.reply(to: Call.get("/state/User").with(host: "")).status == 200)
        #expect(try fixture.reply(to: Call.put("/state/User", Text.newUser).with(host: nil)).status == 200)
    }

    /// No browser gets there, and curl, Docker's clients and proxies name it as they like.
    @Test(arguments: ["docker", "upstream_name", "example.com", "a"], Way.allCases)
    func onAUnixSocketAnyHostIsAnsweredFor(host: String, way: Way) throws {
        let fixture = try Fixture(way, at: .unix)
        #expect(try fixture.reply(to: Call.get("/state").with(host: host)).status == 200)
        #expect(try fixture.reply(to: Call.put("/state/User", Text.newUser).with(host: host)).status == 200)
        // A page of another site, which a proxy lets come here, is still none of its own.
        let put = Call.put("/state/User", Text.newUser, (.origin, "http://evil.example")).with(host: host)
        #expect(try fixture.reply(to: put).status == 403)
    }

    /// A target that is a whole URL names a host as well.
    @Test func theHostOfATargetIsLookedAt() throws {
        let fixture = try Fixture(.socket)
        for (host, status) in [("localhost", 200), ("evil.example", 421)] {
            #expect(try fixture.reply(to: Call.get("http://\(host)/state/User").with(host: nil)).status == status)
        }
    }

    @Test func commandsForAUnixSocketHaveCurlsOption() throws {
        let fixture = try Fixture(.direct, at: .unix)
        let refused = try Refused(try fixture.reply(to: Call.get("/state/Usr").with(host: "docker")))
        #expect(refused.detail.hasSuffix("Type curl --unix-socket /run/service.sock docker/state/User to read it."))
    }

    @Test func withoutAHostMessagesNameTheListener() throws {
        let fixture = try Fixture(.direct)
        for host in [nil, ""] {
            let refused = try Refused(try fixture.reply(to: Call.get("/state/Usr").with(host: host)))
            #expect(refused.detail.hasSuffix("Type curl 127.0.0.1:8000/state/User to read it."))
        }
    }
}

@Suite struct OriginTests {
    /// The port that a scheme has anyway may be named or not, on either side (RFC 6454, section 4).
    private static let same = [
        ("http://localhost:8000", "localhost:8000"), ("https://localhost:8000", "localhost:8000"),
        ("HTTP://LocalHost:8000", "localhost:8000"), ("http://localhost", "localhost:80"),
        ("http://localhost:80", "localhost"),
        ("https://localhost", "localhost:443"), ("https://localhost:443", "localhost"),
        ("http://localhost", "localhost"),
        ("https://localhost", "localhost"), ("http://[::1]", "[::1]:80"), ("http://localhost", "localhost."),
    ]

    @Test(arguments: same, Way.allCases)
    func pagesOfTheSameSiteMayWrite(_ site: (origin: String, host: String), way: Way) throws {
        let put = Call.put("/state/User", Text.newUser, (.origin, site.origin)).with(host: site.host)
        let reply = try Fixture(way).reply(to: put)
        #expect(reply.status == 200)
        #expect(reply.text == Text.newUser + "\n")
    }

    private static let others = [
        "http://example.com", "http://localhost", "http://localhost:8001", "http://localhost:80000", "null", "",
        "localhost:8000", "http://localhost:8000/", "http://localhost:8000, http://example.com", "file://",
    ]

    @Test(arguments: others, Way.allCases) func pagesOfOtherSitesMayOnlyAsk(origin: String, way: Way) throws {
        let fixture = try Fixture(way)
        for host in ["localhost:8000", "", nil] {
            let put = Call.put("/state/User", Text.newUser, (.origin, origin)).with(host: host)
            #expect(try Refused(try fixture.reply(to: put)).status == 403)
        }
        #expect(try fixture.reply(to: .get("/state/User", (.origin, origin))).text == Text.user + "\n")
    }

    /// As a browser sends them: a page of another site, of another port of this machine, of this one, and an address typed in.
    @Test(arguments: [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)], Way.allCases)
    func browsersTellWhereAWriteComesFrom(_ site: (name: String, status: Int), _ way: Way) throws {
        let fixture = try Fixture(way)
        let fetchSite = try #require(HTTPField.Name("Sec-Fetch-Site"))
        for call in [
            Call.put("/state/User", Text.newUser, (fetchSite, site.name)),
            .patch("/state", "{}", (fetchSite, site.name)), .delete("/state/Telemetry", (fetchSite, site.name)),
        ] {
            let reply = try fixture.reply(to: call)
            #expect(reply.status == site.status)
            if site.status == 403 {
                #expect(try Refused(reply).detail.hasSuffix("this request came from a \(site.name) page."))
            }
        }
        #expect(try fixture.reply(to: .get("/state/User", (fetchSite, site.name))).status == 200)
    }

    /// Behind a proxy that asks for a host of its own, the origin is another one, and the browser knows better.
    @Test(arguments: Way.allCases) func whatTheBrowserSaysOfTheSiteCountsMore(way: Way) throws {
        let fixture = try Fixture(way)
        let fetchSite = try #require(HTTPField.Name("Sec-Fetch-Site"))
        for (site, status) in [("same-origin", 200), ("none", 403), ("same-site", 403), ("cross-site", 403), ("", 403)]
        {
            let put = Call.put("/state/User", Text.newUser, (.origin, "https://gateway.example"), (fetchSite, site))
            #expect(try fixture.reply(to: put).status == status, "\(site)")
        }
        // The other port of a scheme is another site.
        for (origin, host) in [("http://localhost:443", "localhost"), ("https://localhost:80", "localhost:443")] {
            let put = Call.put("/state/User", Text.newUser, (.origin, origin)).with(host: host)
            #expect(try fixture.reply(to: put).status == 403)
        }
    }

    @Test func theAnswerNamesTheOrigin() throws {
        let put = Call.put("/state/User", Text.newUser, (.origin, "http://example.com"))
        #expect(
            try Refused(try Fixture(.direct).reply(to: put)).detail
                == "Web pages of other sites may not change the state; this request came from http://example.com. If that is "
                + "this service behind a proxy, which has asked for localhost:8000, let the proxy pass the name on, with "
                + "proxy_set_header Host $http_host in nginx. Set externalURL to http://example.com."
        )
    }
}
