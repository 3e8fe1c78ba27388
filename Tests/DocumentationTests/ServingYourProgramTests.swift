import Glibc
import HTTPTypes
import MicroHTTP
import Myosin
import MyosinService
import TestSupport
import Testing

/// The code of the article "The service in your program".
@Suite struct ServingYourProgramTests {
    /// The answer to a request, with its status line; retried until the program listens.
    private func answer(_ method: String, _ path: String, _ body: String = "", at address: String) async throws
        -> String
    {
        var text: String?
        let request =
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        try await until {
            if text != nil { return true }
            do {
                let connection = try RawConnection(address)
                try connection.send(Array(request.utf8))
                let answer = String(decoding: try connection.readToEnd(), as: UTF8.self)
                if !answer.isEmpty { text = answer }
            } catch is RawConnection.Failure {
                // It does not listen yet.
            }
            return text != nil
        }
        return text ?? ""
    }

    @Test func theProgramServesAndStopsInOrder() async throws {
        let address = try freeAddress(on: "127.0.0.1")
        let directory = try TemporaryDirectory()
        for litres in ["20", "40"] {
            let program = try Program(
                "/bin/sh",
                ["-c", "cd \(directory.path) && exec \(Program.path(of: "lifecycle-probe")) \(address)"]
            )
            #expect(try await answer("GET", "/version", at: address).hasSuffix("\r\n\r\n{\"version\":\"1.0\"}\n"))
            #expect(try await answer("POST", "/refill", "{\"litres\": -1}", at: address).hasPrefix("HTTP/1.1 422"))
            #expect(try await answer("POST", "/refill", "{\"liters\": 1}", at: address).contains("\"/liters\""))
            // What was committed by the program before was kept.
            let refilled = try await answer("POST", "/refill", "{\"litres\": 20}", at: address)
            #expect(refilled.contains("\"litres\":\(litres)"), "\(refilled)")
            #expect(try await answer("GET", "/state/Tank", at: address).contains("\"litres\":\(litres)"))
            let ending = try await onThread { program.end(with: SIGTERM) }
            #expect(ending.status == 0 && !ending.isSignalled, "\(ending.errors)")
        }
    }

    @Test func anAddressInUseEndsTheProgram() async throws {
        let state = try State()
        let other = StateService(state: state, configuration: ServiceConfiguration(addresses: [.loopback(port: 0)]))
        let address = "\(try other.start()[0])"
        let directory = try TemporaryDirectory()
        let ending = try await onThread {
            try Program.run(
                "/bin/sh",
                ["-c", "cd \(directory.path) && exec \(Program.path(of: "lifecycle-probe")) \(address)"]
            )
        }
        #expect(ending.isSignalled || ending.status != 0)
        #expect(ending.errors.contains("is taken by another process"), "\(ending.errors)")
        await other.stop()
    }

    @Test func middlewareKeepsStrangersOut() async throws {
        let state = try State()
        let configuration = ServiceConfiguration(addresses: [.loopback(port: 0)], limits: .patient)
        // DOC begins
        let password = "swordfish"  // better: from a file that only your program can read
        let middleware: [Middleware] = [
            { request, next in
                guard request.headers[.authorization] == "Bearer \(password)" else {
                    throw Problem(.unauthorized, "Say who you are.", fields: [.wwwAuthenticate: "Bearer"])
                }
                var response = await next(request)
                response.fields[.cacheControl] = "private"
                return response
            }
        ]
        let guarded = StateService(state: state, configuration: configuration, middleware: middleware)
        // DOC ends
        let address = "\(try guarded.start()[0])"
        #expect(try await answer("GET", "/healthz", at: address).hasPrefix("HTTP/1.1 401 Unauthorized"))
        await guarded.stop()
    }
}
