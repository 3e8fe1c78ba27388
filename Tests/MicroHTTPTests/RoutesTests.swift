import HTTPTypes
import MicroHTTP
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
