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
                throw StateError(.storePermission, "\(path) is not a directory. Name a directory for the cache.")
            }
            guard access(path, W_OK | X_OK) == 0 else {
                throw error(errno, "The cache directory \(path) cannot be written")
            }
            return
        }
        let parent = parent(of: path)
        if parent != path { try make(parent) }
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
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
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw error(errno, "The directory \(path) cannot be opened") }
        defer { close(descriptor) }
        // File systems that cannot sync directories say EINVAL; there is nothing to wait for then.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw error(errno, "The directory \(path) cannot be synced")
        }
    }

    /// The error that an error number of the system stands for.
    static func error(_ number: Int32, _ what: String) -> StateError {
        let reason = "\(what): \(String(cString: strerror(number)))"
        return switch number {
        case EACCES, EPERM:
            StateError(.storePermission, "\(reason). Give this user read and write access, or name another directory.")
        case ENOTDIR, EEXIST:
            StateError(.storePermission, "\(reason). A file is in its place; name another directory.")
        case EROFS: StateError(.storeReadOnly, "\(reason). Name a directory on a writable file system.")
        case ENOSPC, EDQUOT: StateError(.storeFull, "\(reason). Make room on the disk.")
        case ENOENT: StateError(.storePermission, "\(reason). Name a directory where one can be made.")
        default: StateError(.storeFailed, "\(reason). Look at the disk and the system's log.")
        }
    }
}
