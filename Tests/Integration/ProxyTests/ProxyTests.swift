import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

/// No request reaches a handler that the proxy in front did not mean.
///
/// What is hidden from the proxy, in a body that it takes for one, has no id of the proxy's, or one that was seen before.
@Suite(.serialized) struct ProxyTests {
    private struct Call: Sendable {
        let line: String
        let proxyID: String?
    }

    /// So many inputs at once.
    private static let batch = 500

    @Test(arguments: Proxy.Kind.allCases) func nothingIsSmuggledPast(_ kind: Proxy.Kind) async throws {
        let calls = Lock<[Call]>([])
        let configuration = ServerConfiguration(addresses: [.loopback(port: 0)], limits: .patient)
        let server = Server(configuration: configuration) { request in
            let call = Call(line: "\(request.method) \(request.path)", proxyID: request.header(HTTPField.Name.proxyID))
            calls.withLock { $0.append(call) }
            return .now(Response(status: .ok, body: .bytes(request.body)))
        }
        let proxy = try await Proxy(kind, to: try server.start()[0])
        let address = proxy.address
        let inputs = Self.inputs
        // What the proxy passes on when nothing is wrong, so that the test is about something.
        let good = "GET /good HTTP/1.1\r\nHost: test\r\nX-Proxy-Id: mine\r\nConnection: close\r\n\r\n"
        let answered = try await onThread {
            for start in stride(from: 0, to: inputs.count, by: Self.batch) {
                try Self.exchange(inputs[start..<min(start + Self.batch, inputs.count)], with: address)
            }
            return try Self.exchange([good], with: address)
        }
        proxy.stop()
        await server.stop(within: .seconds(5))
        let all = calls.withLock { $0 }
        print(
            "\(kind): \(inputs.count) inputs, \(all.count) requests passed on, \(server.statistics.requestsRefused) refused"
        )
        #expect(answered.first?.hasPrefix("HTTP/1.1 200 ") == true)
        let passedOn = all.filter { $0.line == "GET /good" }
        #expect(passedOn.count == 1 && passedOn.first?.proxyID?.contains("mine") == false)
        var seen: Set<String> = []
        for call in all {
            let isNew = call.proxyID.map { seen.insert($0).inserted } ?? false
            #expect(isNew, "\(call.line) with the id \(call.proxyID ?? "–")")
        }
        // Void otherwise: some of the inputs are such that the proxy repairs or passes them on.
        #expect(all.count > inputs.count / 40)
        #expect(server.statistics.requestsRefused > 0)
    }

    /// The table, then what chance makes of it: bytes and lines that matter to framing, put anywhere.
    private static var inputs: [String] {
        let table = (RefusedRequest.all + RefusedRequest.hidden).map(\.text)
        let pieces = [
            "\r", "\n", "\r\n", " ", "\t", "\0", ":", ",", "0", "\r\n\r\n", "Content-Length: 0\r\n",
            "Content-Length: 43\r\n",
            "Transfer-Encoding: chunked\r\n", "Transfer-Encoding:\tchunked\r\n", "Connection: keep-alive\r\n",
            "Expect: 100-continue\r\n", "Connection: Content-Length\r\n", "X: y\r\n", "0\r\n\r\n", "\u{b}", "é",
        ]
        var random = SeededRandom(seed: 7)
        let mutated = (0..<1_500)
            .map { _ in
                var text = Array((table.randomElement(using: &random) ?? "").prefix(2_000))
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: 0...text.count, using: &random)
                    if Bool.random(using: &random), place < text.count {
                        text.remove(at: place)
                    } else {
                        text.insert(contentsOf: pieces.randomElement(using: &random) ?? "", at: place)
                    }
                }
                return String(text)
            }
        return (table + mutated).enumerated().map { $1.replacing("{id}", with: "\($0)") }
    }

    /// Sends each input on a connection of its own and ends it, and reads what comes until the proxy closes.
    @discardableResult
    private static func exchange(_ inputs: ArraySlice<String>, with address: BoundAddress) throws -> [String] {
        let connections = try inputs.map { input in
            let connection = try RawConnection(address)
            // A proxy may close before it has read everything.
            try? connection.send(Array(input.utf8))
            connection.finishSending()
            return connection
        }
        return connections.map { connection in
            (try? connection.readToEnd()).map { String(decoding: $0, as: UTF8.self) } ?? "not closed"
        }
    }
}

extension HTTPField.Name {
    fileprivate static var proxyID: HTTPField.Name { HTTPField.Name("X-Proxy-Id") ?? .via }
}
