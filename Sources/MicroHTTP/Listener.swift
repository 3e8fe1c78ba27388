internal import CMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// One listening address with the libmicrohttpd daemon that serves it.
///
/// Not Sendable: made by the thread that starts the server, handed over with the event loop, then touched by the loop's
/// thread alone.
final class Listener {
    // The loop owns its listeners and closes them before it goes, so it outlives every callback.
    unowned let loop: EventLoop
    let address: BoundAddress
    /// Nil when no connection is accepted any more.
    private var socket: ListeningSocket?
    /// Nil before ``open(limits:)`` and after ``close()``.
    private var daemon: OpaquePointer?

    /// Binds the address.
    init(_ wanted: ListenAddress, loop: EventLoop) throws(ServerError) {
        let socket = try ListeningSocket(wanted)
        self.loop = loop
        self.socket = socket
        address = socket.address
    }

    /// Makes the daemon, which does nothing until ``run()``.
    ///
    /// No internal thread: the epoll mode of libmicrohttpd's own threads stalls when 128 connections are ready at once.
    func open(limits: ServerLimits) throws(ServerError) {
        guard let socket else { return }
        var options = [
            MHD_OptionItem(option: .LISTEN_SOCKET, value: Int(socket.descriptor.number), ptr_value: nil),
            MHD_OptionItem(option: .CONNECTION_LIMIT, value: limits.acceptedConnectionsMax, ptr_value: nil),
            MHD_OptionItem(option: .CONNECTION_TIMEOUT, value: limits.idleSeconds, ptr_value: nil),
            MHD_OptionItem(option: .CONNECTION_MEMORY_LIMIT, value: limits.poolBytes, ptr_value: nil),
            MHD_OptionItem(option: .END, value: 0, ptr_value: nil),
        ]
        daemon = cmhd_start_daemon(
            MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue,
            Unmanaged.passUnretained(self).toOpaque(),
            handleRequest,
            requestCompleted,
            connectionChanged,
            leaveEscaped,
            &options
        )
        guard daemon != nil else { throw .systemError("starting libmicrohttpd for \(address)", errno: errno) }
    }

    /// The descriptor to poll, readable when ``run()`` has something to do; -1, which poll ignores, without one.
    var epollNumber: Int32 {
        guard let daemon else { return -1 }
        return cmhd_daemon_info(daemon, .DAEMON_INFO_EPOLL_FD_LINUX_ONLY)?.pointee.epoll_fd ?? -1
    }

    /// Does all that can be done without waiting.
    func run() {
        guard let daemon else { return }
        _ = MHD_run(daemon)
    }

    /// How long libmicrohttpd can wait for something to happen, in milliseconds; nil for ever.
    var timeoutMilliseconds: UInt64? {
        var milliseconds: UInt64 = 0
        guard let daemon, MHD_get_timeout(daemon, &milliseconds) == .YES else { return nil }
        return milliseconds
    }

    /// Accepts what the kernel has already accepted for us, then nothing more; the path of a Unix socket goes.
    ///
    /// The daemon does not close the socket after it has been quiesced, so the last reference to it does.
    func stopAccepting() {
        guard let daemon, let socket else { return }
        _ = MHD_quiesce_daemon(daemon)
        while let connection = accept(from: socket.descriptor) {
            withUnsafePointer(to: connection.peer) { peer in
                peer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    // It makes the socket nonblocking and not inherited, and closes it itself when it fails, which it does
                    // only for lack of memory or beyond the limit.
                    _ = MHD_add_connection(daemon, connection.number, $0, connection.peerBytes)
                }
            }
        }
        self.socket = nil
    }

    /// Closes every connection and frees the daemon; none may be suspended.
    func close() {
        stopAccepting()
        guard let daemon else {
            socket = nil
            return
        }
        MHD_stop_daemon(daemon)
        self.daemon = nil
    }

    private func accept(from descriptor: Descriptor) -> (number: Int32, peer: sockaddr_storage, peerBytes: socklen_t)? {
        var peer = sockaddr_storage()
        var peerBytes = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let number = withUnsafeMutablePointer(to: &peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(accept: descriptor.number, $0, &peerBytes)
            }
        }
        return number >= 0 ? (number, peer, peerBytes) : nil
    }
}

// The member above hides the C function of the same name.
private func call(accept number: Int32, _ peer: UnsafeMutablePointer<sockaddr>, _ bytes: inout socklen_t) -> Int32 {
    accept(number, peer, &bytes)
}
