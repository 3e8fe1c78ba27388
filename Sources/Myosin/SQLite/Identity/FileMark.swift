#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The identity of a file at a path, with its size and modification time.
struct FileMark: Equatable {
    let device: dev_t
    let inode: ino_t
    let size: Int
    /// The time of its last change, since 1970.
    private let changed: Duration

    /// Looks at a path, without following a link.
    ///
    /// - Parameters:
    ///   - path: the path, which ends with 0.
    ///   - name: the path for messages.
    /// - Returns: the mark; nil if nothing is there.
    /// - Throws: ``StateError`` with a `store…` code when the file cannot be examined.
    static func at(_ path: [CChar], _ name: @autoclosure () -> String) throws(StateError) -> FileMark? {
        var information = stat()
        if SystemCall.retry({ lstat(path, &information) }) == 0 { return FileMark(information) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw .system(errno, "\(name()) cannot be looked at")
    }

    /// Looks at an open file.
    ///
    /// - Throws: ``StateError`` with a `store…` code when that fails.
    static func of(_ descriptor: Int32, _ name: String) throws(StateError) -> FileMark {
        var information = stat()
        if SystemCall.retry({ fstat(descriptor, &information) }) == 0 { return FileMark(information) }
        throw .system(errno, "\(name) cannot be looked at")
    }

    private init(_ information: stat) {
        (device, inode, size) = (information.st_dev, information.st_ino, Int(information.st_size))
        // Once an extension adds an initializer to `Duration`, the compiler looks for members of C's own type in a module that
        // cannot be imported.
        changed = Duration(information.st_mtim)
    }

    /// The identity that distinguishes the file from all others of the machine.
    var identity: FileIdentity { FileIdentity(device: device, inode: inode) }

    /// Whether it is the same file, written or not.
    func isSameFile(as other: FileMark?) -> Bool { device == other?.device && inode == other?.inode }
}

/// The identity that distinguishes a file from all others of the machine.
struct FileIdentity: Hashable {
    let device: dev_t
    let inode: ino_t
}

/// The files that a connection has open, to notice one that was removed, replaced or written by another program.
///
/// A commit counts only if the path still leads to the open files once it is on disk. No reader would find it in any other file.
struct OpenFiles {
    private static let watched: [StoreFile] = [.database, .log, .index, .lock]
    private let directory: StoreDirectory
    private let paths: [[CChar]]
    private var marks: [FileMark]

    /// Notes the files of a directory as they are.
    ///
    /// - Throws: ``StateError``: `storeReplaced` when one is missing.
    init(in directory: StoreDirectory) throws(StateError) {
        self.directory = directory
        paths = Self.watched.map { Array(directory.path(of: $0).utf8CString) }
        marks = []
        for index in paths.indices {
            guard let mark = try look(index) else { throw .replaced(name(index), isMissing: true) }
            marks.append(mark)
        }
    }

    private func name(_ index: Int) -> String { directory.name(of: Self.watched[index]) }

    private func look(_ index: Int) throws(StateError) -> FileMark? { try FileMark.at(paths[index], name(index)) }

    var database: FileMark { marks[0] }
    var log: FileMark { marks[1] }

    /// Whether the database and its log are as this process has left them.
    ///
    /// - Throws: ``StateError`` with a `store…` code when the file cannot be examined.
    var isAsLeft: Bool {
        get throws(StateError) {
            let (database, log) = (try look(0), try look(1))
            return database == marks[0] && log == marks[1]
        }
    }

    /// Notes how the files are after this process has written them.
    ///
    /// - Parameter isDatabaseWritten: whether it has written the database and not only its log; where it has not, a database that
    ///   somebody else writes at that moment is noticed later.
    /// - Throws: ``StateError``: `storeReplaced` when one is no longer at its path or the index was cut off, `storeFailed` when a file
    ///   cannot be examined.
    mutating func update(isDatabaseWritten: Bool) throws(StateError) {
        for index in paths.indices {
            let mark: FileMark?
            do throws(StateError) {
                mark = try look(index)
            } catch {
                // The written bytes may be where they belong.
                throw StateError(.storeFailed, "Whether the last commit counts is unknown. \(error.message)")
            }
            guard let mark, mark.isSameFile(as: marks[index]) else {
                throw .replaced(name(index), isMissing: mark == nil)
            }
            if Self.watched[index] == .index, mark.size < marks[index].size { throw .cutOff(name(index)) }
            if Self.watched[index] != .database || isDatabaseWritten { marks[index] = mark }
        }
    }
}

extension StateError {
    /// The error for a database that lacks the last commit.
    static func outdated(_ file: String) -> StateError {
        StateError(
            .storeReplaced,
            "\(file) does not have what was committed last: it or its log was removed, or cut off. The commit is refused. What "
                + "is published is written again; try again in a moment."
        )
    }

    /// The error for a file that is shorter than this process has left it.
    static func cutOff(_ file: String) -> StateError {
        StateError(
            .storeReplaced,
            "\(file) was cut off while this process has it open, so the commit is refused. The store is opened anew; try again in a "
                + "moment."
        )
    }

    /// The error for a path that no longer leads to the open file.
    static func replaced(_ file: String, isMissing: Bool) -> StateError {
        isMissing
            ? StateError(
                .storeReplaced,
                "\(file) was removed or renamed while this process has it open, so the commit is refused. The store is made anew with "
                    + "what is published; try again in a moment."
            )
            : StateError(
                .storeReplaced,
                "\(file) is not the file that this process has open: another one was put in its place, and is left as it is. "
                    + "The commit is refused. Move that file away, and the store is made anew with what is published; to use it, stop "
                    + "this process and restore it."
            )
    }
}
