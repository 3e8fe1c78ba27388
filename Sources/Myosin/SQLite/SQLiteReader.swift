#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Primitives

/// Reads the database of a directory and checks all of it, without changing a byte of its files.
///
/// SQLite takes the lock of the whole database for that where nobody else has it open, because it needs no index of the log
/// then: it would make one otherwise.
struct SQLiteReader {
    let directory: StoreDirectory
    let lockWait: Duration
    /// The bytes of the files, to be read instead of them; nil to have SQLite open the files.
    var image: DatabaseImage?

    /// What a database has.
    struct Content {
        var state: StoredState
        /// The reserved number as it is stored.
        var numbersStored: UInt64 = 0
        /// The models whose documents from elsewhere were adopted, or refused, before.
        var adopted: Set<String> = []
        /// The store's incarnation; nil in a database of version 1.
        var incarnation: String?

        /// The revisions of the documents, by model.
        var revisions: [String: UInt64] {
            Dictionary(state.documents.map { ($0.model, $0.revision) }, uniquingKeysWith: { $1 })
        }
    }

    private var name: String { directory.name(of: .database) }
    private var isCopy: Bool { directory.copyName != nil }

    /// Reads the database.
    ///
    /// - Parameters:
    ///   - mayBeEmpty: whether a file without anything in it is a database that is only being made; it is also what is left of one
    ///     that was cut off.
    ///   - use: gets the connection once everything is checked, outside of a transaction. No other program can open the database
    ///     before it returns, unless one had it open already.
    /// - Returns: the content; nil if there is no database yet.
    /// - Throws: ``StateError`` with a `store…` code, or what `use` throws.
    func read(
        mayBeEmpty: Bool,
        then use: (SQLiteConnection) throws(StateError) -> Void = { _ in }
    ) throws(StateError) -> Content? {
        if let error = directory.accessError() { throw error }
        let (database, log) = (try directory.mark(of: .database), try directory.mark(of: .log))
        try checkLog(database, log)
        try checkJournal(database, isOurs: mayBeEmpty)
        // SQLite would roll a database back that is only being made.
        if image != nil, let journal = try directory.mark(of: .journal), journal.size > 0 { return nil }
        guard database != nil else { return nil }
        let (connection, isAlone) = try connect(hasLog: log != nil)
        // It goes before another program can open the database and use it.
        defer { if isAlone, log == nil { removeEmptyLog() } }
        // One snapshot: another program that checkpoints meanwhile writes no more than the snapshot has.
        try connection.execute("BEGIN")
        guard try checkTables(connection, mayBeEmpty: mayBeEmpty) else { return nil }
        let lineage = try lineage(in: connection)
        let logSize = if let image { image.log.count } else { try directory.mark(of: .log)?.size ?? 0 }
        if let lineage, logSize > 0 { try check(lineage) }
        let found = try connection.text("PRAGMA quick_check(1)")
        guard found == "ok" else { throw damaged(found) }
        let content = try content(of: connection)
        try connection.execute("ROLLBACK")
        try use(connection)
        return content
    }

    /// SQLite makes an empty log where there is none.
    private func removeEmptyLog() {
        // If the file cannot be examined it stays, empty and harmless.
        if (try? directory.mark(of: .log))?.size == 0 { unlink(directory.path(of: .log)) }
    }

    private func connect(hasLog: Bool) throws(StateError) -> (SQLiteConnection, isAlone: Bool) {
        if let image { return (try SQLiteConnection(directory, image: image.merged), false) }
        let alone = try SQLiteConnection(directory, lockWait: lockWait)
        do throws(StateError) {
            try alone.takeAlone()
        } catch {
            guard error.code == .storeInUse else {
                if !hasLog { removeEmptyLog() }
                throw error
            }
            // Another program has it open, so its index of the log is in use and stays.
            return (try SQLiteConnection(directory, lockWait: lockWait), false)
        }
        return (alone, true)
    }

    // MARK: Files that do not belong together

    private static func moveAway(_ name: String) -> String { "mv \(name.shellQuoted) \("\(name).old".shellQuoted)" }

    private func checkLog(_ database: FileMark?, _ log: FileMark?) throws(StateError) {
        // SQLite would remove the log.
        guard let log, log.size > 0, (database?.size ?? 0) == 0 else { return }
        let logName = directory.name(of: .log)
        if isCopy {
            throw StateError(.storeCorrupt, "\(name) is empty, and its log \(logName) is there. Name another copy.")
        }
        throw StateError(
            .storeCorrupt,
            "\(name) is \(database == nil ? "missing" : "empty"), and its log \(logName) is there. Both were left as they are. Put "
                + "the database back, or begin anew: \(Self.moveAway(logName))"
        )
    }

    private func checkJournal(_ database: FileMark?, isOurs: Bool) throws(StateError) {
        guard let journal = try directory.mark(of: .journal), journal.size > 0 else { return }
        // A database of ours has one only while it is being made, and one page then.
        if isOurs, (database?.size ?? 0) <= 1_024 { return }
        let journalName = directory.name(of: .journal)
        throw StateError(
            .storeCorrupt,
            "\(journalName) is the journal of another database than \(name). Both were left as they are. Move it away: "
                + "\(Self.moveAway(journalName))"
        )
    }

    /// Which log belongs to the database; nil in one of version 1.
    func lineage(in connection: SQLiteConnection) throws(StateError) -> LogLineage? {
        guard try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'properties'") == 1 else {
            return nil
        }
        return try SQLiteDatabase.property(.lineage, in: connection, of: directory).flatMap { LogLineage($0) }
    }

    private func check(_ lineage: LogLineage) throws(StateError) {
        let file: LogLineage?
        do throws(StateError) {
            let withoutLog =
                if let image { try SQLiteConnection(directory, image: image.database) } else {
                    try SQLiteConnection(directory, .withoutLog, lockWait: lockWait)
                }
            file = try self.lineage(in: withoutLog)
        } catch {
            // It is damaged, or has no tables yet: they are in the log, with everything else.
            if error.code == .storeInUse || !error.code.leavesStoreUsable { return }
            throw error
        }
        guard let file, !lineage.continues(file) else { return }
        let (log, index) = (directory.name(of: .log), directory.name(of: .index))
        throw StateError(
            .storeCorrupt,
            "\(log) is the log of another database than \(name). Both were left as they are. If \(name) is a copy that was put "
                + "there, move the log away: \(Self.moveAway(log)); rm -f \(index.shellQuoted). Else put the former database back."
        )
    }

    // MARK: Tables

    /// Checks whose database it is; false if it is empty.
    private func checkTables(_ connection: SQLiteConnection, mayBeEmpty: Bool) throws(StateError) -> Bool {
        if image == nil, connection.isReadOnly {
            throw StateError(.storeReadOnly, "\(name) is read-only. Make it writable, or name another directory.")
        }
        let application = try connection.integer("PRAGMA application_id")
        if try connection.isEmpty {
            if mayBeEmpty { return false }
            if isCopy { throw StateError(.storeCorrupt, "\(name) is empty. Name another copy.") }
            throw StateError(
                .storeCorrupt,
                "\(name) is empty, and was not. It was left as it is. Put a copy in its place, or remove it to begin anew."
            )
        }
        guard application == SQLiteDatabase.applicationID else {
            let advice = isCopy ? "Name another copy." : "Name another directory."
            throw StateError(.storeCorrupt, "\(name) is a database of another program. \(advice)")
        }
        let found = try connection.integer("PRAGMA user_version")
        guard found <= SQLiteDatabase.version else {
            throw StateError(
                .storeNewer,
                "\(name) has tables of version \(found), this program knows \(SQLiteDatabase.version). Run the newer program, or "
                    + (isCopy ? "name another copy." : "name another directory. It was left as it is.")
            )
        }
        return true
    }

    private func content(of connection: SQLiteConnection) throws(StateError) -> Content {
        var content = Content(state: StoredState(documents: [], numbersReserved: 0))
        let documents = try connection.prepare(
            "SELECT model, schema_version, revision, document, changed, checksum FROM state ORDER BY model"
        )
        try documents.run([]) { row in
            var document = row.document
            document.isIntact = Checksum.of(document) == row.text(5)
            if !document.isIntact { document.damagedChecksum = row.text(5) }
            content.state.documents.append(document)
        }
        var isReservedIntact = true
        try connection.prepare("SELECT name, value, checksum FROM numbers")
            .run([]) { row in
                isReservedIntact =
                    isReservedIntact && row.text(0) == SQLiteDatabase.reservedName
                    && Checksum.of(row.integer(1)) == row.text(2)
                content.numbersStored = UInt64(bitPattern: row.integer(1))
            }
        guard isReservedIntact else { throw damaged("the checksum of the table numbers does not fit") }
        let highest = content.state.documents.filter(\.isIntact).map(\.revision).max() ?? 0
        content.state.numbersReserved = max(content.numbersStored, highest)
        let isCurrent = try connection.integer("PRAGMA user_version") == SQLiteDatabase.version
        content.adopted = try connection.names(
            isCurrent ? "SELECT model FROM adopted" : "SELECT DISTINCT model FROM quarantine WHERE schema_version = 0"
        )
        guard isCurrent else { return content }
        content.incarnation = try SQLiteDatabase.property(.incarnation, in: connection, of: directory)
        content.state.inQuarantine = try connection.names(
            "SELECT state.model FROM state JOIN quarantine ON state.model = quarantine.model "
                + "AND state.revision = quarantine.replaced_by WHERE quarantine.replaced_by > 0"
        )
        return content
    }

    private func damaged(_ what: String) -> StateError { SQLiteDatabase.damaged(directory, what) }
}

extension SQLiteConnection {
    /// The texts of the first column that a statement gives.
    fileprivate func names(_ sql: String) throws(StateError) -> Set<String> {
        var names: Set<String> = []
        try prepare(sql).run([]) { row in names.insert(String(decoding: row.text(0), as: UTF8.self)) }
        return names
    }
}

extension SQLiteStatement {
    /// The document of the current row, whose first columns are model, version, revision, text and time.
    var document: StoredDocument {
        StoredDocument(
            model: String(decoding: text(0), as: UTF8.self),
            schemaVersion: Int(integer(1)),
            revision: UInt64(bitPattern: integer(2)),
            time: real(4),
            text: text(3)
        )
    }
}
