#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Making and syncing the directory of a store.
enum CacheDirectory {
    /// Makes a directory and all those above it that are missing, and syncs each into its parent.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    static func make(_ path: String) throws(StateError) {
        var information = stat()
        if stat(path, &information) == 0 {
            guard information.st_mode & S_IFMT == S_IFDIR else {
                throw error(ENOTDIR, "\(path) cannot be the cache directory")
            }
            guard access(path, W_OK | X_OK) == 0 else {
                throw error(errno, "The cache directory \(path) cannot be written")
            }
            return
        }
        let parent = parent(of: path)
        if parent != path { try make(parent) }
        guard SystemCall.retry({ mkdir(path, 0o777) }) == 0 || errno == EEXIST else {
            throw error(errno, "The cache directory \(path) cannot be made")
        }
        try sync(parent)
    }

    private static func parent(of path: String) -> String {
        let trimmed = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// Waits until the entries of a directory are on disk.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    static func sync(_ path: String) throws(StateError) {
        let descriptor = SystemCall.retry { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw error(errno, "The directory \(path) cannot be opened") }
        defer { close(descriptor) }
        // File systems that cannot sync directories say EINVAL; there is nothing to wait for then.
        guard SystemCall.retry({ fsync(descriptor) }) == 0 || errno == EINVAL else {
            throw error(errno, "The directory \(path) cannot be synced")
        }
    }

    /// Reads a file to its end, to see whether that can be done.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    static func checkReadable(_ path: String) throws(StateError) {
        let descriptor = SystemCall.retry { open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw error(errno, "\(path) cannot be opened") }
        defer { close(descriptor) }
        guard SystemCall.readPieces(of: descriptor, { _ in }) else { throw error(errno, "\(path) cannot be read") }
    }

    /// The error that an error number of the system stands for.
    static func error(_ number: Int32, _ what: String) -> StateError {
        let reason = "\(what): \(String(cString: strerror(number)))"
        return switch number {
        case EACCES, EPERM:
            StateError(.storePermission, "\(reason). Give this user read and write access, or name another directory.")
        case ENOTDIR, EEXIST:
            StateError(.storeNotDirectory, "\(reason). A file is in the way; name a directory.")
        case EISDIR: StateError(.storeNotDirectory, "\(reason). A directory is in the way; move it away.")
        case EROFS: StateError(.storeReadOnly, "\(reason). Name a directory on a writable file system.")
        case ENOSPC, EDQUOT: StateError(.storeFull, "\(reason). Make room on the disk and try again.")
        case ENOENT: StateError(.storeNotDirectory, "\(reason). Name a directory where one can be made.")
        case EMFILE, ENFILE:
            StateError(.storeTooManyFiles, "\(reason). Close files, or raise the limit (ulimit -n), and try again.")
        default: StateError(.storeFailed, "\(reason). Look at the disk and the system's log.")
        }
    }
}
