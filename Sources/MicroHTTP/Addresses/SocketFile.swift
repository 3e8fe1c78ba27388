internal import CLinux
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The file of a Unix socket that listens.
///
/// The socket is bound to another name beside its path, gets its rights, listens, and only then takes its path in one step. So
/// a client finds either a socket that answers it or, before, the former one; and of two processes that start at once the
/// second one finds the first.
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
        do throws(ServerError) {
            guard let file = Self.file(at: temporary) else { throw .binding(address, errno: errno) }
            (device, inode) = (file.device, file.inode)
            try Self.setRights(of: temporary, wanted)
            guard listen(descriptor.number, backlog) == 0 else { throw .binding(address, errno: errno) }
            try Self.move(temporary, to: path, address)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Removes the file, unless something else has taken its place; to be called while the socket is open, so that no other file
    /// can have the number of its inode.
    func remove() {
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
        if path.utf8.count <= UnixSocketAddress.maxPathBytes {
            guard SocketAddress.unix(path).bind(descriptor) == 0 else { throw .binding(address, errno: errno) }
            return
        }
        // Too long with a second name: the directory has a short one.
        let number = openDirectory(directory(of: path))
        guard number >= 0 else { throw .binding(address, errno: errno) }
        let directory = Descriptor(number)
        let name = path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...]
        guard SocketAddress.unix("/proc/self/fd/\(directory.number)/\(name)").bind(descriptor) == 0 else {
            throw .binding(address, errno: errno)
        }
    }

    private static func setRights(of path: String, _ wanted: UnixSocketAddress) throws(ServerError) {
        if let name = wanted.group {
            guard let group = SystemGroup.number(named: name) ?? gid_t(name) else {
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
        guard SocketAddress.unix(path).connect(probe.number) != 0, errno == ECONNREFUSED else {
            throw .binding(address, errno: EADDRINUSE)
        }
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
