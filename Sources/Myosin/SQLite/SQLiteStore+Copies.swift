#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Primitives

/// What an operator does with the files of a store: copy them, put a copy in their place, look at the quarantine.
extension SQLiteStore {
    /// Copies the database of a directory to a file, also while a program uses it.
    ///
    /// The copy is the state at one moment, checked, and complete once this returns.
    ///
    /// - Parameters:
    ///   - directory: the directory of the store.
    ///   - file: the path of the copy, where nothing may be.
    /// - Returns: how many models the copy has.
    /// - Throws: ``StateError`` with a `store…` code.
    public static func backUp(_ directory: String, to file: String) throws(StateError) -> Int {
        try checkNothing(at: file)
        let place = try existing(directory)
        // In a directory of its own beside the file, so that the file is never there in part.
        let copies = try StoreDirectory("\(file).making-\(getpid())", sharing: try FileSharing(group: nil))
        defer { remove(copies) }
        let source = try SQLiteConnection(place, for: .checking, lockWait: .seconds(5))
        try source.execute("VACUUM INTO '\(copies.path(of: .database).replacing("'", with: "''"))'")
        let content = try adopt(copies, incarnation: nil)
        try flush(copies)
        // Unlike a renaming, this replaces nothing.
        guard link(copies.path(of: .database), file) == 0 else {
            throw .system(errno, "The copy cannot be given the name \(file)")
        }
        try StoreDirectory.sync(parentOf: file)
        return content.state.documents.count
    }

    /// Puts a copy in the place of the database of a directory, which no program may have meanwhile.
    ///
    /// The former files are kept in a directory beside them. Revisions get another incarnation and go on from the highest that
    /// was ever used.
    ///
    /// - Parameters:
    ///   - file: the copy: a file of ``backUp(_:to:)``, or a database with its log beside it.
    ///   - directory: the directory of the store, which is made if it is missing.
    ///   - options: what else is to be said of it.
    /// - Returns: how many models the copy has, and where the former files are; nil if there were none.
    /// - Throws: ``StateError``: `storeInUse` while a program has the directory, `storeCorrupt` for a copy that is damaged or of
    ///   another program; nothing is changed then.
    public static func restore(
        _ file: String,
        to directory: String,
        options: Options = Options()
    ) throws(StateError) -> (models: Int, former: String?) {
        let sharing = try FileSharing(group: options.group)
        let place = try StoreDirectory(directory, sharing: sharing)
        let lock = try DirectoryLock(place)
        defer { lock.release() }
        let copies = try StoreDirectory("\(place.path)/restoring-\(getpid())", sharing: sharing)
        defer { remove(copies) }
        try copyFile(file, to: copies, .database)
        if access("\(file)-wal", F_OK) == 0 { try copyFile("\(file)-wal", to: copies, .log) }
        let content = try adopt(copies, incarnation: StoredState.makeIncarnation())
        try flush(copies)
        let former = try keepFormer(in: place, sharing)
        guard rename(copies.path(of: .database), place.path(of: .database)) == 0 else {
            throw .system(errno, "The copy cannot be put in the place of \(place.name(of: .database))")
        }
        // Were the process to end here, the log would be noticed to be another database's.
        for file in [StoreFile.log, .index, .journal] { unlink(place.path(of: file)) }
        try place.sync()
        try lock.noteDatabase()
        return (content.state.documents.count, former)
    }

    private static func existing(_ directory: String) throws(StateError) -> StoreDirectory {
        guard access("\(directory)/\(StoreFile.database.rawValue)", F_OK) == 0 else {
            throw .system(errno, "\(directory)/\(StoreFile.database.rawValue) cannot be opened")
        }
        return try StoreDirectory(directory, sharing: try FileSharing(group: nil))
    }

    private static func checkNothing(at file: String) throws(StateError) {
        guard access(file, F_OK) == 0 else { return }
        throw StateError(
            .storeNotDirectory,
            "\(file) is there already and is left as it is. Name a file that is not there."
        )
    }

    /// Checks a copy, and makes it a database to which no log of another one belongs.
    private static func adopt(_ copies: StoreDirectory, incarnation: String?) throws(StateError) -> SQLiteReader.Content
    {
        guard let content = try SQLiteReader(directory: copies, lockWait: .seconds(5)).read(mayBeEmpty: false) else {
            throw StateError(.storeCorrupt, "The copy is empty. Name another one.")
        }
        let connection = try SQLiteConnection(copies, for: .writing, lockWait: .seconds(5))
        connection.endLog()
        guard content.incarnation != nil else { return content }
        try connection.transaction { () throws(StateError) in
            try SQLiteDatabase.put(.lineage, LogLineage().text, in: connection)
            if let incarnation { try SQLiteDatabase.put(.incarnation, incarnation, in: connection) }
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
        guard input >= 0 else { throw .system(errno, "\(source) cannot be opened") }
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

    /// Gives the present files second names in a directory of their own.
    private static func keepFormer(in place: StoreDirectory, _ sharing: FileSharing) throws(StateError) -> String? {
        var files: [StoreFile] = []
        for file in [StoreFile.database, .log, .journal] where try place.mark(of: file) != nil { files.append(file) }
        if files.isEmpty { return nil }
        let time = CalendarTime(secondsSince1970: Int(WallClock.seconds))
        let former = "replaced-\(time.dateText)T\(time.clockText.replacing(":", with: "-"))Z"
        let kept = try StoreDirectory("\(place.path)/\(former)", sharing: sharing)
        for file in files {
            let (from, to) = (place.path(of: file), kept.path(of: file))
            // File systems without second names get the file itself.
            guard link(from, to) == 0 || rename(from, to) == 0 else {
                throw .system(errno, "\(place.name(of: file)) cannot be kept in \(kept.name)")
            }
        }
        try kept.sync()
        return "\(place.name)/\(former)"
    }

    private static func remove(_ copies: StoreDirectory) {
        for file in StoreFile.allCases { unlink(copies.path(of: file)) }
        rmdir(copies.path)
    }

    // MARK: Quarantine

    /// A former document that is kept.
    public struct Quarantined: Sendable, Hashable {
        /// Its number, which rises with time.
        public let number: Int
        /// The document as it was stored.
        public let document: StoredDocument
        /// Why it is not used any more.
        public let reason: String
    }

    /// Reads the quarantine of a store, also while a program uses it.
    ///
    /// - Parameter directory: the directory of the store.
    /// - Returns: the former documents, the oldest first.
    /// - Throws: ``StateError`` with a `store…` code.
    public static func quarantine(of directory: String) throws(StateError) -> [Quarantined] {
        let connection = try SQLiteConnection(try existing(directory), for: .checking, lockWait: .seconds(5))
        var found: [Quarantined] = []
        try connection.prepare(
            "SELECT rowid, model, schema_version, revision, document, changed, reason FROM quarantine ORDER BY rowid"
        )
        .run([]) { row in
            let document = StoredDocument(
                model: String(decoding: row.text(1), as: UTF8.self),
                schemaVersion: Int(row.integer(2)),
                revision: UInt64(bitPattern: row.integer(3)),
                time: row.real(5),
                text: row.text(4)
            )
            let reason = String(decoding: row.text(6), as: UTF8.self)
            found.append(Quarantined(number: Int(row.integer(0)), document: document, reason: reason))
        }
        return found
    }

    /// Removes former documents from the quarantine of a store, also while a program uses it.
    ///
    /// - Parameters:
    ///   - directory: the directory of the store.
    ///   - model: the model whose documents go; nil for all.
    /// - Returns: how many have gone.
    /// - Throws: ``StateError`` with a `store…` code.
    public static func clearQuarantine(of directory: String, model: String? = nil) throws(StateError) -> Int {
        let connection = try SQLiteConnection(try existing(directory), for: .checking, lockWait: .seconds(5))
        try connection.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
        var count: Int32 = 0
        try connection.transaction { () throws(StateError) in
            let statement = try connection.prepare("DELETE FROM quarantine WHERE ?1 = '' OR model = ?1")
            try statement.run([.text(Array((model ?? "").utf8))])
            count = connection.changes
        }
        return Int(count)
    }
}
