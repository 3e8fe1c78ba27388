internal import CLinux
internal import CMicrohttpd
internal import HTTPTypes
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The way of a connection and of its requests through libmicrohttpd's callbacks.
extension EventLoop {
    /// Notes a connection that libmicrohttpd was given.
    func connectionBegan(_ mhdConnection: OpaquePointer, _ descriptor: Int32) -> Connection? {
        let connection = takeArriving(descriptor)
        connection?.mhdConnection = mhdConnection
        return connection
    }

    /// The line of a request was read, and nothing behind it.
    func lineArrived(_ target: UnsafeMutablePointer<CChar>, _ mhdConnection: OpaquePointer, on connection: Connection) {
        connection.phase = .head
        guard let memory = connection.memory else {
            connection.memory = connection.head.map { head in
                UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt8.self) - head.start - head.targetStart
            }
            return
        }
        if let head = lastHeader.head(in: memory) {
            connection.head = head
            return
        }
        let limits = configuration.limits
        let header = ReceivedHeader(at: memory, limits: limits)
        do throws(Refusal) {
            switch try header.read(target: target, limits: limits) {
            case .accepted(let head):
                connection.head = head
                if head.fitsMemory {
                    lastHeader.keep(head, in: memory)
                } else {
                    try substitute(head, in: memory, of: connection)
                }
            case .begun(let begun):
                // Nobody looks at held connections any more, and libmicrohttpd is not stopped with suspended ones.
                guard phase != .ending else { throw .isStopping }
                guard pendingHeaders.add(connection) else { throw .hasNoMemory }
                connection.pendingHeader = PendingHeader(.memory(begun, mhdConnection: mhdConnection))
                MHD_suspend_connection(mhdConnection)
            }
        } catch {
            refuse(connection, error, isHead: header.isHead)
        }
    }

    func connectionEnded(_ connection: Connection) {
        table.remove(connection)
        connection.phase = .idle
        connection.mhdConnection = nil
    }

    /// A request begins, brings a piece of its body, is complete, or was resumed.
    func handle(_ call: MHDRequest, on connection: Connection) -> MHD_Result {
        if !connection.hasRequest { return begin(call, on: connection) }
        if call.piece.isEmpty { return finish(call, on: connection) }
        return receive(call.piece, on: connection)
    }

    func requestEnded(on connection: Connection) {
        if connection.hasRequest { requestsRunning -= 1 }
        let exchange = connection.exchange
        // One whose answer is known was noted with that.
        if connection.phase == .body, !connection.isRefused, exchange?.isDiscarding != true {
            noteAbort(of: connection)
        }
        headerFields.end(of: connection)
        clients.remove(connection)
        giveBackBody(of: connection)
        if BodyMemory.isNotable(connection.answerBytes) { bodyMemory.noteUse(of: connection.answerBytes, at: now) }
        noteEnd(of: connection)
        connection.endRequest(deadline: now + min(timeouts.idle, Self.idleLookMilliseconds), idle: now + timeouts.idle)
        nextSweep = min(nextSweep, connection.deadline)
        if let sending = exchange?.stream { sending.stream.end(sentBytes: sending.sentBytes) }
    }

    /// How long a connection is idle before the loop looks whether its client has left.
    private static let idleLookMilliseconds: Int64 = 1_000

    /// Finds out after the first request whether the client has closed its side.
    ///
    /// libmicrohttpd does not learn of an end that comes together with requests, and would keep the connection until its time is
    /// over.
    private func noteEnd(of connection: Connection) {
        if !connection.isUsed, !connection.isRefused {
            connection.hasLeft = ConnectionSocket.isAtEnd(connection.descriptor)
        }
        connection.isUsed = true
        if connection.hasLeft { leftConnections.append(connection) }
    }

    /// Closes the connections of clients that have left, when libmicrohttpd has had its turn: what it has read may hold further requests.
    func closeLeftConnections() {
        for connection in leftConnections where connection.index >= 0 {
            if connection.phase == .idle { close(connection) }
        }
        leftConnections.removeAll(keepingCapacity: true)
    }

    /// Tells of a request whose body is still missing, if anyone wants to know; the connection is not closed yet.
    private func noteAbort(of connection: Connection) {
        guard let didAbort = configuration.didAbort, let exchange = connection.exchange,
            let request = summary(of: connection)
        else { return }
        didAbort(
            AbortedRequest(
                request: request,
                reason: phase == .ending ? .serverStopped : .clientLeft,
                receivedBytes: exchange.receivedBytes,
                duration: .milliseconds(now - exchange.begin),
                clientAddress: connection.peer.text,
                listener: connection.listener
            )
        )
    }

    /// What the header says of a request that has a body or is answered later; nil where there is none.
    ///
    /// Only such a request has an exchange; its header stays in memory until the request is over.
    func summary(of connection: Connection) -> RequestSummary? {
        guard connection.exchange != nil, let head = connection.head, let memory = connection.memory else { return nil }
        // No handler runs now, for which fields would be kept.
        headerFields.clear()
        defer { headerFields.clear() }
        let fields = ConnectionFields(of: connection, table: headerFields)
        let path = head.path(in: UnsafePointer(memory) + head.start)
        return RequestSummary(
            method: head.method,
            path: String(decoding: path, as: UTF8.self),
            userAgent: fields.header(.userAgent)
        )
    }

    /// Takes a request whose header libmicrohttpd has read, if it is the one that was accepted.
    ///
    /// A response that is queued here closes the connection, so only refusals are.
    private func begin(_ call: MHDRequest, on connection: Connection) -> MHD_Result {
        if let feed = connection.detachedHeader?.feed, !connection.isRefused {
            return endFeed(of: connection, feed, call.mhdConnection)
        }
        connection.hasRequest = true
        requestsRunning += 1
        // It was answered; libmicrohttpd closes now.
        if connection.isRefused { return .NO }
        if phase == .ending { return refuse(call, on: connection, .isStopping) }
        guard let head = connection.head, let memory = connection.memory, call.start == memory + head.start,
            call.target == memory + head.start + head.targetStart, call.headerBytes == head.bytes
        else {
            statistics.requestsRefused += 1
            return refuse(call, on: connection, .malformedField)
        }
        connection.deadline = LoopClock.never
        return head.bodyBytes > 0 ? beginBody(head, call, on: connection) : .YES
    }

    /// Answers a complete request.
    private func finish(_ call: MHDRequest, on connection: Connection) -> MHD_Result {
        if let exchange = connection.exchange, let answer = exchange.answer {
            if let standIn = exchange.standIn {
                exchange.standIn = nil
                guard standIn.end(at: connection.descriptor) else { return .NO }
            }
            if let stream = answer.body.stream { return start(stream, answer, call, on: connection) }
            return queue(answer, call, on: connection)
        }
        if phase == .ending { return refuse(call, on: connection, .isStopping) }
        connection.deadline = LoopClock.never
        headerFields.finish(of: connection)
        guard let head = connection.head else { return refuse(call, on: connection, .malformedField) }
        requestsHandled += 1
        let handler = connection.exchange?.handler ?? handlers.whole
        switch handler(Request(head, of: call, on: connection, headerFields)) {
        case .now(let response):
            return queue(response, call, on: connection)
        case .shared(let shared):
            guard phase == .serving, let mhdResponse = shared.mhdResponse else {
                return queue(shared.response, call, on: connection)
            }
            return queue(mhdResponse, shared.response.status, bytes: shared.response.body.count, call, on: connection)
        case .later(let begin):
            let suspension = suspend(connection, call.mhdConnection)
            let responder = Responder { [mailbox] in
                mailbox.post(.answer(suspension, $0))
            } watch: { [mailbox] in
                // False once the server has stopped, when nothing waits any more.
                _ = mailbox.post(.watch(suspension, $0))
            } limit: { [mailbox] duration, action in
                // False for the same reason.
                _ = mailbox.post(.limit(suspension, duration?.loopMilliseconds, action))
            }
            begin(responder)
            return .YES
        case .stream(let response, let stream):
            return start(stream, response, call, on: connection)
        }
    }

    /// Sets a connection aside, until a message or the end of the server resumes it.
    private func suspend(_ connection: Connection, _ mhdConnection: OpaquePointer) -> Suspension {
        if connection.exchange == nil { connection.exchange = Exchange(mhdConnection: mhdConnection) }
        let suspension = connection.suspend()
        MHD_suspend_connection(mhdConnection)
        return suspension
    }

    private func queue(_ response: Response, _ call: MHDRequest, on connection: Connection) -> MHD_Result {
        send(response, call, on: connection, closing: phase != .serving)
    }

    func refuse(_ call: MHDRequest, on connection: Connection, _ refusal: Refusal) -> MHD_Result {
        note(refusal, on: connection)
        return send(configuration.response(to: refusal), call, on: connection, closing: true)
    }

    private func send(_ response: Response, _ call: MHDRequest, on connection: Connection, closing: Bool) -> MHD_Result
    {
        let mhdResponse = MHDResponse(response, closing: closing)
        return queue(mhdResponse, response.status, bytes: response.body.count, call, on: connection)
    }

    /// Gives libmicrohttpd a response; without one, for lack of memory, NO has it close the connection.
    func queue(
        _ mhdResponse: MHDResponse?,
        _ status: HTTPResponse.Status,
        bytes: Int,
        _ call: MHDRequest,
        on connection: Connection
    ) -> MHD_Result {
        guard let mhdResponse else { return .NO }
        beginAnswer(on: connection, bytes: bytes)
        return mhdResponse.queue(status, on: call.mhdConnection)
    }

    /// The body has served its purpose when the answer begins, which a slow client can take long to read.
    private func giveBackBody(of connection: Connection) {
        if let exchange = connection.exchange, !exchange.body.isEmpty {
            bodyMemory.giveBack(exchange.forgetBody(), at: now)
        }
    }

    /// From here on the client has to take what it is sent.
    func beginAnswer(on connection: Connection, bytes: Int = 0) {
        giveBackBody(of: connection)
        connection.beginAnswer(bytes: bytes, deadline: now + timeouts.firstWrite)
    }
}
