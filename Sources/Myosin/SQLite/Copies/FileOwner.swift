#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The user and the group to whom the files of a store belong, where root writes them.
struct FileOwner {
    private let user: uid_t
    private let group: gid_t

    /// Looks at the database of a directory, or at the directory where there is none.
    ///
    /// It is nil where this process is not root, because what it makes belongs to its own user then.
    ///
    /// - Parameter directory: the directory of the store.
    /// - Throws: ``StateError`` with a `store…` code.
    init?(of directory: StoreDirectory) throws(StateError) {
        guard geteuid() == 0 else { return nil }
        var information = stat()
        let database = StoreFile.database.rawValue
        let hasDatabase =
            fstatat(directory.descriptor, database, &information, AT_SYMLINK_NOFOLLOW) == 0
            && information.st_mode & S_IFMT == S_IFREG
        guard hasDatabase || fstat(directory.descriptor, &information) == 0 else {
            throw .system(errno, "The owner of \(directory.name) cannot be looked up")
        }
        (user, group) = (information.st_uid, directory.sharing.group ?? information.st_gid)
    }

    /// Gives a file to its owner.
    ///
    /// - Throws: ``StateError`` with a `store…` code, which names the file.
    func take(_ file: StoreFile, of directory: StoreDirectory) throws(StateError) {
        guard let descriptor = try directory.openFile(file, O_RDWR) else { return }
        defer { SystemCall.close(descriptor) }
        try take(descriptor, directory.name(of: file))
    }

    /// Gives an open file or directory to its owner.
    ///
    /// - Throws: ``StateError`` with a `store…` code, which has the name.
    func take(_ descriptor: Int32, _ name: String) throws(StateError) {
        guard fchown(descriptor, user, group) == 0 else {
            throw .system(errno, "\(name) cannot be given to the user \(user) and the group \(group)")
        }
    }
}
