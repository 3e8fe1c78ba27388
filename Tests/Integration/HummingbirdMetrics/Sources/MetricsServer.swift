import Exposition
import Hummingbird

// DOC begins
struct RequestMetrics<Context: RequestContext>: RouterMiddleware {
    let durations: Family<Registry.Histogram, 2>

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let duration = durations.child([context.endpointPath ?? "none", request.method.rawValue])
        return try await duration.time { try await next(request, context) }
    }
}
// DOC ends

/// Makes the server of the article "Serving metrics with Hummingbird".
public func makeRouter() -> Router<BasicRequestContext> {
    // DOC begins
    let registry = Registry()
    let router = Router()
    router.get("metrics") { request, _ in
        let format = ExpositionFormat(accepting: request.headers[.accept])
        return Response(
            status: .ok,
            headers: [.contentType: format.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: registry.render(format)))
        )
    }
    // DOC ends
    // DOC begins
    let durations = registry.histogram(
        "http_request_duration_seconds",
        help: "Time to answer.",
        labels: ["route", "method"]
    )
    router.add(middleware: RequestMetrics(durations: durations))
    router.get("hello") { _, _ in "Hello" }
    // DOC ends
    return router
}
