internal import CLinux
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The service manager that has started this process, and to which it reports (sd_notify(3)).
///
/// Each report is one datagram. The protocol has no library here, because it is a socket and a few words.
final class ServiceManager: Sendable {
    /// A line of a report.
    enum Report: Sendable, Hashable, CustomStringConvertible {
        case ready
        case stopping
        /// Until ``ready`` the process takes over a configuration; the time is that of the monotonic clock.
        case reloading(microseconds: UInt64)
        /// A start or stop may take so long from now on.
        case extendTimeout(Duration)
        case alive
        /// What `systemctl status` shows; a line of its own.
        case status(String)

        var description: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)"
            case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(Int64(duration / .microseconds(1)))"
            case .alive: "WATCHDOG=1"
            case .status(let text): "STATUS=\(text.withoutControls)"
            }
        }
    }

    private let address: sockaddr_un
    private let addressBytes: socklen_t
    /// Open from the start, so that a process without a free descriptor is not taken for one that is stuck.
    private let descriptor: Int32

    /// How long the process may be silent before it is killed; nil for no limit.
    let watchdogPeriod: Duration?

    /// The manager of this process; nil where none wants reports.
    static let own = ServiceManager(.own)

    /// Reads who wants reports from variables: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    init?(_ environment: ProgramEnvironment) {
        guard let name = environment["NOTIFY_SOCKET"], name.hasPrefix("/") || name.hasPrefix("@") else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        // An abstract name begins with NUL.
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        self.address = address
        descriptor = clinux_datagram_socket()
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        // Without the limit a busy manager is waited for all the same.
        _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let header = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
        addressBytes = socklen_t(header + bytes.count)
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        watchdogPeriod =
            isMeant
            ? environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? .microseconds($0) : nil } : nil
    }

    deinit { close(descriptor) }

    /// The moment of a reload that begins now.
    static var reloadingNow: Report {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .reloading(microseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000)
    }

    /// Sends a report.
    ///
    /// - Parameter reports: its lines.
    /// - Returns: whether the manager has got it. A manager that is busy is waited for, for two seconds at most.
    @discardableResult
    func send(_ reports: Report...) -> Bool {
        let text = Array(reports.map(\.description).joined(separator: "\n").utf8)
        return withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), address, addressBytes) == text.count
            }
        }
    }
}
