internal import CMicrohttpd
internal import HTTPTypes

/// The way of a connection and of its requests through libmicrohttpd's callbacks.
extension EventLoop {
    /// Notes a connection that libmicrohttpd was given.
    func connectionBegan(_ descriptor: Int32) -> Connection? {
        takeArriving(descriptor)
    }

    func connectionEnded(_ connection: Connection) {
        table.remove(connection)
        connection.phase = .idle
    }

    /// A request begins, brings a piece of its body, is complete, or was resumed.
    func handle(_ call: RequestCall, on connection: Connection) -> MHD_Result {
        if !connection.hasRequest { return begin(call, on: connection) }
        if call.piece.isEmpty { return finish(call, on: connection) }
        // No response can be queued here; libmicrohttpd's own count of the body makes it unreachable.
        guard let exchange = connection.exchange, exchange.receive(call.piece) else { return .NO }
        return .YES
    }

    func requestEnded(on connection: Connection) {
        if connection.hasRequest { requestsRunning -= 1 }
        let exchange = connection.exchange
        connection.endRequest(deadline: now + timeouts.idle)
        exchange?.stream?.stream.end()
    }

    /// Takes a request whose header libmicrohttpd has read, if it is the one that was accepted.
    ///
    /// A response that is queued here closes the connection, so only refusals are.
    private func begin(_ call: RequestCall, on connection: Connection) -> MHD_Result {
        connection.hasRequest = true
        requestsRunning += 1
        // It was answered; libmicrohttpd closes now.
        if connection.isRefused { return .NO }
        if phase == .ending { return refuse(call, on: connection, .isStopping) }
        guard let head = connection.head, let memory = connection.memory, call.start == memory + head.start,
            call.headerBytes == head.bytes
        else {
            statistics.requestsRefused += 1
            return refuse(call, on: connection, .malformedField)
        }
        connection.deadline = LoopClock.never
        if head.bodyBytes > 0 {
            connection.exchange = Exchange(wire: call.wire, bodyBytes: head.bodyBytes)
            connection.phase = .body
            connection.deadline = now + timeouts.body
        }
        return .YES
    }

    /// Answers a complete request.
    private func finish(_ call: RequestCall, on connection: Connection) -> MHD_Result {
        if let answer = connection.exchange?.answer { return queue(answer, call, on: connection) }
        if phase == .ending { return refuse(call, on: connection, .isStopping) }
        connection.deadline = LoopClock.never
        headerTable.clear()
        guard let request = Request(call, on: connection, headerTable) else {
            return refuse(call, on: connection, Refusal(.badRequest, "the request changed while it was read"))
        }
        requestsHandled += 1
        switch handler(request) {
        case .now(let response):
            return queue(response, call, on: connection)
        case .shared(let shared):
            guard phase == .serving, let wire = shared.wire else {
                return queue(shared.response, call, on: connection)
            }
            return queue(wire, shared.response.status, bytes: shared.response.body.count, call, on: connection)
        case .later(let begin):
            let suspension = suspend(connection, call.wire)
            begin(Responder { [mailbox] in mailbox.post(.answer(suspension, $0)) })
            return .YES
        case .stream(let response, let stream):
            return start(stream, response, call, on: connection)
        }
    }

    /// Sets a connection aside, until a letter or the end of the server resumes it.
    private func suspend(_ connection: Connection, _ wire: OpaquePointer) -> Suspension {
        if connection.exchange == nil { connection.exchange = Exchange(wire: wire) }
        let suspension = connection.suspend()
        MHD_suspend_connection(wire)
        return suspension
    }

    private func start(
        _ stream: ResponseStream,
        _ response: Response,
        _ call: RequestCall,
        on connection: Connection
    ) -> MHD_Result {
        guard stream.claim.take() else {
            return refuse(call, on: connection, Refusal(.internalServerError, "the stream has served another answer"))
        }
        let exchange = connection.exchange ?? Exchange(wire: call.wire)
        let sending = StreamSending(stream, to: connection, loop: self)
        exchange.stream = sending
        connection.exchange = exchange
        let isHead = call.methodBytes.equals("HEAD")
        let wire = WireResponse(response, streaming: sending, isHead: isHead)
        return queue(wire, response.status, bytes: 0, call, on: connection)
    }

    /// Gives libmicrohttpd what a stream has to send, which it asks for when the client has taken what was before.
    ///
    /// - Returns: how many bytes; 0 after the connection was set aside; -1 at the end.
    func fill(_ room: UnsafeMutableRawBufferPointer, from sending: StreamSending) -> Int {
        let connection = sending.connection
        if let exchange = connection.exchange, !takeTurn(connection, exchange.wire) { return 0 }
        beginAnswer(on: connection)
        while true {
            let count = sending.copy(into: room)
            if count > 0 { return count }
            // What was begun is sent; a stream that goes on would never let the server stop.
            guard phase == .serving, let exchange = connection.exchange else { return ConnectionContext.endOfStream }
            sending.stream.prepareToAsk()
            let isWaiting: Bool
            switch sending.stream.next() {
            case .bytes(let bytes): isWaiting = !sending.begin(.bytes(bytes))
            case .shared(let body): isWaiting = !sending.begin(.shared(body))
            case .wait: isWaiting = true
            case .end: return ConnectionContext.endOfStream
            }
            if isWaiting {
                let suspension = connection.suspend()
                if sending.stream.fallAsleep(mailbox, suspension) {
                    MHD_suspend_connection(exchange.wire)
                    return 0
                }
                beginAnswer(on: connection)
            }
        }
    }

    private func queue(_ response: Response, _ call: RequestCall, on connection: Connection) -> MHD_Result {
        send(response, call, on: connection, closing: phase != .serving)
    }

    private func refuse(_ call: RequestCall, on connection: Connection, _ refusal: Refusal) -> MHD_Result {
        send(configuration.response(to: refusal), call, on: connection, closing: true)
    }

    private func send(_ response: Response, _ call: RequestCall, on connection: Connection, closing: Bool) -> MHD_Result
    {
        let wire = WireResponse(response, closing: closing)
        return queue(wire, response.status, bytes: response.body.count, call, on: connection)
    }

    /// Gives libmicrohttpd a response; without one, for lack of memory, NO has it close the connection.
    private func queue(
        _ wire: WireResponse?,
        _ status: HTTPResponse.Status,
        bytes: Int,
        _ call: RequestCall,
        on connection: Connection
    ) -> MHD_Result {
        guard let wire else { return .NO }
        beginAnswer(on: connection, bytes: bytes)
        return wire.queue(status, on: call.wire)
    }

    /// From here on the client has to take what it is sent.
    func beginAnswer(on connection: Connection, bytes: Int = 0) {
        connection.beginAnswer(bytes: bytes, deadline: now + timeouts.firstWrite)
    }
}
