#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The database of a directory, open for writing: its tables, its rows and its log.
///
/// It is not synchronized: call it from one thread at a time.
final class SQLiteDatabase {
    private let directory: StoreDirectory
    private let lockWait: Duration
    private let connection: SQLiteConnection
    private let insert: SQLiteStatement
    private let replace: SQLiteStatement
    private let put: SQLiteStatement
    private let putNumber: SQLiteStatement
    private let setAside: SQLiteStatement
    private let maxQuarantined: Int
    /// The former documents that are kept, as of the last commit; what another program removes shows when it is opened again.
    private(set) var quarantine: QuarantineSize
    /// The files that it has open.
    private(set) var files: OpenFiles
    private var lineage: LogLineage
    /// Whether the database has a new name, and its log is not yet in its file as a whole.
    private var isCheckpointUnderWay: Bool
    /// How many pages had been written to the log when all of it was in the database.
    private var pagesBefore = 0

    /// The log is written into the database when it has so many pages, as SQLite does by default.
    private static let maxLogPages = 1_000
    /// A log of more bytes is made empty.
    private static let maxLogBytes = 4 * 1_024 * 1_024

    /// Opens the database of a directory.
    ///
    /// - Parameters:
    ///   - directory: the directory; what it has was checked before.
    ///   - mayCreate: whether it is made where there is none; an empty one in the place of a database that was just removed would not
    ///     have what is published.
    ///   - lockWait: how long to wait for locks of other programs.
    ///   - incarnation: the store's.
    ///   - maxQuarantined: how many former documents are kept.
    /// - Throws: ``StateError`` with a `store…` code.
    init(
        _ directory: StoreDirectory,
        mayCreate: Bool,
        lockWait: Duration,
        incarnation: String,
        maxQuarantined: Int
    ) throws(StateError) {
        (self.directory, self.lockWait, self.maxQuarantined) = (directory, lockWait, maxQuarantined)
        // Created here, readable by the owner only. SQLite gives its other files the same rights.
        let isNew = mayCreate ? try directory.mark(of: .database) == nil : false
        let flags = O_RDWR | (isNew ? O_CREAT | O_EXCL : 0)
        for (file, flags) in [(StoreFile.database, flags), (.log, O_RDWR), (.index, O_RDWR)] {
            // Closed before SQLite opens it: closing a file later would end SQLite's locks on it.
            if let descriptor = try directory.openFile(file, flags) {
                close(descriptor)
            } else if file == .database {
                throw .replaced(directory.name(of: file), isMissing: true)
            }
        }
        try Self.shrinkLog(directory)
        connection = try SQLiteConnection(directory, lockWait: lockWait)
        lineage = try Self.prepareTables(connection, directory, incarnation)
        quarantine = try QuarantineSize(in: connection)
        // One that was cut off goes on under the same name, which the file may have already.
        isCheckpointUnderWay = lineage.log != lineage.base
        let columns = "model, schema_version, revision, document, checksum, changed"
        insert = try connection.prepare(
            "INSERT INTO state (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (model) DO NOTHING"
        )
        replace = try connection.prepare(
            "UPDATE state SET schema_version = ?2, revision = ?3, document = ?4, checksum = ?5, changed = ?6 "
                + "WHERE model = ?1 AND revision = ?7"
        )
        put = try connection.prepare("INSERT OR REPLACE INTO state (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        putNumber = try connection.prepare("INSERT OR REPLACE INTO numbers (name, value, checksum) VALUES (?1, ?2, ?3)")
        setAside = try connection.prepare(
            "INSERT INTO quarantine (model, schema_version, revision, document, changed, reason, replaced_by) "
                + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        )
        files = try OpenFiles(in: directory)
        // What a killed process has written to the log without flushing it would be lost by a power failure still.
        // The first write of a log takes a flush more; on a full disk it is that of the first commit for which there is room.
        if try checkpoint(truncates: true) { _ = try putIfRoom(lineage.begun) }
        // New files must be found after a power loss, not only their content.
        try directory.sync()
        try noteFiles()
    }

    /// Empties a log that may have filled the disk, before SQLite needs room for its index.
    private static func shrinkLog(_ directory: StoreDirectory) throws(StateError) {
        guard let size = try directory.mark(of: .log)?.size, size > 0 else { return }
        if size <= maxLogBytes, try directory.mark(of: .index) != nil { return }
        let alone = try SQLiteConnection(directory, lockWait: .zero)
        do throws(StateError) {
            try alone.takeAlone()
            try alone.execute("PRAGMA synchronous = FULL")
            _ = try alone.checkpoint(truncates: true)
        } catch {
            // A reader holds the log, or the database needs more room than there is. A later checkpoint tries again.
            if !error.code.leavesStoreUsable { throw error }
        }
    }

    // MARK: The log

    /// The size of the log's file, in bytes.
    var logBytes: Int { files.log.size }

    /// Whether the log is so long that ``shortenLog()`` has something to do.
    var isLogLong: Bool { connection.pagesLogged - pagesBefore >= Self.maxLogPages || logBytes > Self.maxLogBytes }

    /// Writes the log into the database when it is long, and makes it empty when it is very long.
    ///
    /// - Returns: whether that was done; a program that reads may keep it from being done.
    /// - Throws: ``StateError``.
    func shortenLog() throws(StateError) -> Bool {
        if !isLogLong { return true }
        return try checkpointWithoutWaiting(truncates: logBytes > Self.maxLogBytes)
    }

    /// Makes the log empty, to have its room on a full disk.
    ///
    /// - Returns: whether there is more room now.
    func emptyLog() -> Bool {
        let former = logBytes
        // Where that fails the commit has failed for want of room, and nothing else has happened.
        return (try? checkpointWithoutWaiting(truncates: true)) == true && logBytes < former
    }

    private func checkpointWithoutWaiting(truncates: Bool) throws(StateError) -> Bool {
        let isDone = try connection.withoutWaiting { () throws(StateError) in try checkpoint(truncates: truncates) }
        try noteFiles()
        return isDone
    }

    private func checkpoint(truncates: Bool) throws(StateError) -> Bool {
        // Where the disk is full the checkpoint may make room; the database keeps its name then.
        if !isCheckpointUnderWay { isCheckpointUnderWay = try putIfRoom(lineage.renewed) }
        guard try connection.checkpoint(truncates: truncates) else { return false }
        (isCheckpointUnderWay, pagesBefore) = (false, connection.pagesLogged)
        return true
    }

    /// Writes a lineage in a transaction of its own.
    ///
    /// - Returns: false if the disk is full or another program has locked the database.
    private func putIfRoom(_ new: LogLineage) throws(StateError) -> Bool {
        do throws(StateError) {
            try connection.transaction { () throws(StateError) in
                try Self.put(.lineage, new.text, in: connection)
            }
        } catch {
            if !error.code.leavesStoreUsable { throw error }
            return false
        }
        lineage = new
        return true
    }

    /// Writes the log into the database for good, and has SQLite remove it when the connection is closed.
    ///
    /// - Throws: ``StateError``; the log is left as it is then.
    func endLog() throws(StateError) {
        try noteFiles()
        connection.endLog()
    }

    /// Checks that the open files are at their path, as ``OpenFiles/update(isDatabaseWritten:)``.
    func checkFiles() throws(StateError) {
        var files = files
        try files.update(isDatabaseWritten: false)
    }

    /// Notes how the files are after this process has written them, as ``OpenFiles/update(isDatabaseWritten:)``.
    private func noteFiles(isDatabaseWritten: Bool = true) throws(StateError) {
        try files.update(isDatabaseWritten: isDatabaseWritten)
        try connection.checkLog()
        if connection.hasLostIndex { throw .cutOff(directory.name(of: .index)) }
    }

    /// What there is to say of the files.
    var upkeep: StoreUpkeep {
        StoreUpkeep(
            logBytes: logBytes,
            databaseBytes: files.database.size,
            quarantineBytes: quarantine.bytes,
            quarantineDocuments: quarantine.documents
        )
    }

    // MARK: Writing

    /// Writes a batch in one transaction.
    ///
    /// - Throws: ``StateError``.
    func commit(_ batch: StoreBatch) throws(StateError) {
        // The first commit after a checkpoint is the first of a log, and says on what that builds.
        let begun = isCheckpointUnderWay || lineage.log == lineage.base ? nil : lineage.begun
        do throws(StateError) {
            try write(batch, begun)
        } catch {
            // Parts of it may be in the log's file, which counts for nothing.
            if error.code.leavesStoreUsable { try noteFiles(isDatabaseWritten: false) }
            throw error
        }
        if let begun { lineage = begun }
        try noteFiles(isDatabaseWritten: false)
    }

    private func write(_ batch: StoreBatch, _ begun: LogLineage?) throws(StateError) {
        var size = quarantine
        try connection.transaction { () throws(StateError) in
            if let begun { try Self.put(.lineage, begun.text, in: connection) }
            let documents = Set(batch.documents.map(\.model))
            for (model, revision) in batch.expectedRevisions where batch.isClearing || !documents.contains(model) {
                try check(model, isAt: revision)
            }
            for copy in batch.setAside { try write(copy, replacedIn: batch) }
            if batch.isClearing { try connection.execute("DELETE FROM state") }
            for document in batch.documents {
                try write(document, over: batch.isClearing ? nil : batch.expectedRevisions[document.model])
            }
            if !batch.setAside.isEmpty { size = try pruneQuarantine(adding: batch.setAside) }
            if let numbers = batch.numbersReserved {
                let value = Int64(bitPattern: numbers)
                try putNumber.run([.text(Self.reservedName), .integer(value), .text(Checksum.of(value))])
            }
        }
        quarantine = size
    }

    private func write(_ copy: StoreBatch.SetAside, replacedIn batch: StoreBatch) throws(StateError) {
        let document = copy.document
        let defaults = copy.isReplacedByDefaults ? batch.documents.first { $0.model == document.model } : nil
        try setAside.run([
            .text(Array(document.model.utf8)), .integer(Int64(document.schemaVersion)),
            .integer(Int64(bitPattern: document.revision)), .text(document.text), .real(document.time),
            .text(Array(copy.reason.utf8)), .integer(Int64(bitPattern: defaults?.revision ?? 0)),
        ])
        if document.revision == 0, document.schemaVersion == 0 {
            try connection.prepare("INSERT OR IGNORE INTO adopted (model) VALUES (?1)")
                .run([.text(Array(document.model.utf8))])
        }
    }

    /// Removes the oldest rows beyond the retention, but none that says of a model that it has its defaults instead.
    ///
    /// - Returns: the size of the quarantine, into which some documents were just copied.
    private func pruneQuarantine(adding new: [StoreBatch.SetAside]) throws(StateError) -> QuarantineSize {
        try connection.prepare(
            "DELETE FROM quarantine WHERE rowid NOT IN (SELECT rowid FROM quarantine ORDER BY rowid DESC LIMIT ?1) "
                + "AND NOT EXISTS (SELECT 1 FROM state WHERE state.model = quarantine.model "
                + "AND state.revision = quarantine.replaced_by AND quarantine.replaced_by > 0)"
        )
        .run([.integer(Int64(maxQuarantined))])
        return connection.changes > 0 ? try QuarantineSize(in: connection) : quarantine.adding(new)
    }

    private func write(_ document: StoredDocument, over expected: UInt64?) throws(StateError) {
        let values: [SQLiteStatement.Value] = [
            .text(Array(document.model.utf8)), .integer(Int64(document.schemaVersion)),
            .integer(Int64(bitPattern: document.revision)), .text(document.text), .text(Checksum.of(document)),
            .real(document.time),
        ]
        switch expected {
        case nil: try put.run(values)
        case 0: try insert.run(values)
        case let revision?: try replace.run(values + [.integer(Int64(bitPattern: revision))])
        }
        if connection.changes == 0 { throw conflict(document.model) }
    }

    private func check(_ model: String, isAt revision: UInt64) throws(StateError) {
        var found: UInt64 = 0
        let statement = try connection.prepare("SELECT revision FROM state WHERE model = ?1")
        try statement.run([.text(Array(model.utf8))]) { found = UInt64(bitPattern: $0.integer(0)) }
        if found != revision { throw conflict(model) }
    }

    private func conflict(_ model: String) -> StateError {
        StateError(
            .storeConflict,
            "Somebody else has changed the row of \(model) in \(directory.name(of: .database)); nothing was changed. Try again.",
            model: model
        )
    }
}
