import HTTPTypes
import Myosin
import Testing

@testable import MyosinService

/// The page at `/` as an answer; what it does in a browser is a matter of the system tests.
@Suite struct LandingRouteTests {
    @Test(arguments: Way.allCases) func thePageIsSelfContainedAndLetsInNothingElse(way: Way) throws {
        let fixture = try Fixture(way)
        let reply = try fixture.reply(to: .get("/"))
        #expect(reply.status == 200)
        #expect(reply.fields[.contentType] == "text/html; charset=utf-8")
        #expect(reply.fields[.cacheControl] == "no-store")
        let page = reply.text
        let nonce = try #require(page.firstMatch(of: #/<script nonce="([0-9a-f]+)">/#)).1
        #expect(
            reply.fields[.contentSecurityPolicy]
                == "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; img-src data:; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        #expect(page.contains("<style nonce=\"\(nonce)\">\n:root {"))
        #expect(page.hasSuffix("connect();\n</script>\n</body>\n</html>\n"))
        #expect(page.contains("<span class=\"version\">\(myosinVersion)</span>"))
        // All marks are filled in, and no script or style but these two.
        #expect(!page.contains("{{") && !page.contains("}}"))
        #expect(page.matches(of: #/<(script|style)\b/#).count == 2)
        #expect(!page.contains(#/(src|href)="(https?:)?\/\//#))
        // Behind a proxy the page may be below a path.
        #expect(!page.contains(#/(src|href)="\//#) && !page.contains(#/(fetch|ask|EventSource)\(["`]\//#))
    }

    /// Without JavaScript they are as the server knows them; the script puts those of the browser there.
    @Test func theCommandsHaveTheHostOrTheExternalURL() throws {
        func commands(_ fixture: Fixture, _ host: String, _ path: String = "/") throws -> String {
            let page = try fixture.reply(to: Call.get(path).with(host: host)).text
            return String(try #require(page.firstMatch(of: #/<code id="commands">([^<]*)</code>/#)).1)
        }
        let plain = try Fixture(.direct)
        #expect(try commands(plain, "[::1]:9000") == "curl '[::1]:9000/state'\ncurl -N '[::1]:9000/state?watch'")
        let external = try Fixture(.direct, access: .read) { $0.externalURL = ExternalURL("https://site.example/it&x") }
        let url = "https://site.example/it&amp;x/state"
        #expect(try commands(external, "127.0.0.1", "/it&x/") == "curl '\(url)'\ncurl -N '\(url)?watch'")
    }

    @Test func eachAnswerHasANonceOfItsOwn() throws {
        let fixture = try Fixture(.direct)
        let policies = try (0..<20).map { _ in try fixture.reply(to: .get("/")).fields[.contentSecurityPolicy] }
        #expect(Set(policies).count == 20)
    }

    private static let accesses: [(Place, AnonymousAccess, status: Int, shown: String?)] = [
        (.loopback, .none, 200, "write"), (.unix, .metrics, 200, "write"), (.everywhere, .metrics, 403, nil),
        (.everywhere, .read, 200, "read"), (.everywhere, .write, 200, "write"),
    ]

    @Test(arguments: accesses.indices) func thePageKnowsWhetherItsVisitorMayWrite(row: Int) throws {
        let (place, access, status, shown) = Self.accesses[row]
        let reply = try Fixture(.direct, at: place, access: access).reply(to: .get("/"))
        #expect(reply.status == status)
        #expect(reply.text.firstMatch(of: #/<html lang="en" data-access="(\w+)">/#).map { String($0.1) } == shown)
    }

    @Test func whereTheMetricsAreIsText() throws {
        let fixture = try Fixture(.direct) { $0.telemetryPath = "/<b>&\"" }
        #expect(
            try fixture.reply(to: .get("/")).text.contains(#"<a href="./&lt;b>&amp;&quot;">/&lt;b>&amp;&quot;</a>"#)
        )
    }

    @Test func whoWantsNoHTMLIsTold() throws {
        let fixture = try Fixture(.direct)
        let refused = try fixture.reply(to: .get("/", (.accept, "application/json")))
        #expect(refused.status == 406 && refused.text.contains("The answer is text/html"))
        #expect(try fixture.reply(to: .get("/", (.accept, "text/html,*/*;q=0.8"))).status == 200)
        #expect(try fixture.reply(to: Call(.head, "/")).status == 200)
        #expect(try fixture.reply(to: Call(.put, "/")).status == 405)
    }
}
