internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The connections whose header is waited for here, since libmicrohttpd must not read it before it was judged.
///
/// Their bytes stay in the system. The wait is edge-triggered: it tells of a connection when more has come, not as long as
/// something is there.
///
/// Not Sendable: the thread that starts the server makes it, then only the loop's thread touches it.
final class PendingHeaderPoller {
    /// A connection of which more has come.
    struct Ready {
        let connection: Connection
        /// Whether nothing comes after that.
        let isOver: Bool
    }

    /// Readable when ``takeReady()`` has something; -1, which poll ignores, before ``open()``.
    var number: Int32 { epoll.number }
    private let epoll = EpollSet(maxEvents: 128)
    private var held: [Int32: Connection] = [:]

    func open() throws(ServerError) { try epoll.open() }

    var connections: [Connection] { Array(held.values) }

    /// Begins to wait for a connection, of which it tells at once if something has come already.
    ///
    /// - Returns: false where the system has no memory for that.
    func add(_ connection: Connection) -> Bool {
        let wanted = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        guard epoll.add(connection.descriptor, wanted) else { return false }
        held[connection.descriptor] = connection
        return true
    }

    /// Waits no longer; to be called before the descriptor is closed.
    func remove(_ connection: Connection) {
        guard held.removeValue(forKey: connection.descriptor) != nil else { return }
        epoll.remove(connection.descriptor)
    }

    /// Those of which more has come; there may be more when it returns some.
    func takeReady() -> [Ready] {
        epoll.takeEvents()
            .compactMap { descriptor, events in
                let isOver = events & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
                return held[descriptor].map { Ready(connection: $0, isOver: isOver) }
            }
    }
}

/// What is known of a header that has not come completely, while its connection is held.
///
/// A class, so that the connections without one, which are most, need no room for it.
final class PendingHeader {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    enum Location {
        /// The first header of a connection, which libmicrohttpd is given only after that.
        case accepted(Acceptor.AcceptedSocket)
        /// A later one, whose line and perhaps some fields are in libmicrohttpd's memory.
        case memory(Begun, mhdConnection: OpaquePointer)

        /// Whether libmicrohttpd can read the header as it came.
        func hasRoom(for head: RequestHead) -> Bool {
            if case .memory(let begun, _) = self, begun.hiddenQuery != nil { return false }
            return head.fitsMemory
        }
    }

    /// A header whose line was read and not refused; the memory of the fields is lent as long as the connection is
    /// suspended, that of the line too but for its query.
    struct Begun {
        let line: RequestLine
        /// The bytes before the request line.
        let start: Int
        /// The bytes of the line and its end.
        let lineBytes: Int
        /// What has come of the fields.
        let fields: Bytes
        /// The query, where libmicrohttpd was shown one parameter instead of many.
        let hiddenQuery: [UInt8]?

        /// Judges the request by the bytes of its fields, those that had come among them.
        func judge(_ bytes: Bytes, limits: ServerLimits) -> RequestHead.Judgement {
            var reader = HeaderFieldParser()
            switch reader.read(bytes) {
            case .incomplete: return .incomplete(hasLine: true)
            case .malformed: return .refused(.malformedField)
            case .complete(let count):
                // As in `ReceivedHeader`.
                guard reader.fields > 0 else { return .refused(.malformedLine) }
                do throws(Refusal) {
                    let head = try RequestHead(line, reader, start: start, bytes: lineBytes + count, limits: limits)
                    return .accepted(head)
                } catch {
                    return .refused(error)
                }
            }
        }
    }

    let location: Location

    init(_ location: Location) { self.location = location }
}
