internal import CMicrohttpd
internal import HTTPTypes
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The one thread's work: it accepts, runs libmicrohttpd's daemon, wakes for mail, ends what takes too long, and stops
/// gracefully.
///
/// Not Sendable: the thread that starts the server makes it and hands it over by `pthread_create`, after which only the
/// loop's thread touches it; that includes libmicrohttpd's callbacks, which run inside `MHD_run`, `MHD_add_connection` and
/// `MHD_stop_daemon`. Other threads reach it through the ``Mailbox``.
///
/// The daemon has no thread of its own: the epoll mode of libmicrohttpd's threads stalls when 128 connections are ready at
/// once.
final class EventLoop {
    enum Phase {
        case serving
        /// Nothing more is accepted, and every response closes its connection.
        case draining
        /// Time is up: what asks now is refused.
        case ending
    }

    let configuration: ServerConfiguration
    let handlers: Server.Handlers
    let mailbox: Mailbox
    let acceptor: Acceptor
    /// The connections that were answered too early, and are disconnected.
    let lingering = LingeringSockets()
    /// The clients of streams, and those whose answer depends on them.
    let clients = ClientWatch()
    /// What libmicrohttpd is left with where a connection is taken away from it; nil before ``open()``.
    var deadEnd: Descriptor?
    /// The connections of which libmicrohttpd reads nothing for now.
    let pendingHeaders = PendingHeaderPoller()
    let timeouts: ConnectionTimeouts
    var phase = Phase.serving
    var table = ConnectionTable()
    private let clock: @Sendable () -> Int64
    /// The loop's time, read once per round.
    var now: Int64
    /// What happens rarely is counted here, the rest is beside it and added when it is published.
    var statistics = ServerStatistics()
    var requestsRunning = 0
    var requestsHandled = 0
    /// The connections that libmicrohttpd was given and has not taken note of: 0.9 does at once, 1.0 when it runs next.
    private var arriving: [Connection] = []
    private let published: Lock<ServerStatistics>
    let headerFields: HeaderFieldIndex
    let lastHeader: LastHeaderCache
    var bodyMemory: BodyMemory
    /// Room for a header, and one byte more.
    let headerRoom: UnsafeMutableBufferPointer<UInt8>
    /// Nil before ``open()`` and after ``close()``.
    private(set) var daemon: OpaquePointer?
    private var stopBy = LoopClock.never
    /// When the next deadline of a connection may be over.
    var nextSweep = LoopClock.never
    /// Filled before each sleep: the mailbox, the daemon, the held connections, the lingering ones, the clients, then what the acceptor
    /// waits for.
    private let polled: UnsafeMutableBufferPointer<pollfd>
    private static let minPolled = 5
    /// Whether the acceptor may have something to do.
    private var hasArrivals = false
    /// Whether there may be something of a connection that is disconnected.
    private var hasLingering = false
    /// Whether a client has closed its side, or both.
    private var hasClosedClients = false
    /// Whether a connection was resumed that libmicrohttpd does not report yet.
    var hasResumed = false
    /// Whether more has come of a header.
    private var hasHeaders = false
    /// The connections whose clients have left, and that libmicrohttpd may have finished with.
    var leftConnections: [Connection] = []
    /// How many of them may wait until libmicrohttpd has nothing more to do.
    private static let maxLeft = 64
    /// The streams that have something to send, and those that are to be asked, in the order of their turns.
    var waitingStreams: ArraySlice<Suspension> = []
    /// How often streams may still be asked in this round.
    var streamTurnsLeft = 0
    /// How often they may be in every round.
    ///
    /// Libmicrohttpd writes all that is ready before it reads what others have asked, so a crowd of streams would keep those
    /// waiting. Many at a time, as each round of it looks at every connection that is set aside.
    static let streamTurnsPerRound = 256
    /// Whether clients still take or send something while the server stops.
    var drainProgress = DrainProgress()

    init(
        configuration: ServerConfiguration,
        handlers: Server.Handlers,
        mailbox: Mailbox,
        statistics: Lock<ServerStatistics>,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.configuration = configuration
        self.handlers = handlers
        self.mailbox = mailbox
        published = statistics
        self.clock = clock
        now = clock()
        acceptor = Acceptor(configuration: configuration, lingering)
        timeouts = ConnectionTimeouts(configuration.limits)
        polled = .allocate(capacity: Self.minPolled + acceptor.maxPolled)
        headerFields = HeaderFieldIndex(configuration.limits)
        lastHeader = LastHeaderCache(configuration.limits)
        bodyMemory = BodyMemory(configuration.limits)
        headerRoom = .allocate(capacity: configuration.limits.headerRoomBytes + 1)
    }

    deinit {
        polled.deallocate()
        headerRoom.deallocate()
    }

    /// Binds every address and makes the daemon; on an error ``close()`` undoes what was done.
    func open() throws(ServerError) {
        try acceptor.open(configuration.addresses)
        try pendingHeaders.open()
        try lingering.open()
        try clients.open()
        deadEnd = ConnectionSocket.makeDeadEnd()
        guard deadEnd != nil else { throw .systemError("making a socket", errno: errno) }
        var options = [
            // Never reached, since the acceptor refuses before.
            MHD_OptionItem(option: .CONNECTION_LIMIT, value: Int(Int32.max), ptr_value: nil),
            // Deadlines are kept here: libmicrohttpd's timeout begins anew with every byte.
            MHD_OptionItem(option: .CONNECTION_TIMEOUT, value: 0, ptr_value: nil),
            MHD_OptionItem(option: .CONNECTION_MEMORY_LIMIT, value: configuration.limits.poolBytes, ptr_value: nil),
            MHD_OptionItem(option: .END, value: 0, ptr_value: nil),
        ]
        daemon = cmhd_start_daemon(
            MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_USE_NO_LISTEN_SOCKET.rawValue,
            Unmanaged.passUnretained(self).toOpaque(),
            handleRequest,
            requestCompleted,
            connectionChanged,
            leaveEscaped,
            noteTarget,
            &options
        )
        guard daemon != nil else { throw .systemError("starting libmicrohttpd", errno: errno) }
    }

    /// Closes what is open; none of the connections may be suspended.
    func close() {
        acceptor.abandon()
        lingering.close()
        guard let daemon else { return }
        MHD_stop_daemon(daemon)
        self.daemon = nil
        publishStatistics()
    }

    /// Serves until it is asked to stop, then closes everything.
    func run() {
        fillPolled()
        while true {
            now = clock()
            readMail()
            if hasClosedClients { noteClosedClients() }
            resumeStreams()
            if hasLingering || lingering.nextDeadline <= now { lingering.read(at: now) }
            if hasArrivals { acceptor.accept(at: now, admit: admit, refuse: noteLimit) }
            if hasHeaders { readHeaders() }
            hasResumed = false
            if let daemon { _ = MHD_run(daemon) }
            if !leftConnections.isEmpty, !wantsToRunAtOnce || leftConnections.count > Self.maxLeft {
                closeLeftConnections()
            }
            if nextSweep <= now { sweep() }
            bodyMemory.trim(at: now)
            publishStatistics()
            if stopBy != LoopClock.never, stopBy <= now || isDrained || isStalled { break }
            sleep()
        }
        end()
    }

    func readMail() {
        let mail = mailbox.takeMail()
        for message in mail.messages { open(message) }
        stopBy = mail.stopBy
        if stopBy != LoopClock.never, phase == .serving { drain() }
    }

    private func open(_ message: Mailbox.Message) {
        switch message {
        case .answer(let suspension, let response):
            guard let exchange = exchange(of: suspension) else { return }
            if response == nil { note(.hasNoAnswer, on: suspension.connection) }
            exchange.answer = response ?? configuration.response(to: .hasNoAnswer)
            let descriptor = suspension.connection.descriptor
            if ConnectionSocket.isAtEnd(descriptor) { exchange.standIn = StandInSocket(at: descriptor, []) }
            resume(suspension.connection)
        case .wake(let suspension): waitingStreams.append(suspension)
        case .watch(let suspension, let action):
            guard let exchange = exchange(of: suspension) else { return }
            exchange.clientClosed = action
            clients.add(suspension.connection)
        case .limit(let suspension, let milliseconds, let action):
            guard let exchange = exchange(of: suspension) else { return }
            exchange.timeIsUp = action
            suspension.connection.deadline = milliseconds.map { now + $0 } ?? LoopClock.never
            nextSweep = min(nextSweep, suspension.connection.deadline)
        case .call(let action): action()
        }
    }

    /// The exchange that was set aside, if it still is.
    func exchange(of suspension: Suspension) -> Exchange? {
        let connection = suspension.connection
        guard connection.phase == .suspended, connection.suspensions == suspension.number else { return nil }
        return connection.exchange
    }

    func resume(_ connection: Connection) {
        guard let exchange = connection.exchange else { return }
        beginAnswer(on: connection)
        MHD_resume_connection(exchange.mhdConnection)
    }

    /// Takes an accepted connection, and waits for its first header.
    ///
    /// - Returns: the limit that it has hit; it is the caller's then.
    func admit(_ accepted: Acceptor.AcceptedSocket) -> ServerLimit? {
        statistics.connectionsAccepted += 1
        let limits = configuration.limits
        if table.count >= limits.maxConnections { return .connections }
        let network = accepted.peer.network
        if network != .local, table.count(from: network) >= limits.maxConnectionsPerAddress {
            return .connectionsPerAddress
        }
        let connection = Connection(
            descriptor: accepted.descriptor,
            peer: accepted.peer,
            listener: accepted.listener,
            listenerIndex: accepted.listenerIndex,
            deadline: now + timeouts.header
        )
        guard pendingHeaders.add(connection) else { return .connections }
        connection.pendingHeader = PendingHeader(.accepted(accepted))
        table.insert(connection)
        nextSweep = min(nextSweep, now + timeouts.shortest)
        ConnectionSocket.limitUnsent(accepted.descriptor)
        return nil
    }

    /// Gives a connection whose first header was accepted to libmicrohttpd.
    func handOver(_ connection: Connection, from accepted: Acceptor.AcceptedSocket) {
        guard let daemon else { return }
        arriving.append(connection)
        let result = withUnsafePointer(to: accepted.address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                MHD_add_connection(daemon, accepted.descriptor, $0, accepted.addressBytes)
            }
        }
        // It has closed the descriptor itself then, for lack of memory.
        if result != .YES, takeArriving(connection.descriptor) != nil { table.remove(connection) }
    }

    /// The connection that was given last with a descriptor, which is let go of.
    ///
    /// Should libmicrohttpd have dropped one without a word, it goes too: its descriptor is another one's now.
    func takeArriving(_ descriptor: Int32) -> Connection? {
        let connection = arriving.last { $0.descriptor == descriptor }
        arriving.removeAll { $0.descriptor == descriptor }
        return connection
    }

    /// The descriptor that is readable when the daemon has something to do; -1, which poll ignores, without one.
    var epollNumber: Int32 {
        guard let daemon else { return -1 }
        return cmhd_daemon_info(daemon, .DAEMON_INFO_EPOLL_FD_LINUX_ONLY)?.pointee.epoll_fd ?? -1
    }

    var wantsToRunAtOnce: Bool {
        var milliseconds: UInt64 = 0
        guard let daemon, MHD_get_timeout(daemon, &milliseconds) == .YES else { return false }
        return milliseconds == 0
    }

    /// Fills in the descriptors that ``sleep()`` looks at, which stay the same.
    private func fillPolled() {
        let numbers = [mailbox.eventNumber, epollNumber, pendingHeaders.number, lingering.number, clients.number]
        for (index, number) in numbers.enumerated() {
            polled[index] = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        }
        acceptor.fill(UnsafeMutableBufferPointer(rebasing: polled[Self.minPolled...]))
    }

    private func sleep() {
        let maySleep =
            mailbox.prepareToSleep(knownStop: stopBy) && waitingStreams.isEmpty && !wantsToRunAtOnce && !hasResumed
        let arrivals = acceptor.polledCount(at: now)
        // An interrupted or failed poll is a short sleep, after which the loop looks again.
        let count = poll(polled.baseAddress, nfds_t(Self.minPolled + arrivals), maySleep ? sleepMilliseconds : 0)
        hasHeaders = count > 0 && polled[2].revents != 0
        hasLingering = count > 0 && polled[3].revents != 0
        hasClosedClients = count > 0 && polled[4].revents != 0
        // A pause of the acceptor ends without a sign.
        hasArrivals =
            count > 0 && polled[Self.minPolled..<(Self.minPolled + arrivals)].contains { $0.revents != 0 }
            || acceptor.nextDeadline != LoopClock.never
        if count > 0, polled[0].revents != 0 { mailbox.clearEvent() }
    }

    /// Until the next deadline; -1 for ever.
    private var sleepMilliseconds: Int32 {
        var earliest = min(nextSweep, acceptor.nextDeadline, lingering.nextDeadline, bodyMemory.nextTrim, stopBy)
        if phase == .draining { earliest = min(earliest, drainProgress.nextLook) }
        return earliest == LoopClock.never ? -1 : Int32(clamping: max(0, earliest - now))
    }

    private func publishStatistics() {
        var statistics = statistics
        statistics.connections = table.count
        statistics.requestsRunning = requestsRunning
        statistics.requestsHandled = requestsHandled
        published.withLock { $0 = statistics }
    }
}
