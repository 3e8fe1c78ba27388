internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The descriptors that one part of the loop waits for, in an epoll instance of its own.
///
/// Not Sendable: the thread that starts the server makes it, then only the loop's thread touches it.
final class EpollSet {
    /// Readable when ``takeEvents()`` returns some; -1, which poll ignores, before ``open()``.
    var number: Int32 { epoll?.number ?? -1 }
    private var epoll: Descriptor?
    private let events: UnsafeMutableBufferPointer<epoll_event>

    /// - Parameter maxEvents: the most that ``takeEvents()`` returns, so that the other connections get their turn.
    init(maxEvents: Int) { events = .allocate(capacity: maxEvents) }

    deinit { events.deallocate() }

    func open() throws(ServerError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .systemError("making an epoll instance", errno: errno) }
        epoll = Descriptor(number)
    }

    /// Begins to wait for a descriptor; an event that is there already is returned next.
    ///
    /// - Returns: false if the system has no memory for it.
    func add(_ descriptor: Int32, _ wanted: UInt32) -> Bool {
        var event = epoll_event()
        event.events = wanted
        event.data.fd = descriptor
        return epoll_ctl(number, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    /// Waits no longer for a descriptor that was added, and is still open.
    func remove(_ descriptor: Int32) {
        var unused = epoll_event()
        epoll_ctl(number, EPOLL_CTL_DEL, descriptor, &unused)
    }

    /// The events that have occurred; there may be more when it returns some.
    func takeEvents() -> [(descriptor: Int32, events: UInt32)] {
        let count = epoll_wait(number, events.baseAddress, Int32(events.count), 0)
        // Interrupted is nothing for now: the instance stays readable.
        return events[..<Int(max(0, count))].map { ($0.data.fd, $0.events) }
    }
}
