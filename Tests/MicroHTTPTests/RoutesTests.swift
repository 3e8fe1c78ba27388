import HTTPTypes
import MicroHTTP
import TestSupport
import Testing

@Suite struct RoutesTests {
    private let routes = Routes(Fixture.routes)

    private func response(_ method: HTTPRequest.Method, _ path: String) -> Response? {
        guard case .now(let response) = routes.answer(to: Request(OwnedRequest(method: method, path: path))) else {
            return nil
        }
        return response
    }

    @Test func aRouteAnswersWithoutASocket() {
        #expect(response(.get, "/hello")?.body.bytes == Array("hello".utf8))
    }

    @Test func aParameterIsPercentDecoded() {
        #expect(response(.get, "/hello/a%20b")?.body.bytes == Array("a b  none\n".utf8))
    }

    @Test func anEmptyParameterIsNotFound() {
        #expect(response(.get, "/hello/")?.status == .notFound)
    }

    @Test(arguments: [
        ("/a/b", "b"), ("/a/b/c", "b/c"), ("/a/b%20c/d", "b c/d"), ("/a", nil), ("/a/", nil), ("/a/b/", nil),
        ("/a//b", nil),
        ("/b/c", nil),
    ])
    func aParameterMayTakeTheRestOfAPath(_ path: String, _ rest: String?) throws {
        let routes = Routes([
            Route.atOnce(.get, "/a/{rest*}") { _, parameters in .now(.text(status: .ok, parameters["rest"] ?? "")) }
        ])
        for path in [path, path.replacing("/a", with: "/%61")] {
            let answer = routes.answer(to: Request(OwnedRequest(method: .get, path: path)))
            guard case .now(let response) = answer else { throw RawConnection.Failure(what: "not answered at once") }
            #expect(response.body.bytes == Array((rest.map { "\($0)\n" } ?? "there is nothing at \(path)\n").utf8))
        }
    }

    @Test func headIsAnsweredByTheRouteForGet() {
        #expect(response(.head, "/hello")?.status == .ok)
    }

    @Test func anUnknownPathIsNotFound() {
        #expect(response(.get, "/nothing")?.status == .notFound)
    }

    @Test func aWrongMethodListsTheAllowedOnes() {
        let response = response(.delete, "/echo")
        #expect(response?.status == .methodNotAllowed)
        #expect(response?.fields[.allow] == "PUT, POST, OPTIONS")
    }

    @Test func optionsListsTheAllowedMethods() {
        let response = response(.options, "/hello")
        #expect(response?.status == .noContent)
        #expect(response?.fields[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test func aServiceShapesItsOwnRefusals() {
        let routes = Routes(
            Fixture.routes,
            notFound: { _ in Response(status: .gone) },
            notAllowed: { _, allowed in .text(status: .conflict, "\(allowed.count)") }
        )
        guard case .now(let missing) = routes.answer(to: Request(OwnedRequest(path: "/nothing"))),
            case .now(let wrong) = routes.answer(to: Request(OwnedRequest(method: .put, path: "/hello")))
        else {
            Issue.record("not answered at once")
            return
        }
        #expect(missing.status == .gone)
        #expect(wrong.status == .conflict)
        #expect(wrong.fields[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test func anOwnedRequestKeepsWhatItWasMadeFrom() {
        let owned = OwnedRequest(
            method: .put,
            path: "/a/b%21",
            query: [QueryItem(name: "x", value: nil)],
            headers: [.accept: "text/plain"],
            body: [1, 2]
        )
        let request = Request(owned)
        #expect(request.segments == ["a", "b!"])
        let copy = request.owned()
        #expect(copy.query == owned.query)
        #expect(copy.headers == owned.headers)
        #expect(copy.body == owned.body)
    }
}
