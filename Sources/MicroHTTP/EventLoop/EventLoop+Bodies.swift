internal import CMicrohttpd
internal import HTTPTypes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// How a body is received, unless the header decides the answer.
extension EventLoop {
    /// Longer bodies than this are not waited for when the answer is known; up to it, a connection is worth keeping.
    private static let maxUnwantedBytes = 64 << 10
    /// How long such a body may take: clients send it together with the header.
    private static let unwantedMilliseconds: Int64 = 100

    /// Begins to receive a body, before `100 Continue`.
    func beginBody(_ head: RequestHead, _ call: MHDRequest, on connection: Connection) -> MHD_Result {
        let exchange = Exchange(mhdConnection: call.mhdConnection, bodyBytes: head.bodyBytes, begin: now)
        connection.exchange = exchange
        connection.phase = .body
        connection.deadline = now + timeouts.body
        if connection.hasLeft {
            // All of it was received, if it is whole; libmicrohttpd may first have to send `100 Continue`.
            connection.deadline = now + Self.unwantedMilliseconds
            nextSweep = min(nextSweep, connection.deadline)
        }
        guard let response = begin(exchange, head, call, on: connection) else { return .YES }
        // A response that is queued here closes the connection, and the client gets a reset for what it sends after that.
        guard head.bodyBytes <= Self.maxUnwantedBytes, !head.expectsContinue, phase == .serving else {
            return answerEarly(response, on: connection)
        }
        _ = exchange.discard(answering: response)
        connection.deadline = min(connection.deadline, now + Self.unwantedMilliseconds)
        nextSweep = min(nextSweep, connection.deadline)
        return .YES
    }

    /// Shows a handler the header.
    ///
    /// - Returns: the answer, where the body would change nothing.
    private func begin(
        _ exchange: Exchange,
        _ head: RequestHead,
        _ call: MHDRequest,
        on connection: Connection
    ) -> Response? {
        guard let byHeader = handlers.byHeader else { return bodyMemory.isFull ? refuseBody(of: connection) : nil }
        headerFields.begin(of: connection)
        switch byHeader(Request(head, of: call, on: connection, headerFields)) {
        case .now(let response):
            requestsHandled += 1
            return response
        case .afterBody(let handler):
            if bodyMemory.isFull { return refuseBody(of: connection) }
            exchange.handler = handler
            return nil
        }
    }

    private func refuseBody(of connection: Connection) -> Response {
        statistics.count(.bodyMemory)
        note(.hasNoRoomForBody, on: connection)
        return configuration.response(to: .hasNoRoomForBody)
    }

    /// Answers without libmicrohttpd, which closes the connection; what the client still sends is read for a while.
    func answerEarly(_ response: Response, on connection: Connection) -> MHD_Result {
        connection.isRefused = true
        let answer = response.rawBytes()
        let copy = fcntl(connection.descriptor, F_DUPFD_CLOEXEC, 0)
        if copy >= 0 {
            lingering.add(copy, answering: answer, at: now)
        } else {
            RawResponse.send(answer, to: connection.descriptor)
        }
        return .NO
    }

    /// Takes a piece of a body.
    func receive(_ piece: UnsafeRawBufferPointer, on connection: Connection) -> MHD_Result {
        // No response can be queued here; libmicrohttpd's own count of the body makes it unreachable.
        guard let exchange = connection.exchange, exchange.count(piece) else { return .NO }
        if exchange.isDiscarding { return .YES }
        if bodyMemory.take(piece.count) {
            exchange.keep(piece)
        } else {
            bodyMemory.giveBack(exchange.discard(answering: refuseBody(of: connection)), at: now)
        }
        return .YES
    }
}
