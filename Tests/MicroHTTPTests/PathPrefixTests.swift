import HTTPTypes
import MicroHTTP
import TestSupport
import Testing

/// What precedes every path of a table of routes.
@Suite struct PathPrefixTests {
    @Test(arguments: [
        ("", ""), ("/", ""), ("//", ""), ("/gw1", "/gw1"), ("gw1", "/gw1"), ("/gw1/", "/gw1"), ("/a//b/", "/a/b"),
        ("/site%201/a&b;c", "/site%201/a&b;c"), ("/caf%C3%A9", "/caf%C3%A9"), ("/...", "/..."),
    ])
    func aPrefixHasOneSpelling(_ text: String, _ description: String) throws {
        let prefix = try #require(PathPrefix(text))
        #expect(prefix.description == description && prefix.isEmpty == description.isEmpty)
        #expect(prefix.count == description.split(separator: "/").count)
        #expect(PathPrefix(description) == prefix)
    }

    @Test(arguments: [
        "/a?b", "/a#b", "/..", "/a/./b", "/%2e%2E/a", "/a%2fb", "/a%00", "/%zz", "/%", "/%ff", "/a b", "/ä", "/{a}",
        "/[a]", "/a\\b", "/a\"b", "/a'b", "/<a>", "/a\n",
    ])
    func whatIsNoneIsRefused(_ text: String) { #expect(PathPrefix(text) == nil) }

    @Test(
        arguments: [
            ("/a/b/", "/"), ("/a/b/c", "/c"), ("/a/b/c/d/", "/c/d/"), ("/%61/b/c%20d", "/c%20d"), ("/a/b//c", "//c"),
            ("/a/b", nil), ("/a", nil), ("/", nil), ("//a/b/c", nil), ("/a//b/c", nil), ("/a/bc/d", nil),
            ("/A/b/c", nil),
            ("/a%2fb/c", nil), ("/x/a/b/c", nil), ("a/b/c", nil), ("", nil),
        ] as [(String, String?)]
    )
    func theRestOfAPathFollowsThePrefix(_ path: String, _ rest: String?) throws {
        #expect(try #require(PathPrefix("/a/b")).rest(of: path) == rest)
        #expect(PathPrefix.none.rest(of: path) == path)
        let accented = try #require(PathPrefix("/caf%C3%A9"))
        #expect(accented.rest(of: "/caf%c3%a9\(path)") == (path.hasPrefix("/") ? path : nil))
        // The same to a reader, of other code points.
        #expect(accented.rest(of: "/cafe%CC%81\(path)") == nil)
    }

    // MARK: A table below it

    private func answer(_ prefix: String, _ method: HTTPRequest.Method, _ path: String) throws -> Response {
        let routes = Routes(
            [
                Route.atOnce(.get, "/") { _, _ in .now(.text(status: .ok, "root")) },
                Route.atOnce(.get, "/hello/{name}") { request, parameters in
                    .now(.text(status: .ok, "\(parameters["name"] ?? "") at \(request.path)"))
                },
                Route.atOnce(.put, "/files/{path*}") { _, parameters in
                    .now(.text(status: .ok, parameters["path"] ?? ""))
                },
            ],
            below: try #require(PathPrefix(prefix))
        )
        guard case .now(let response) = routes.answer(to: Request(OwnedRequest(method: method, path: path))) else {
            throw RawConnection.Failure(what: "not answered at once")
        }
        // HEAD has no body that could be waited for.
        guard method != .head,
            case .now(let early) = routes.answer(toHeaderOf: Request(OwnedRequest(method: method, path: path)))
        else { return response }
        // What the header decides is the same.
        #expect(early.status == response.status && early.body.bytes == response.body.bytes)
        return response
    }

    @Test(
        arguments: [
            ("/gw1", .get, "/gw1/", "root"), ("/gw1", .get, "/%67w1/", "root"),
            ("/gw1", .get, "/gw1/hello/a", "a at /gw1/hello/a"),
            ("/gw1", .get, "/%67w1/hello/a", "a at /%67w1/hello/a"),
            ("/gw1", .get, "/gw1/%68ello/a%20b", "a b at /gw1/%68ello/a%20b"),
            ("/gw1", .head, "/gw1/hello/a", "a at /gw1/hello/a"), ("/gw1", .put, "/gw1/files/a/b", "a/b"),
            ("/a/b/c", .get, "/a/b/c/", "root"), ("/a/b/c", .put, "/a/%62/c/files/a%20b/c", "a b/c"),
            ("/site%201", .get, "/site%201/", "root"),
            ("/site%201", .get, "/%73ite%201/hello/a", "a at /%73ite%201/hello/a"),
            ("/caf%C3%A9", .get, "/caf%c3%a9/", "root"),
            // The same to a reader, of other code points.
            ("/caf%C3%A9", .get, "/cafe%CC%81/", nil),
            ("/gw1", .get, "/gw1", nil), ("/gw1", .get, "/", nil), ("/gw1", .get, "/hello/a", nil),
            ("/gw1", .get, "/gw12/hello/a", nil), ("/gw1", .get, "//gw1/hello/a", nil),
            ("/gw1", .get, "/gw1//hello/a", nil), ("/gw1", .get, "/gw1/gw1/hello/a", nil),
            ("/gw1", .get, "/gw1%2fhello/a", nil), ("/a/b/c", .get, "/a/b/", nil), ("/gw1", .get, "/gw1//", nil),
        ] as [(String, HTTPRequest.Method, String, String?)]
    )
    func routesAreBelowIt(_ prefix: String, _ method: HTTPRequest.Method, _ path: String, _ text: String?) throws {
        let response = try answer(prefix, method, path)
        #expect(response.status == (text == nil ? .notFound : .ok), "\(path)")
        if let text { #expect(String(decoding: response.body.bytes, as: UTF8.self) == "\(text)\n") }
    }

    @Test func theMethodsAreThoseOfARouteBelowIt() throws {
        #expect(try answer("/gw1", .options, "/gw1/hello/a").fields[.allow] == "GET, HEAD, OPTIONS")
        #expect(try answer("/gw1", .delete, "/gw1/files/a").fields[.allow] == "PUT, OPTIONS")
        #expect(try answer("/gw1", .options, "/files/a").status == .notFound)
        #expect(try answer("/gw1", .options, "*").fields[.allow] == "GET, HEAD, PUT, OPTIONS")
    }
}
