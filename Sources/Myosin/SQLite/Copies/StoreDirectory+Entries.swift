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
            guard SystemCall.readNames(in: stream, { names.append($0) }) else {
                throw .system(errno, "The directory \(name) cannot be listed")
            }
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
