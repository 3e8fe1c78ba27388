internal import CLinux
internal import CMicrohttpd
internal import HTTPTypes  // Where it is missing: .package(…, traits: ["MicroHTTP"])

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The listening sockets, and the end of connections for which there is no room.
///
/// Connections are accepted here and not by libmicrohttpd, which stops accepting without a word at its limit and when the
/// process has no descriptor left. Whoever is refused gets 503 with Retry-After at once, before sending anything.
///
/// Not Sendable: the thread that starts the server makes it, then only the loop's thread touches it.
final class Acceptor {
    /// A connection that was accepted and has a descriptor.
    struct AcceptedSocket {
        let descriptor: Int32
        let address: sockaddr_storage
        let addressBytes: socklen_t
        let peer: PeerAddress
        let listener: BoundAddress
        let listenerIndex: Int
    }

    /// Takes note of a limit that a client has hit at a listening address.
    typealias Refuse = (ServerLimit, PeerAddress, BoundAddress) -> Void

    private(set) var sockets: [ListeningSocket] = []
    /// The most that ``fill(_:)`` fills in.
    let maxPolled: Int
    private let refusal: [UInt8]
    private let lingering: LingeringSockets
    /// Given up for the moment in which a connection is refused that has found no other descriptor.
    private var reserve: Descriptor?
    /// When it accepts again after the system has had no memory; 0 when it does.
    private var pausedUntil: Int64 = 0

    /// Accepted in a row, so that the open connections get their turn.
    private static let maxArrivals = 128
    private static let pauseMilliseconds: Int64 = 100

    /// - Parameters:
    ///   - configuration: how many addresses there are, and how connections are refused.
    ///   - lingering: takes the connections over that are refused.
    init(configuration: ServerConfiguration, _ lingering: LingeringSockets) {
        refusal = configuration.response(to: .tooManyConnections).rawBytes()
        maxPolled = configuration.addresses.count
        self.lingering = lingering
    }

    /// Binds the addresses.
    func open(_ addresses: [ListenAddress]) throws(ServerError) {
        for address in addresses { sockets.append(try ListeningSocket(address)) }
        reserve = Self.makeReserve()
    }

    var addresses: [BoundAddress] { sockets.map(\.address) }

    /// Fills in the descriptors that are readable when ``accept(at:admit:refuse:)`` has something to do.
    func fill(_ polled: UnsafeMutableBufferPointer<pollfd>) {
        for (index, socket) in sockets.enumerated() {
            polled[index] = pollfd(fd: socket.descriptor.number, events: Int16(POLLIN), revents: 0)
        }
    }

    /// How many of these descriptors are to be looked at: all, or none during a pause and after the end.
    func polledCount(at now: Int64) -> Int { pausedUntil <= now ? sockets.count : 0 }

    /// When something is to be done even if no descriptor is readable.
    var nextDeadline: Int64 { pausedUntil > 0 ? pausedUntil : LoopClock.never }

    /// Accepts what has arrived.
    ///
    /// - Parameters:
    ///   - now: the loop's time.
    ///   - admit: takes a connection over, or says which limit it hits.
    ///   - refuse: is told of each limit that was hit.
    func accept(at now: Int64, admit: (AcceptedSocket) -> ServerLimit?, refuse: Refuse) {
        guard pausedUntil <= now else { return }
        pausedUntil = 0
        for index in sockets.indices {
            for _ in 0..<Self.maxArrivals where !acceptOne(from: index, at: now, admit, refuse) { break }
        }
    }

    /// Accepts what the system has already accepted for us, then nothing more; the path of a Unix socket goes.
    func close(at now: Int64, admit: (AcceptedSocket) -> ServerLimit?, refuse: Refuse) {
        for index in sockets.indices {
            while acceptOne(from: index, at: now, admit, refuse) {}
        }
        abandon()
    }

    /// Closes everything without looking.
    func abandon() {
        sockets = []
        reserve = nil
    }

    /// - Returns: whether there may be more.
    private func acceptOne(
        from index: Int,
        at now: Int64,
        _ admit: (AcceptedSocket) -> ServerLimit?,
        _ refuse: Refuse
    ) -> Bool {
        let socket = sockets[index]
        var address = sockaddr_storage()
        var addressBytes = socklen_t(MemoryLayout<sockaddr_storage>.size)
        while true {
            let number = clinux_accept(socket.descriptor.number, &address, &addressBytes)
            if number >= 0 {
                let accepted = AcceptedSocket(
                    descriptor: number,
                    address: address,
                    addressBytes: addressBytes,
                    peer: PeerAddress(address),
                    listener: socket.address,
                    listenerIndex: index
                )
                if let limit = admit(accepted) {
                    refuse(limit, accepted.peer, socket.address)
                    lingering.add(number, answering: refusal, at: now)
                }
                return true
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE:
                return acceptOnReserve(from: socket, at: now, refuse)
            case EAGAIN: return false
            default:
                // No memory, say; the arrivals wait in the system meanwhile.
                pausedUntil = now + Self.pauseMilliseconds
                return false
            }
        }
    }

    /// Refuses an arrival for which the process has no descriptor.
    private func acceptOnReserve(from socket: ListeningSocket, at now: Int64, _ refuse: Refuse) -> Bool {
        // Refused connections are the first to go, and one of theirs is as good as the reserve.
        if reserve == nil { lingering.removeOldest() }
        reserve = nil
        var address = sockaddr_storage()
        var addressBytes = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let number = clinux_accept(socket.descriptor.number, &address, &addressBytes)
        if number >= 0 {
            refuse(.descriptors, PeerAddress(address), socket.address)
            lingering.add(number, answering: refusal, at: now)
            // Its descriptor is the one that others will need.
            lingering.remove(number)
        }
        reserve = Self.makeReserve()
        if reserve == nil { pausedUntil = now + Self.pauseMilliseconds }
        return number >= 0
    }

    private static func makeReserve() -> Descriptor? {
        let number = openNothing()
        return number >= 0 ? Descriptor(number) : nil
    }
}

// Outside of the class, whose member hides the C function of the same name.
private func openNothing() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }
