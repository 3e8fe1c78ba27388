#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Looking at a store as a start would, without a change of anything.
extension SQLiteStore {
    /// What a start would find in a directory.
    package struct Preview: Sendable {
        /// What is in the directory.
        package enum Place: Sendable {
            /// The directory is missing; a start makes it.
            case missing
            /// There is no database; a start makes it.
            case empty
            /// There is a database.
            case database
            /// There is a database with tables of an older version, which a start upgrades.
            case olderDatabase
        }

        package let place: Place
        /// The documents, and warnings that a start would log.
        package let content: StoredState
        /// The process that uses the store; nil if none does, as far as the system says.
        package let holder: String?
    }

    /// Looks at the store of a directory as a start would, also while a program uses it.
    ///
    /// It takes no lock and changes no file, not even SQLite's index of the log.
    ///
    /// - Parameters:
    ///   - directory: the directory's path.
    ///   - options: the options of the start.
    /// - Returns: what a start would find.
    /// - Throws: ``StateError`` as a start would, but not because another process uses the store.
    package static func preview(_ directory: String, options: Options = Options()) throws(StateError) -> Preview {
        let sharing = try FileSharing(group: options.group, isApplied: false)
        guard let place = try StoreDirectory(lookingAt: directory, sharing: sharing) else {
            let nothing = StoredState(documents: [], numbersReserved: 0)
            return Preview(place: .missing, content: nothing, holder: nil)
        }
        // Before the database, which is never behind it then.
        let lock = try DirectoryLock(lookingAt: place)
        let record = lock?.record ?? LockRecord()
        var attempt = 1
        while true {
            do throws(StateError) {
                return try preview(place, record, lock?.holder)
            } catch {
                // What looks damaged may have been in the midst of a change.
                guard error.code == .storeCorrupt, lock?.holder != nil, attempt < 3 else { throw error }
                attempt += 1
            }
        }
    }

    private static func preview(
        _ place: StoreDirectory,
        _ lock: LockRecord,
        _ holder: String?
    ) throws(StateError) -> Preview {
        let isNew = (try place.mark(of: .database), try place.mark(of: .log)) == (nil, nil)
        if let error = place.accessError() { throw error }
        if holder == nil { try checkLocks(place) }
        let image = try DatabaseImage(place) ?? DatabaseImage()
        let reader = SQLiteReader(directory: place, lockWait: .zero, image: image)
        let found = try reader.read(mayBeEmpty: isNew || !lock.hasHadDatabase)
        let content = found ?? SQLiteReader.Content(state: StoredState(documents: [], numbersReserved: 0))
        var state = content.state
        state.remarks = KnownContent(content, lock, 0).remarks
        let models = Set(state.documents.map(\.model)).union(content.adopted)
        state.documents += try PythonCache(directory: place).documents(except: models)
        let kind: Preview.Place =
            found == nil ? .empty : content.incarnation == nil ? .olderDatabase : .database
        return Preview(place: kind, content: state, holder: holder)
    }
}

extension SQLiteStore {
    /// Refuses a database that another program keeps for itself, by asking the kernel and without a lock.
    ///
    /// Source: https://www.sqlite.org/fileformat2.html#the_lock_byte_page, and `PENDING_BYTE` in os.h.
    private static func checkLocks(_ place: StoreDirectory) throws(StateError) {
        guard let descriptor = try place.openFile(.database, O_RDONLY) else { return }
        defer { SystemCall.close(descriptor) }
        var wanted = flock()
        (wanted.l_type, wanted.l_whence) = (Int16(F_RDLCK), Int16(SEEK_SET))
        // The byte that a writer takes first, the reserved one, and those of the readers.
        (wanted.l_start, wanted.l_len) = (0x4000_0000, 512)
        guard fcntl(descriptor, F_GETLK, &wanted) == 0, wanted.l_type == Int16(F_WRLCK) else { return }
        throw StateError(
            .storeInUse,
            "\(place.name(of: .database)) cannot be used: database is locked. Another program has locked it; nothing was changed. "
                + "End that program and try again."
        )
    }
}

extension StoreDirectory {
    /// Opens a directory and makes nothing; nil where a start would make it.
    ///
    /// - Parameters:
    ///   - name: its path as it was given.
    ///   - sharing: the rights of what a start makes.
    /// - Throws: ``StateError`` with a `store…` code where a start would fail.
    fileprivate convenience init?(lookingAt name: String, sharing: FileSharing) throws(StateError) {
        try name.checkPath(of: "cache directory")
        var (information, path) = (stat(), name)
        while stat(path, &information) != 0, errno == ENOENT {
            guard lstat(path, &information) != 0 else {
                throw StateError(
                    .storeNotDirectory,
                    "The cache directory \(name) cannot be made: \(path) is a symbolic link that leads nowhere. Remove it, or "
                        + "make the directory that it names."
                )
            }
            path = Self.parent(of: path)
        }
        if path == name {
            try self.init(name, sharing: sharing)
            return
        }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw .system(ENOTDIR, "\(path) cannot be above \(name)")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw .system(errno, "The cache directory \(name) is missing, and cannot be made: \(path) does not take it")
        }
        return nil
    }
}
