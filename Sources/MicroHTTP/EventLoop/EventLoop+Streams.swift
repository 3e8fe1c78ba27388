internal import CMicrohttpd
internal import HTTPTypes
internal import Primitives

/// The turns of streams, and the bytes that they send.
extension EventLoop {
    /// Lets those streams go on whose turn it is.
    func resumeStreams() {
        streamTurnsLeft = Self.streamTurnsPerRound
        guard !waitingStreams.isEmpty else { return }
        // Most are asked twice, and say the second time that they wait.
        let resumed = waitingStreams.prefix(phase == .ending ? .max : Self.streamTurnsPerRound / 2)
        waitingStreams = waitingStreams.dropFirst(resumed.count)
        // The slice would keep the room of all that it has had.
        if waitingStreams.isEmpty { waitingStreams = [] }
        for suspension in resumed where exchange(of: suspension) != nil { resume(suspension.connection) }
    }

    /// Takes a turn for a stream.
    ///
    /// - Returns: false if there is none left in this round; then the stream is set aside until it is its turn.
    func takeTurn(_ connection: Connection, _ mhdConnection: OpaquePointer) -> Bool {
        if streamTurnsLeft > 0 || phase != .serving {
            streamTurnsLeft -= 1
            return true
        }
        waitingStreams.append(connection.suspend())
        MHD_suspend_connection(mhdConnection)
        return false
    }

    /// Notifies streams and handlers whose clients have closed.
    func noteClosedClients() {
        for change in clients.takeChanges() {
            guard let exchange = change.connection.exchange else { continue }
            let clientClosed = exchange.clientClosed
            exchange.clientClosed = nil
            clientClosed?()
            guard let sending = exchange.stream else { continue }
            if change.isGone {
                sending.isClientGone = true
                if change.connection.phase == .suspended { resume(change.connection) }
            } else {
                sending.stream.noteClosedClient()
            }
        }
    }

    /// Answers with a stream.
    func start(
        _ stream: ResponseStream,
        _ response: Response,
        _ call: MHDRequest,
        on connection: Connection
    ) -> MHD_Result {
        guard stream.hasBegun.set() else {
            return refuse(call, on: connection, Refusal(.internalServerError, "the stream has served another answer"))
        }
        let exchange = connection.exchange ?? Exchange(mhdConnection: call.mhdConnection)
        let sending = StreamSending(stream, to: connection, loop: self)
        exchange.stream = sending
        connection.exchange = exchange
        clients.add(connection)
        let isHead = connection.head?.method == .head
        let mhdResponse = MHDResponse(response, streaming: sending, isHead: isHead)
        return queue(mhdResponse, response.status, bytes: 0, call, on: connection)
    }

    /// Gives libmicrohttpd what a stream has to send, which it asks for when the client has taken what was before.
    ///
    /// - Returns: how many bytes; 0 after the connection was set aside; -1 at the end.
    func fill(_ room: UnsafeMutableRawBufferPointer, from sending: StreamSending) -> Int {
        let connection = sending.connection
        if let exchange = connection.exchange, !takeTurn(connection, exchange.mhdConnection) { return 0 }
        beginAnswer(on: connection)
        while true {
            let count = sending.copy(into: room)
            if count > 0 { return count }
            // What was begun is sent; a stream that goes on would never let the server stop.
            guard phase == .serving, !sending.isClientGone, let exchange = connection.exchange else {
                return ConnectionContext.endOfStream
            }
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
                    MHD_suspend_connection(exchange.mhdConnection)
                    return 0
                }
                beginAnswer(on: connection)
            }
        }
    }
}
