internal import CMicrohttpd
internal import HTTPTypes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The one thread's work: it runs every listener's daemon, wakes for mail, and stops gracefully.
///
/// Not Sendable: the thread that starts the server makes it and hands it over by `pthread_create`, after which only the
/// loop's thread touches it; that includes libmicrohttpd's callbacks, which run inside `MHD_run`, `MHD_add_connection` and
/// `MHD_stop_daemon`. Other threads reach it through the ``Mailbox``.
final class EventLoop {
    enum Phase {
        case serving
        /// Nothing more is accepted, and every response closes its connection.
        case draining
        /// Time is up: what asks now is refused.
        case ending
    }

    let configuration: ServerConfiguration
    let handler: Server.Handler
    let mailbox: Mailbox
    private(set) var phase = Phase.serving
    private(set) var listeners: [Listener] = []
    private var stopBy: ContinuousClock.Instant?
    /// The exchanges that libmicrohttpd has suspended, all and only those.
    private var suspended: [Mailbox.ExchangeID: Exchange] = [:]
    private var lastExchange: Mailbox.ExchangeID = 0
    private var connections = 0
    /// Requests between their first callback and their completion.
    private var requestsRunning = 0
    /// Rounds that the end gives the last responses; each writes what the kernel takes without waiting.
    private static let lastRoundsMax = 64

    init(configuration: ServerConfiguration, handler: @escaping Server.Handler, mailbox: Mailbox) {
        self.configuration = configuration
        self.handler = handler
        self.mailbox = mailbox
    }

    /// Binds every address; on an error ``close()`` undoes what was done.
    func open() throws(ServerError) {
        for address in configuration.addresses {
            let listener = try Listener(address, loop: self)
            listeners.append(listener)
            try listener.open(limits: configuration.limits)
        }
    }

    /// Closes what is open; none of the connections may be suspended.
    func close() {
        for listener in listeners { listener.close() }
    }

    /// Serves until it is asked to stop, then closes everything.
    func run() {
        while true {
            readMail()
            for listener in listeners { listener.run() }
            if let stopBy, stopBy <= .now || isDrained { break }
            sleep()
        }
        end()
    }

    private func readMail() {
        let mail = mailbox.takeMail()
        for letter in mail.letters { resume(letter.exchange, with: letter.response) }
        guard let deadline = mail.stopBy else { return }
        stopBy = deadline
        if phase == .serving {
            phase = .draining
            for listener in listeners { listener.stopAccepting() }
        }
    }

    private func resume(_ id: Mailbox.ExchangeID, with response: Response?) {
        guard let exchange = suspended.removeValue(forKey: id) else { return }
        let abandoned = Refusal(.internalServerError, "the handler let go of the request without an answer")
        exchange.state = .answered(response ?? makeResponse(abandoned))
        MHD_resume_connection(exchange.connection)
    }

    /// Whether nothing runs and nothing that the kernel has received waits to be read.
    private var isDrained: Bool {
        guard requestsRunning == 0, !wantsToRunAtOnce else { return false }
        var polled = listeners.map { pollfd(fd: $0.epollNumber, events: Int16(POLLIN), revents: 0) }
        return poll(&polled, nfds_t(polled.count), 0) == 0
    }

    private var wantsToRunAtOnce: Bool { listeners.contains { $0.timeoutMilliseconds == 0 } }

    private func sleep() {
        guard mailbox.prepareToSleep(knownStop: stopBy) else { return }
        var polled = [pollfd(fd: mailbox.eventNumber, events: Int16(POLLIN), revents: 0)]
        polled += listeners.map { pollfd(fd: $0.epollNumber, events: Int16(POLLIN), revents: 0) }
        // An interrupted or failed poll is a short sleep: the loop looks at everything again.
        _ = poll(&polled, nfds_t(polled.count), sleepMilliseconds)
        if polled[0].revents != 0 { mailbox.clearEvent() }
    }

    /// Until libmicrohttpd's next timeout or the deadline; -1 for ever.
    private var sleepMilliseconds: Int32 {
        var earliest = listeners.compactMap(\.timeoutMilliseconds).min().map { Int64(clamping: $0) }
        if let stopBy {
            let left = max(.zero, stopBy - .now).components
            let milliseconds = left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000 + 1
            earliest = min(earliest ?? milliseconds, milliseconds)
        }
        return earliest.map { Int32(clamping: $0) } ?? -1
    }

    /// Answers what is still suspended with 503, writes what the kernel takes, and closes everything.
    private func end() {
        phase = .ending
        // After the mailbox is closed no letter comes any more, so this is the last mail.
        mailbox.close()
        readMail()
        for id in suspended.keys {
            resume(id, with: makeResponse(Refusal(.serviceUnavailable, "the server is stopping")))
        }
        for _ in 0..<Self.lastRoundsMax {
            for listener in listeners { listener.run() }
            if !wantsToRunAtOnce { break }
        }
        // None is suspended: all were resumed, and this phase suspends none.
        close()
    }
}

extension EventLoop {
    /// Counts a connection; false if it is above the limit and must be refused.
    func connectionBegan() -> Bool {
        connections += 1
        return connections <= configuration.limits.connectionsMax
    }

    func connectionEnded() { connections -= 1 }

    /// Whether connections above the limit are to be refused now, since the others have not made room.
    var isAboveConnectionLimit: Bool { connections > configuration.limits.connectionsMax }

    func requestBegan() { requestsRunning += 1 }

    func requestEnded(_ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        requestsRunning -= 1
        RequestContext.release(context.pointee)
        context.pointee = nil
    }

    /// Suspends the connection of an exchange.
    ///
    /// - Returns: the responder that resumes it.
    func suspend(_ exchange: Exchange) -> Responder {
        lastExchange += 1
        exchange.state = .suspended
        suspended[lastExchange] = exchange
        mailbox.expectAnswer(for: lastExchange)
        MHD_suspend_connection(exchange.connection)
        return Responder(mailbox: mailbox, exchange: lastExchange)
    }

    /// The response for a refusal, as the configuration shapes it.
    func makeResponse(_ refusal: Refusal) -> Response {
        var response = configuration.refusal(refusal.status, refusal.detail)
        if refusal.status == .serviceUnavailable, response.fields[.retryAfter] == nil {
            response.fields[.retryAfter] = "1"
        }
        return response
    }
}
