#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The files of a store in its directory.
enum StoreFile: String, CaseIterable {
    case database = "state.sqlite"
    /// SQLite's write-ahead log.
    case log = "state.sqlite-wal"
    /// SQLite's index of the log, which it makes from the log.
    case index = "state.sqlite-shm"
    case lock = "state.lock"
    /// SQLite's rollback journal, which exists only while the database is being made.
    case journal = "state.sqlite-journal"
}

/// The directory of a store.
///
/// Its path is resolved once. Files are opened in the directory itself and never through a symbolic link, so a link that
/// another user plants leads nowhere.
final class StoreDirectory: Sendable {
    /// The path as it was given, for messages.
    let name: String
    /// The file that its database is a copy of, or becomes, for messages; nil for the directory of a store.
    let copyName: String?
    /// The path without links, from the root.
    let path: String
    /// The rights of what is made in it.
    let sharing: FileSharing
    /// What messages call it.
    private let kind: String
    /// Open for as long as the directory is used.
    let descriptor: Int32

    /// SQLite's limit for paths, 512 bytes, less what it appends to that of the database.
    ///
    /// Source: `MAX_PATHNAME` in os_unix.c, and `unixFullPathname`.
    private static let maxPathBytes = 512 - StoreFile.journal.rawValue.utf8.count - 2

    /// Opens a directory, and makes it with all directories above it where it is missing.
    ///
    /// - Parameters:
    ///   - name: its path as it was given.
    ///   - resolved: its path as it was resolved before; nil for the first time.
    ///   - copyName: the file that its database is a copy of, or becomes; nil for the directory of a store.
    ///   - kind: what messages call it.
    ///   - sharing: the rights of what is made.
    /// - Throws: ``StateError`` with a `store…` code.
    init(
        _ name: String,
        at resolved: String? = nil,
        copyName: String? = nil,
        kind: String = "cache directory",
        sharing: FileSharing
    ) throws(StateError) {
        (self.name, self.copyName, self.kind, self.sharing) = (name, copyName, kind, sharing)
        try name.checkPath(of: kind)
        try Self.make(resolved ?? name, for: name, kind, sharing)
        if let resolved { path = resolved } else { path = try Self.resolve(name, kind) }
        guard path.utf8.count <= Self.maxPathBytes else {
            throw StateError(
                .storeFailed,
                "The path of the \(kind) \(name) has \(path.utf8.count) bytes, and SQLite takes \(Self.maxPathBytes) "
                    + "at most. Name a directory with a shorter path."
            )
        }
        // The resolved path had no link, so one found now was planted; it is not followed.
        descriptor = SystemCall.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        // From here on `deinit` closes it.
        guard descriptor >= 0 else { throw .system(errno, "The \(kind) \(name) cannot be opened") }
        if let error = writingError { throw error }
    }

    deinit { close(descriptor) }

    /// Why no file can be made in it; nil if one can.
    private var writingError: StateError? {
        if faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 { return nil }
        return .system(errno, "The \(kind) \(name) cannot be written")
    }

    private static func resolve(_ name: String, _ kind: String) throws(StateError) -> String {
        guard let resolved = realpath(name, nil) else {
            throw .system(errno, "The path of the \(kind) \(name) cannot be resolved")
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func make(_ path: String, for name: String, _ kind: String, _ sharing: FileSharing)
        throws(StateError)
    {
        var information = stat()
        if stat(path, &information) == 0 {
            guard information.st_mode & S_IFMT == S_IFDIR else {
                throw .system(ENOTDIR, "\(path) cannot be \(path == name ? "the \(kind)" : "above \(name)")")
            }
            return
        }
        guard errno == ENOENT else { throw .system(errno, "The \(kind) \(name) cannot be reached") }
        let parent = parent(of: path)
        if parent != path { try make(parent, for: name, kind, sharing) }
        guard SystemCall.retry({ mkdir(path, 0o700) }) == 0 else {
            let number = errno
            // Another process was faster, or a link leads nowhere.
            if number == EEXIST, stat(path, &information) == 0 { return }
            if number == EEXIST {
                throw StateError(
                    .storeNotDirectory,
                    "The \(kind) \(name) cannot be made: \(path) is a symbolic link that leads nowhere. Remove it, or make "
                        + "the directory that it names."
                )
            }
            let what = path == name ? "" : " \(path) is needed for it;"
            throw .system(
                number,
                "The \(kind) \(name) is missing, and cannot be made:\(what) \(parent) does not take it"
            )
        }
        try sharing.apply(toDirectory: path)
        try sync(parent)
    }

    /// The path of the directory that a path's last component is in.
    static func parent(of path: String) -> String {
        let trimmed = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    private static func sync(_ path: String) throws(StateError) {
        let descriptor = SystemCall.open(path, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else { throw .system(errno, "The directory \(path) cannot be opened") }
        defer { close(descriptor) }
        try sync(descriptor, path)
    }

    private static func sync(_ descriptor: Int32, _ path: String) throws(StateError) {
        // File systems that cannot sync directories say EINVAL; there is nothing to wait for then.
        guard SystemCall.retry({ fsync(descriptor) }) == 0 || errno == EINVAL else {
            throw .system(errno, "The directory \(path) cannot be synced")
        }
    }

    /// Waits until the entries of the directory are on disk.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    func sync() throws(StateError) { try Self.sync(descriptor, name) }

    /// Whether its path still leads to it.
    var isAtPath: Bool {
        get throws(StateError) {
            try FileMark.of(descriptor, name).isSameFile(as: FileMark.at(Array(path.utf8CString), name))
        }
    }

    /// The room on its disk, in bytes.
    var freeBytes: Int {
        get throws(StateError) {
            var information = statvfs()
            guard SystemCall.retry({ fstatvfs(descriptor, &information) }) == 0 else {
                throw .system(errno, "The room on the disk of \(name) cannot be told")
            }
            return Int(clamping: information.f_bavail)
                .multipliedReportingOverflow(by: Int(clamping: information.f_frsize))
                .partialValue
        }
    }

    // MARK: Files

    /// The path of a file, for SQLite.
    func path(of file: StoreFile) -> String { "\(path)/\(file.rawValue)" }

    /// The path of a file as a user would write it, for messages.
    func name(of file: StoreFile) -> String {
        guard let copyName else { return "\(name)/\(file.rawValue)" }
        return copyName + file.rawValue.dropFirst(StoreFile.database.rawValue.count)
    }

    /// Opens a file, which is made for its owner alone if it is missing and `O_CREAT` is given.
    ///
    /// A file that others may read or write is closed to them.
    ///
    /// - Parameters:
    ///   - file: which.
    ///   - flags: how; a link is never followed.
    /// - Returns: the descriptor; nil when the file is missing and is not made.
    /// - Throws: ``StateError`` with a `store…` code, which names the file.
    func openFile(_ file: StoreFile, _ flags: Int32) throws(StateError) -> Int32? {
        let flags = flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        var opened: Int32 = -1
        var isNew = false
        if flags & O_CREAT != 0 {
            opened = SystemCall.retry { openat(descriptor, file.rawValue, flags | O_EXCL, 0o600) }
            isNew = opened >= 0
        }
        if flags & O_CREAT == 0 || opened < 0 && errno == EEXIST && flags & O_EXCL == 0 {
            opened = SystemCall.retry { openat(descriptor, file.rawValue, flags, 0o600) }
        }
        guard opened >= 0 else {
            let number = errno
            if number == ENOENT, flags & O_CREAT == 0 { return nil }
            throw accessError(of: file) ?? .system(number, "\(name(of: file)) cannot be opened")
        }
        do throws(StateError) {
            var information = stat()
            guard fstat(opened, &information) == 0 else {
                throw .system(errno, "\(name(of: file)) cannot be looked at")
            }
            guard information.st_mode & S_IFMT == S_IFREG else { throw notAFile(file) }
            try sharing.apply(to: opened, information, isNew: isNew, name(of: file))
        } catch {
            close(opened)
            throw error
        }
        return opened
    }

    /// What the path of a file leads to now; nil if there is nothing.
    ///
    /// - Throws: ``StateError`` with a `store…` code when the file cannot be examined.
    func mark(of file: StoreFile) throws(StateError) -> FileMark? {
        try FileMark.at(Array(path(of: file).utf8CString), name(of: file))
    }

    /// The error for the first unusable file; nil if all existing files are usable.
    func accessError() -> StateError? {
        for file in StoreFile.allCases {
            if let error = accessError(of: file) { return error }
        }
        return writingError
    }

    private func accessError(of file: StoreFile) -> StateError? {
        var information = stat()
        guard fstatat(descriptor, file.rawValue, &information, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        guard information.st_mode & S_IFMT == S_IFREG else { return notAFile(file, information.st_mode) }
        if faccessat(descriptor, file.rawValue, R_OK | W_OK, AT_EACCESS) == 0 { return nil }
        let number = errno
        if number == EACCES, faccessat(descriptor, file.rawValue, R_OK, AT_EACCESS) == 0 {
            return StateError(
                .storeReadOnly,
                "\(name(of: file)) is read-only for this user. Make it writable, or name another directory."
            )
        }
        return .system(number, "\(name(of: file)) cannot be read and written")
    }

    private func notAFile(_ file: StoreFile, _ mode: mode_t = S_IFDIR) -> StateError {
        let kind = mode & S_IFMT == S_IFLNK ? "a symbolic link, which is not followed" : "no regular file"
        return StateError(.storePermission, "\(name(of: file)) is \(kind). Move it away.")
    }
}
