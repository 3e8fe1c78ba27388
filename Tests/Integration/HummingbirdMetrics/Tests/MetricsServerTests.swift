import Exposition
import Hummingbird
import HummingbirdMetrics
import HummingbirdTesting
import Testing

/// The server listens on a port of its own and is scraped through it.
@Suite struct MetricsServerTests {
    private static let openMetrics = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3"

    private func scrape(_ client: some TestClientProtocol, _ accept: String?) async throws -> (String?, String) {
        let fields: HTTPFields = accept.map { [.accept: $0] } ?? [:]
        let response = try await client.execute(uri: "/metrics", method: .get, headers: fields)
        #expect(response.status == .ok)
        return (response.headers[.contentType], String(buffer: response.body))
    }

    @Test func theClientChoosesTheFormat() async throws {
        try await Application(router: makeRouter())
            .test(.live) { client in
                let (textType, text) = try await scrape(client, nil)
                #expect(textType == ExpositionFormat.text0_0_4.contentType)
                #expect(text.contains("# TYPE http_request_duration_seconds histogram\n"))
                let (openType, open) = try await scrape(client, Self.openMetrics)
                #expect(openType == ExpositionFormat.openMetrics1_0_0.contentType)
                #expect(open.hasSuffix("# EOF\n"))
            }
    }

    @Test func requestsAreTimedByTheirRoutes() async throws {
        try await Application(router: makeRouter())
            .test(.live) { client in
                for _ in 0..<3 {
                    let response = try await client.execute(uri: "/hello", method: .get)
                    #expect(String(buffer: response.body) == "Hello")
                }
                let page = try await scrape(client, "text/plain").1
                #expect(page.contains("http_request_duration_seconds_count{route=\"/hello\",method=\"GET\"} 3\n"))
                #expect(!page.contains("metrics_refused"))
            }
    }
}
