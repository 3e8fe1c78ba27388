internal import CLinux
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The file of a Unix socket that listens.
///
/// The socket is bound to another name beside its path, gets its rights, listens, and only then takes its path in one step. A
/// client finds a listening socket or the former one. Of two processes that start together, the second finds the first.
struct SocketFile: Sendable {
    private let path: String
    private let device: UInt64
    private let inode: UInt64

    /// Binds a socket to its path and listens.
    ///
    /// - Parameters:
    ///   - descriptor: a Unix socket.
    ///   - wanted: its path and rights.
    ///   - backlog: the connections that the kernel holds until they are accepted.
    /// - Throws: ``ServerError``; then the path is as it was before.
    init(binding descriptor: Descriptor, to wanted: UnixSocketAddress, backlog: Int32) throws(ServerError) {
        path = wanted.path
        let address = ListenAddress(unix: wanted)
        let temporary = Self.temporaryPath(beside: path)
        try Self.bind(descriptor, temporary, address)
        guard let file = Self.file(at: temporary) else { throw .binding(address, errno: errno) }
        (device, inode) = (file.device, file.inode)
        do throws(ServerError) {
            try Self.setRights(of: temporary, wanted)
            guard listen(descriptor.number, backlog) == 0 else { throw .binding(address, errno: errno) }
            try Self.move(temporary, to: path, address)
        } catch {
            remove(temporary)
            throw error
        }
    }

    /// Removes the file if it is still this socket's.
    ///
    /// Call it while the socket is open: no other file has the number of its inode then.
    func remove() { remove(path) }

    private func remove(_ path: String) {
        if let file = Self.file(at: path), file.device == device, file.inode == inode { unlink(path) }
    }

    // MARK: Binding

    private static func temporaryPath(beside path: String) -> String {
        let digits = String(UInt32.random(in: 0x10_0000...0xff_ffff), radix: 16)
        if path.utf8.count + digits.utf8.count < UnixSocketAddress.maxPathBytes { return "\(path).\(digits)" }
        return "\(directory(of: path))/.\(digits)"
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/." : String(path[..<slash])
    }

    private static func bind(_ descriptor: Descriptor, _ path: String, _ address: ListenAddress) throws(ServerError) {
        guard withSocketAddress(of: path, { $0.bind(descriptor) }) == 0 else { throw .binding(address, errno: errno) }
    }

    /// Uses a path whose second name may be too long for a socket's address: the directory has a short one.
    ///
    /// - Returns: what the closure returns; -1, with `errno`, where the directory cannot be opened.
    private static func withSocketAddress(of path: String, _ use: (SocketAddress) -> Int32) -> Int32 {
        if path.utf8.count <= UnixSocketAddress.maxPathBytes { return use(.unix(path)) }
        let number = openDirectory(directory(of: path))
        guard number >= 0 else { return -1 }
        let name = path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...]
        let result = use(.unix("/proc/self/fd/\(number)/\(name)"))
        let code = errno
        close(number)
        errno = code
        return result
    }

    private static func setRights(of path: String, _ wanted: UnixSocketAddress) throws(ServerError) {
        if let name = wanted.group {
            guard let group = SystemGroup.number(of: name) else {
                throw ServerError(
                    .badAddress,
                    "there is no group \(name) for the Unix socket \(wanted.path); create it with groupadd, or name another"
                )
            }
            guard lchown(path, uid_t.max, group) == 0 else {
                let reason = String(cString: strerror(errno))
                throw ServerError(
                    .permissionDenied,
                    "this process may not give the Unix socket \(wanted.path) to the group \(name) (\(reason)); start it as a "
                        + "member of that group",
                    errno: errno
                )
            }
        }
        if let mode = wanted.mode, chmod(path, mode_t(mode)) != 0 {
            throw .systemError("setting the mode of the Unix socket \(wanted.path)", errno: errno)
        }
    }

    // MARK: Taking the path

    private static func move(_ temporary: String, to path: String, _ address: ListenAddress) throws(ServerError) {
        if clinux_rename(temporary, path, UInt32(CLINUX_RENAME_NOREPLACE)) == 0 { return }
        // A file system that cannot do it in one step: a second name is not given over another one either.
        if errno == EINVAL || errno == ENOSYS, link(temporary, path) == 0 {
            unlink(temporary)
            return
        }
        guard errno == EEXIST else { throw .binding(address, errno: errno) }
        try checkStale(path, address)
        if clinux_rename(temporary, path, UInt32(CLINUX_RENAME_EXCHANGE)) != 0 {
            // The former socket has disappeared, with the process that owned it.
            if errno == ENOENT, clinux_rename(temporary, path, UInt32(CLINUX_RENAME_NOREPLACE)) == 0 { return }
            guard errno == EINVAL || errno == ENOSYS, rename(temporary, path) == 0 else {
                throw .binding(address, errno: errno)
            }
            return
        }
        do throws(ServerError) {
            // Another process may have put its socket there since.
            try checkStale(temporary, address)
        } catch {
            _ = clinux_rename(temporary, path, UInt32(CLINUX_RENAME_EXCHANGE))
            throw error
        }
        unlink(temporary)
    }

    /// - Throws: ``ServerError`` unless it is a socket without a listener, left by a process that died.
    private static func checkStale(_ path: String, _ address: ListenAddress) throws(ServerError) {
        guard let file = file(at: path) else {
            if errno == ENOENT { return }
            throw .binding(address, errno: errno)
        }
        guard file.isSocket else {
            throw ServerError(
                .addressInUse,
                "there is a file that is not a socket in the place of \(address.place); remove it or choose another path"
            )
        }
        let number = ListeningSocket.makeSocketNumber(AF_UNIX)
        guard number >= 0 else { throw .systemError("making a socket", errno: errno) }
        let probe = Descriptor(number)
        let isTaken = withSocketAddress(of: path) { $0.connect(probe.number) } == 0
        guard isTaken || errno != ECONNREFUSED else { return }
        // Whose socket it is shows only to those who may connect to it.
        throw .binding(address, errno: isTaken || errno == EAGAIN ? EADDRINUSE : errno)
    }

    private static func file(at path: String) -> (device: UInt64, inode: UInt64, isSocket: Bool)? {
        var information = stat()
        guard lstat(path, &information) == 0 else { return nil }
        let isSocket = information.st_mode & S_IFMT == S_IFSOCK
        return (UInt64(information.st_dev), UInt64(information.st_ino), isSocket)
    }
}

// Outside of the type, whose members hide the C functions of the same names.
private func openDirectory(_ path: String) -> Int32 { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
