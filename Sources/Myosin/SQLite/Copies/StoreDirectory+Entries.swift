#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What is in a directory beside the files of a store.
extension StoreDirectory {
    /// The names of everything in it, in order.
    var entries: [String] {
        get throws(StateError) {
            let listed = SystemCall.retry { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            guard listed >= 0, let stream = fdopendir(listed) else {
                let number = errno
                if listed >= 0 { close(listed) }
                throw .system(number, "The directory \(name) cannot be listed")
            }
            // Closes the descriptor too.
            defer { closedir(stream) }
            var names: [String] = []
            errno = 0
            while let entry = readdir(stream) {
                names.append(
                    withUnsafePointer(to: &entry.pointee.d_name) { name in
                        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                    }
                )
                errno = 0
            }
            guard errno == 0 else { throw .system(errno, "The directory \(name) cannot be listed") }
            return names.sorted()
        }
    }

    /// Makes a directory in this one, for this user alone whatever the mask of the process.
    ///
    /// - Parameters:
    ///   - entry: its name.
    ///   - copyName: the file that its database is a copy of, or becomes; nil for none.
    /// - Returns: the directory, with the sharing of this one for its files; nil if something has the name already.
    /// - Throws: ``StateError`` with a `store…` code.
    func makeDirectory(_ entry: String, copyName: String? = nil) throws(StateError) -> StoreDirectory? {
        guard SystemCall.retry({ mkdirat(descriptor, entry, 0o700) }) == 0 else {
            if errno == EEXIST { return nil }
            throw .system(errno, "The directory \(name)/\(entry) cannot be made")
        }
        do throws(StateError) {
            return try openMade(entry, copyName: copyName)
        } catch {
            // Only an empty directory is removed.
            unlinkat(descriptor, entry, AT_REMOVEDIR)
            throw error
        }
    }

    private func openMade(_ entry: String, copyName: String?) throws(StateError) -> StoreDirectory {
        var (made, opened) = (stat(), stat())
        guard fstatat(descriptor, entry, &made, AT_SYMLINK_NOFOLLOW) == 0,
            made.st_mode & 0o700 == 0o700 || fchmodat(descriptor, entry, 0o700, 0) == 0
        else { throw .system(errno, "The directory \(name)/\(entry), which was just made, cannot be used") }
        let directory = try StoreDirectory(
            "\(name)/\(entry)",
            at: "\(path)/\(entry)",
            copyName: copyName,
            kind: "directory",
            sharing: sharing
        )
        // Another user who may write the directory above can put another one in its place.
        guard fstat(directory.descriptor, &opened) == 0, opened.st_uid == geteuid(),
            opened.st_dev == made.st_dev, opened.st_ino == made.st_ino
        else {
            throw StateError(
                .storePermission,
                "\(name)/\(entry) was replaced by another program. Name a directory that no other user may write."
            )
        }
        return directory
    }

    /// Removes the files that a store has from this directory, and the directory from the one that it is in.
    ///
    /// A directory that has anything else stays, with that.
    ///
    /// - Parameters:
    ///   - entry: its name in the directory above.
    ///   - parent: the directory above.
    func remove(_ entry: String, from parent: StoreDirectory) {
        for file in StoreFile.allCases { unlinkat(descriptor, file.rawValue, 0) }
        unlinkat(parent.descriptor, entry, AT_REMOVEDIR)
    }
}

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
