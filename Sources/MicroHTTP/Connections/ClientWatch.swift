internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Notices clients that close while their requests wait: libmicrohttpd does not look at connections that are set aside.
///
/// A client that closes its side may still read, so only an attempt to send shows whether it does. Then the system says that the
/// connection is gone.
///
/// Not Sendable: the thread that starts the server makes it, then only the loop's thread touches it.
final class ClientWatch {
    /// What has become of a client.
    struct Change {
        let connection: Connection
        /// Whether it takes nothing any more; else it sends nothing any more.
        let isGone: Bool
    }

    /// Readable when ``takeChanges()`` has something; -1, which poll ignores, before ``open()``.
    var number: Int32 { epoll?.number ?? -1 }
    private var epoll: Descriptor?
    private var watched: [Int32: Connection] = [:]
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: maxEvents)

    /// Told of at once, so that the other connections get their turn.
    private static let maxEvents = 128

    deinit { events.deallocate() }

    func open() throws(ServerError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .systemError("making an epoll instance", errno: errno) }
        epoll = Descriptor(number)
    }

    /// Watches the client of a connection until its request is over.
    ///
    /// Where the system has no memory for that, the client is noticed when something is sent to it.
    func add(_ connection: Connection) {
        guard !connection.isWatched else { return }
        var event = epoll_event()
        event.events = EPOLLRDHUP.rawValue | EPOLLET.rawValue
        event.data.fd = connection.descriptor
        guard epoll_ctl(number, EPOLL_CTL_ADD, connection.descriptor, &event) == 0 else { return }
        watched[connection.descriptor] = connection
        connection.isWatched = true
    }

    /// Watches no longer; to be called before the descriptor is closed.
    func remove(_ connection: Connection) {
        guard connection.isWatched else { return }
        connection.isWatched = false
        watched[connection.descriptor] = nil
        var unused = epoll_event()
        // It is in there: it was added, and its descriptor is open.
        epoll_ctl(number, EPOLL_CTL_DEL, connection.descriptor, &unused)
    }

    /// What has changed; there may be more when it returns some.
    func takeChanges() -> [Change] {
        let count = epoll_wait(number, events.baseAddress, Int32(Self.maxEvents), 0)
        // Interrupted is nothing for now: the descriptor stays readable.
        guard count > 0 else { return [] }
        return events[..<Int(count)]
            .compactMap { event in
                let isGone = event.events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
                return watched[event.data.fd].map { Change(connection: $0, isGone: isGone) }
            }
    }
}
