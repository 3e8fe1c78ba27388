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
    /// A change of a client's connection.
    struct Change {
        let connection: Connection
        /// Whether it reads nothing any more; otherwise it only sends nothing any more.
        let isGone: Bool
    }

    /// Readable when ``takeChanges()`` has something; -1, which poll ignores, before ``open()``.
    var number: Int32 { epoll.number }
    private let epoll = EpollSet(maxEvents: 128)
    private var watched: [Int32: Connection] = [:]

    func open() throws(ServerError) { try epoll.open() }

    /// Watches the client of a connection until its request is over.
    ///
    /// Where the system has no memory for that, the client is noticed when something is sent to it.
    func add(_ connection: Connection) {
        guard !connection.isWatched else { return }
        guard epoll.add(connection.descriptor, EPOLLRDHUP.rawValue | EPOLLET.rawValue) else { return }
        watched[connection.descriptor] = connection
        connection.isWatched = true
    }

    /// Watches no longer; to be called before the descriptor is closed.
    func remove(_ connection: Connection) {
        guard connection.isWatched else { return }
        connection.isWatched = false
        watched[connection.descriptor] = nil
        epoll.remove(connection.descriptor)
    }

    /// The changes since the last call; there may be more when it returns some.
    func takeChanges() -> [Change] {
        epoll.takeEvents()
            .compactMap { descriptor, events in
                let isGone = events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
                return watched[descriptor].map { Change(connection: $0, isGone: isGone) }
            }
    }
}
