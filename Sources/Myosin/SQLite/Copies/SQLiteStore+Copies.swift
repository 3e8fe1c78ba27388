#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Primitives

/// What an operator does with the files of a store: copy them, and put a copy in their place.
extension SQLiteStore {
    /// Copies the database of a directory to a file, also while a program uses it.
    ///
    /// The copy is the state at one moment, checked, and complete once this returns. Files that a program would refuse are not
    /// copied, because the copy would look valid: a damaged database, or one beside the log of another database. A model whose
    /// checksum does not fit is copied as it is.
    ///
    /// - Parameters:
    ///   - directory: the directory of the store.
    ///   - file: the path of the copy, where nothing may be.
    /// - Returns: how many models the copy has, and the names of those that are damaged.
    /// - Throws: ``StateError`` with a `store…` code.
    public static func backUp(
        _ directory: String,
        to file: String
    ) throws(StateError) -> (models: Int, damaged: [String]) {
        try file.checkPath(of: "copy")
        try checkNothing(at: file)
        let place = try existing(directory)
        let parent = try StoreDirectory(
            StoreDirectory.parent(of: file),
            kind: "directory",
            sharing: try FileSharing(group: nil)
        )
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let working = try WorkingDirectory(in: parent, prefix: "\(name).making-", copyName: file)
        defer { working.remove() }
        do throws(StateError) {
            try vacuum(place, into: working.files, as: file)
            let content = try adopt(working.files, incarnation: nil)
            try flush(working.files)
            guard linkat(working.files.descriptor, StoreFile.database.rawValue, parent.descriptor, name, 0) == 0 else {
                // Unlike a renaming, this replaces nothing.
                if errno == EEXIST { throw StateError.isThere(file) }
                throw .system(errno, "The copy cannot be given the name \(file)")
            }
            try parent.sync()
            return (content.state.documents.count, content.damagedModels)
        } catch {
            if error.code != .storeFull { throw error }
            throw StateError(
                .storeFull,
                "The disk of \(parent.name) is full, so there is no copy \(file). Make room on it, or name a file on another disk."
            )
        }
    }

    /// Puts a copy in the place of the database of a directory, which no program may have meanwhile.
    ///
    /// The former files are kept in a new directory beside them. Revisions get another incarnation and go on from the highest that
    /// was ever used. Where root does this, files belong to the owner of the former database, or of the directory.
    ///
    /// - Parameters:
    ///   - file: the copy: a file of ``backUp(_:to:)``, or a database with its log beside it.
    ///   - directory: the directory of the store, which is made if it is missing.
    ///   - options: what else is to be said of it.
    /// - Returns: how many models the copy has, the names of those whose checksum does not fit, and where the former files are;
    ///   nil if there were none.
    /// - Throws: ``StateError``: `storeInUse` while a program has the directory, `storeCorrupt` for a copy that is damaged or of
    ///   another program; nothing is changed then.
    public static func restore(
        _ file: String,
        to directory: String,
        options: Options = Options()
    ) throws(StateError) -> (models: Int, damaged: [String], former: String?) {
        try file.checkPath(of: "copy")
        let place = try StoreDirectory(directory, sharing: try FileSharing(group: options.group))
        let lock = try DirectoryLock(place)
        defer { lock.release() }
        let owner = try FileOwner(of: place)
        try owner?.take(.lock, of: place)
        let prefix = "restoring-"
        let working = try WorkingDirectory(in: place, prefix: prefix, copyName: file)
        defer { working.remove() }
        let content: SQLiteReader.Content
        do throws(StateError) {
            try copyFile(file, to: working.files, .database)
            if access("\(file)-wal", F_OK) == 0 { try copyFile("\(file)-wal", to: working.files, .log) }
            try working.removeOthers(prefix: prefix)
            content = try adopt(working.files, incarnation: StoredState.makeIncarnation())
            try owner?.take(.database, of: working.files)
            try flush(working.files)
        } catch {
            let isFull = error.code == .storeFull
            let advice = isFull ? "The disk of \(place.name) has no room for \(file). Make room on it." : error.message
            throw StateError(error.code, "\(advice) The state was left as it is.")
        }
        let former = try FormerFiles(of: place, owner: owner)
        let database = StoreFile.database.rawValue
        guard renameat(working.files.descriptor, database, place.descriptor, database) == 0 else {
            let number = errno
            former?.putBack()
            throw .system(number, "\(file) cannot be put in the place of \(place.name(of: .database))")
        }
        // Were the process to end here, the log would be noticed to be another database's.
        for file in [StoreFile.log, .index, .journal] { unlinkat(place.descriptor, file.rawValue, 0) }
        try place.sync()
        try lock.noteDatabase()
        return (content.state.documents.count, content.damagedModels, former?.name)
    }

    static func existing(_ directory: String) throws(StateError) -> StoreDirectory {
        try directory.checkPath(of: "cache directory")
        guard access("\(directory)/\(StoreFile.database.rawValue)", F_OK) == 0 else {
            throw .system(errno, "\(directory)/\(StoreFile.database.rawValue) cannot be opened")
        }
        return try StoreDirectory(directory, sharing: try FileSharing(group: nil))
    }

    private static func checkNothing(at file: String) throws(StateError) {
        var information = stat()
        if lstat(file, &information) == 0 { throw .isThere(file, isLink: information.st_mode & S_IFMT == S_IFLNK) }
        guard file.hasSuffix("/") else { return }
        throw StateError(.storeNotDirectory, "\(file) names a directory. Name a file that is not there.")
    }

    /// Copies a database as it is at one moment, after it was checked.
    private static func vacuum(
        _ place: StoreDirectory,
        into copies: StoreDirectory,
        as file: String
    ) throws(StateError) {
        // Created here, for this user alone: SQLite would leave that to the mask of the process.
        if let made = try copies.openFile(.database, O_RDWR | O_CREAT | O_EXCL) { SystemCall.close(made) }
        let reader = SQLiteReader(directory: place, lockWait: .seconds(5))
        let found = try reader.read(mayBeEmpty: false) { (source) throws(StateError) in
            do throws(StateError) {
                try source.execute("VACUUM INTO '\(copies.path(of: .database).replacing("'", with: "''"))'")
            } catch {
                // The database was read before, so that anything else than these is the matter of the copy.
                if [.storeCorrupt, .storeInUse, .storeFull].contains(error.code) { throw error }
                throw StateError(error.code, "\(file) cannot be written. \(error.message)")
            }
        }
        if found == nil { throw .system(ENOENT, "\(place.name(of: .database)) cannot be opened") }
    }

    /// Checks a copy, and makes it a database to which no log of another one belongs.
    private static func adopt(_ copies: StoreDirectory, incarnation: String?) throws(StateError) -> SQLiteReader.Content
    {
        guard let content = try SQLiteReader(directory: copies, lockWait: .seconds(5)).read(mayBeEmpty: false) else {
            throw StateError(.storeCorrupt, "\(copies.name(of: .database)) is empty. Name another copy.")
        }
        let connection = try SQLiteConnection(copies, lockWait: .seconds(5))
        connection.endLog()
        if content.incarnation != nil {
            try connection.transaction { () throws(StateError) in
                try SQLiteDatabase.put(.lineage, LogLineage().text, in: connection)
                if let incarnation { try SQLiteDatabase.put(.incarnation, incarnation, in: connection) }
            }
        }
        // Closing would do it too, without a word of what fails.
        guard try connection.checkpoint(truncates: true) else {
            throw StateError(
                .storeInUse,
                "\(copies.name(of: .database)) is used by another program. End that and try again."
            )
        }
        return content
    }

    private static func flush(_ copies: StoreDirectory) throws(StateError) {
        guard let file = try copies.openFile(.database, O_RDWR) else { return }
        defer { SystemCall.close(file) }
        guard SystemCall.retry({ fsync(file) }) == 0 else { throw .system(errno, "The copy cannot be flushed") }
    }

    private static func copyFile(_ source: String, to copies: StoreDirectory, _ target: StoreFile) throws(StateError) {
        let input = SystemCall.open(source, O_RDONLY)
        guard input >= 0 else {
            if errno == ENOENT {
                throw StateError(.storeNotDirectory, "There is no file \(source). Name another copy.")
            }
            throw .system(errno, "\(source) cannot be opened")
        }
        defer { SystemCall.close(input) }
        guard let output = try copies.openFile(target, O_WRONLY | O_CREAT | O_EXCL) else { return }
        defer { SystemCall.close(output) }
        var failure: Int32?
        let isRead = SystemCall.readPieces(of: input) { piece in
            if failure == nil, !SystemCall.writeAll(Array(piece), to: output) { failure = errno }
        }
        if let failure { throw .system(failure, "\(source) cannot be copied") }
        if !isRead { throw .system(errno, "\(source) cannot be read") }
    }
}

extension StateError {
    /// The error for a path that something has already.
    fileprivate static func isThere(_ file: String, isLink: Bool = false) -> StateError {
        let what = isLink ? "\(file) is there already, a symbolic link," : "\(file) is there already"
        return StateError(.storeNotDirectory, "\(what) and is left as it is. Name a path where nothing is.")
    }
}

extension SQLiteReader.Content {
    /// The models whose checksum does not fit, in order.
    fileprivate var damagedModels: [String] { state.documents.filter { !$0.isIntact }.map(\.model).sorted() }
}
