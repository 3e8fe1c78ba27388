internal import CMicrohttpd
internal import HTTPTypes

/// The way of one request through libmicrohttpd's callbacks: begin, pieces of the body, finish, and finish again after a
/// suspension.
extension EventLoop {
    func handle(_ call: RequestCall, at listener: Listener) -> MHD_Result {
        if call.context.pointee == nil { return begin(call) }
        let exchange = RequestContext.exchange(in: call.context.pointee)
        if call.piece.isEmpty { return finish(call, exchange, at: listener) }
        // No response can be queued here; libmicrohttpd's own count of the body makes it unreachable.
        guard let exchange, exchange.receive(call.piece) else { return .NO }
        return .YES
    }

    /// Judges the head.
    ///
    /// A response that is queued here closes the connection, so only refusals are.
    private func begin(_ call: RequestCall) -> MHD_Result {
        requestBegan()
        call.context.pointee = RequestContext.begun
        if phase == .ending { return refuse(call, Refusal(.serviceUnavailable, "the server is stopping")) }
        if isAboveConnectionLimit, call.isAboveConnectionLimit {
            return refuse(call, Refusal(.serviceUnavailable, "too many connections are open"))
        }
        let head = call.readHead()
        let refusal = head.refusal(
            method: String(cString: call.method),
            version: String(cString: call.version),
            path: call.path,
            headerBytes: call.headerBytes,
            limits: configuration.limits
        )
        if let refusal { return refuse(call, refusal) }
        if head.bodyBytes > 0 {
            let exchange = Exchange(connection: call.connection, bodyBytes: head.bodyBytes)
            call.context.pointee = RequestContext.retain(exchange)
        }
        return .YES
    }

    /// Answers a complete request.
    private func finish(_ call: RequestCall, _ exchange: Exchange?, at listener: Listener) -> MHD_Result {
        if case .answered(let response) = exchange?.state { return queue(response, call) }
        if phase == .ending { return refuse(call, Refusal(.serviceUnavailable, "the server is stopping")) }
        guard let request = call.makeRequest(body: exchange?.body ?? [], listener: listener.address) else {
            return refuse(call, Refusal(.badRequest, "the request changed while it was read"))
        }
        switch handler(request) {
        case .now(let response):
            return queue(response, call)
        case .later(let begin):
            let exchange = exchange ?? addExchange(to: call)
            begin(suspend(exchange))
            return .YES
        }
    }

    private func addExchange(to call: RequestCall) -> Exchange {
        let exchange = Exchange(connection: call.connection)
        call.context.pointee = RequestContext.retain(exchange)
        return exchange
    }

    private func queue(_ response: Response, _ call: RequestCall) -> MHD_Result {
        response.queue(on: call.connection, closing: phase != .serving)
    }

    private func refuse(_ call: RequestCall, _ refusal: Refusal) -> MHD_Result {
        makeResponse(refusal).queue(on: call.connection, closing: true)
    }
}
