import HTTPTypes
import MicroHTTP
import TestSupport
import Testing

@Suite struct ServerTests {
    @Test func getIsAnswered() throws {
        let fixture = try Fixture()
        let reply = try fixture.connect().exchange(request("GET /hello"))
        #expect(reply.status == 200)
        #expect(reply.body == "hello")
    }

    @Test func theHandlerSeesPathQueryAndFieldsDecoded() throws {
        let fixture = try Fixture()
        let reply = try fixture.connect()
            .exchange(
                request("GET /hello/%C3%A4?a=1%2B1&b&c=&d=x+y", fields: ["Accept: a", "accept: b"])
            )
        #expect(reply.body == "ä a=1+1;b=nil;c=;d=x y a, b\n")
    }

    @Test(arguments: [0, 1, 23, 24, 25, 48, 60]) func allFieldsAreSeenInTheirOrder(count: Int) throws {
        let fixture = try Fixture()
        let fields = (0..<count).map { "Accept: \($0)" }
        let query = (0..<min(count, 30)).map { "q\($0)=\($0)" }.joined(separator: "&")
        let reply = try fixture.connect().exchange(request("GET /hello/x?\(query)", fields: fields))
        let values = count == 0 ? "none" : (0..<count).map(String.init).joined(separator: ", ")
        let items = query.replacing("&", with: ";")
        #expect(reply.body == "x \(items) \(values)\n")
    }

    @Test func aBodyInSeveralPiecesArrivesWhole() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        let body = String(repeating: "0123456789", count: 20_000)
        try client.send(request("PUT /echo", fields: ["Content-Length: \(body.utf8.count)"]))
        for start in stride(from: 0, to: body.utf8.count, by: 70_000) {
            try client.send(String(body.dropFirst(start).prefix(70_000)))
        }
        #expect(try client.read().body == body)
    }

    @Test func headHasTheLengthAndNoBody() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        let reply = try client.exchange(request("HEAD /hello"), hasBody: false)
        #expect(reply.status == 200)
        #expect(reply.has("Content-Length: 5"))
        #expect(try client.exchange(request("GET /hello")).body == "hello")
    }

    @Test func optionsIsAnsweredWithAllow() throws {
        let fixture = try Fixture()
        let reply = try fixture.connect().exchange(request("OPTIONS /echo"), hasBody: false)
        #expect(reply.status == 204)
        #expect(reply.has("Allow: PUT, POST, OPTIONS"))
    }

    @Test func aConnectionServesSeveralRequests() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        for body in ["one", "two", ""] {
            #expect(try client.exchange(request("PUT /echo", body: body)).body == body)
        }
    }

    @Test func theSameHeaderAgainIsTakenAndAnotherOneReadAnew() throws {
        let fixture = try Fixture()
        let (client, other) = (try fixture.connect(), try fixture.connect())
        for client in [client, other] {
            #expect(try client.exchange(request("PUT /echo", body: "first")).body == "first")
        }
        // The same header, on both connections, with another body each time.
        for body in ["one", "two"] {
            for client in [client, other] {
                #expect(try client.exchange(request("PUT /echo", body: body)).body == body)
            }
        }
        // As long, and in one byte another one.
        #expect(try client.exchange(request("PUT /echo", body: "12")).body == "12")
        #expect(try client.exchange(request("PUT /ecno", body: "one")).status == 404)
        #expect(try client.exchange(request("PUT /echo", body: "one")).body == "one")
        let hidden = request("PUT /echo", body: "one").replacing("\r\nContent-Length", with: "\0\nContent-Length")
        #expect(try client.exchange(hidden).status == 400)
        #expect(try other.exchange(request("PUT /echo", body: "one")).body == "one")
        #expect(
            try other.exchange(request("PUT /echo", body: "one").replacing("Length: 3", with: "Length: x")).status
                == 400
        )
    }

    @Test func theContinuationIsSentForABodyThatFits() throws {
        let fixture = try Fixture()
        let client = try fixture.connect()
        let expecting = request("PUT /echo", fields: ["Content-Length: 2", "Expect: 100-continue"])
        #expect(try client.exchange(expecting, hasBody: false).status == 100)
        #expect(try client.exchange("ab").body == "ab")
    }

    @Test func everyListenerServesAndIsReported() throws {
        let path = "/tmp/microhttp-\(UInt64.random(in: 0 ... .max)).sock"
        let fixture = try Fixture(at: ["127.0.0.1:0", "[::1]:0", "unix:\(path)", ":0"])
        #expect(fixture.addresses.count == 4)
        for address in fixture.addresses {
            #expect(address.port != 0)
            #expect(try Client(address).exchange(request("GET /listener")).body == "\(address)\n")
        }
        fixture.server.stop(within: .seconds(1))
        #expect(throws: RawConnection.Failure.self) { try Client(BoundAddress(path: path)) }
    }

    @Test func responseFieldsCannotSplitTheResponse() throws {
        let fixture = try Fixture([
            Route.atOnce(.get, "/split") { _, _ in
                .now(
                    Response(
                        status: .ok,
                        fields: [.location: "/a\r\nSet-Cookie: b\0", .contentLength: "99", .server: ""],
                        body: .bytes([0x61])
                    )
                )
            }
        ])
        let client = try fixture.connect()
        let reply = try client.exchange(request("GET /split"))
        #expect(reply.has("Content-Length: 1"))
        #expect(!reply.head.contains("\r\nSet-Cookie"))
        #expect(reply.body == "a")
    }
}
