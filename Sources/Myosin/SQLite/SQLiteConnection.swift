internal import CSQLite
internal import CSharedIndex
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// One connection to a SQLite database, and the one place where its result codes become errors.
///
/// It is not synchronized: call it from one thread at a time.
final class SQLiteConnection {
    let handle: OpaquePointer
    private let directory: StoreDirectory
    private let lockWait: Duration
    private var log = WrittenLog()
    /// The number of frames in the log; 0 before the first transaction, and after a complete checkpoint.
    private var framesLogged = 0
    /// Whether a transaction is being ended, so that an error may leave its outcome unknown.
    private var isCommitting = false
    private var name: String { directory.name(of: .database) }

    /// What of the files a connection uses.
    enum Files {
        /// The database and its log, to read and write.
        case all
        /// The database, only to read it, whatever others do.
        case withoutLog
        /// None: an empty database in memory.
        case none
    }

    /// Opens the database of a directory, which is there.
    ///
    /// Closing it leaves the log as it is, but after ``endLog()``.
    ///
    /// - Parameters:
    ///   - directory: the directory.
    ///   - files: the files that it uses.
    ///   - lockWait: how long to wait for locks of other programs.
    /// - Throws: ``StateError`` with a `store…` code.
    init(_ directory: StoreDirectory, _ files: Files = .all, lockWait: Duration) throws(StateError) {
        (self.directory, self.lockWait) = (directory, lockWait)
        var handle: OpaquePointer?
        let path = directory.path(of: .database)
        let code =
            switch files {
            case .all: sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, nil)
            case .withoutLog:
                sqlite3_open_v2(
                    "file:\(Self.percentEncoded(path))?immutable=1",
                    &handle,
                    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                    nil
                )
            case .none: sqlite3_open_v2(":memory:", &handle, SQLITE_OPEN_READWRITE, nil)
            }
        guard let handle else {
            throw StateError(
                .storeFailed,
                "\(directory.name(of: .database)) cannot be opened: \(String(cString: sqlite3_errstr(code)))."
            )
        }
        self.handle = handle
        // From here on `deinit` closes it.
        guard code == SQLITE_OK else { throw error(sqlite3_extended_errcode(handle)) }
        sqlite3_extended_result_codes(handle, 1)
        waitForLocks(upTo: lockWait)
        csqlite_keep_log_on_close(handle, 1)
        csharedindex_guard(handle)
        noteFrames()
    }

    /// Whether a part of the shared index was lost, as its file was cut off or cannot be read.
    ///
    /// The connection goes on with an index that other programs do not see, so it has to be closed.
    var hasLostIndex: Bool { csharedindex_is_lost(handle) }

    private static func percentEncoded(_ path: String) -> String {
        path.utf8
            .map {
                $0.isVisible && !"%?#".utf8.contains($0) ? String(UnicodeScalar($0)) : "%" + $0.padded(to: 2, radix: 16)
            }
            .joined()
    }

    /// Has closing this connection write the log into the database and remove it, as SQLite does by default.
    func endLog() { csqlite_keep_log_on_close(handle, 0) }

    deinit { sqlite3_close_v2(handle) }

    /// Whether the file can only be read.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    /// How many rows the last statement has changed.
    var changes: Int32 { sqlite3_changes(handle) }

    /// Runs SQL without parameters and results, several statements if need be.
    func execute(_ sql: String) throws(StateError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// The whole number that a statement gives.
    func integer(_ sql: String) throws(StateError) -> Int64 {
        var number: Int64 = 0
        try prepare(sql).run([]) { number = $0.integer(0) }
        return number
    }

    /// The text that a statement gives.
    func text(_ sql: String) throws(StateError) -> String {
        var text = ""
        try prepare(sql).run([]) { text = String(decoding: $0.text(0), as: UTF8.self) }
        return text
    }

    /// Prepares a statement that is used again and again.
    func prepare(_ sql: String) throws(StateError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw error(code) }
        return SQLiteStatement(statement, connection: self)
    }

    /// Runs the closure in one transaction, which is rolled back when it throws.
    func transaction(_ body: () throws(StateError) -> Void) throws(StateError) {
        try execute("BEGIN IMMEDIATE")
        do throws(StateError) {
            try body()
            isCommitting = true
            defer { isCommitting = false }
            try execute("COMMIT")
        } catch {
            // Only to end the transaction, if SQLite has not by itself: the first error is the one to tell.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    // MARK: The log

    /// How many pages were written to the log by this connection.
    var pagesLogged: Int {
        var (count, highest): (Int32, Int32) = (0, 0)
        guard sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_WRITE, &count, &highest, 0) == SQLITE_OK else { return 0 }
        return Int(count)
    }

    /// Has SQLite report the number of frames after each transaction, instead of its automatic checkpoint.
    private func noteFrames() {
        let note: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            (connection, _, _, count) in
            guard let connection else { return SQLITE_OK }
            Unmanaged<SQLiteConnection>.fromOpaque(connection).takeUnretainedValue().framesLogged = Int(count)
            return SQLITE_OK
        }
        // Unretained: SQLite calls the hook only within calls of this object, which closes the handle in `deinit`.
        sqlite3_wal_hook(handle, note, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Checks that the log still has the frames of this connection's transactions.
    ///
    /// - Throws: ``StateError``: `storeReplaced` when a part of it is missing, `storeFailed` when it cannot be read.
    func checkLog() throws(StateError) {
        if framesLogged == 0 { return }
        switch log.check(framesLogged, { csqlite_read_log(handle, $0.baseAddress, Int32($0.count), Int64($1)) }) {
        case SQLITE_OK: return
        case csqlite_ioerr_short_read: throw .cutOff(directory.name(of: .log))
        case let code:
            let reason = "\(directory.name(of: .log)) cannot be read: \(String(cString: sqlite3_errstr(code)))"
            throw StateError(.storeFailed, "Whether the last commit counts is unknown. \(reason).")
        }
    }

    /// Writes the log into the database, as far as no reader needs it.
    ///
    /// - Parameter truncates: whether the log's file is to be emptied.
    /// - Returns: whether all of it was written, and the file emptied if it was to be.
    /// - Throws: ``StateError``, as ``checkLog()``; that another program reads is none.
    func checkpoint(truncates: Bool) throws(StateError) -> Bool {
        // A hole in the log would become a hole in the database.
        try checkLog()
        var (pages, written): (Int32, Int32) = (0, 0)
        let mode = truncates ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        let code = sqlite3_wal_checkpoint_v2(handle, "main", mode, &pages, &written)
        if code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED { return false }
        if code == csqlite_ioerr_short_read { throw .cutOff(directory.name(of: .log)) }
        guard code == SQLITE_OK else { throw error(code) }
        guard pages == written else { return false }
        framesLogged = 0
        return true
    }

    /// Does something without waiting for locks of other programs.
    func withoutWaiting<Result>(_ work: () throws(StateError) -> Result) throws(StateError) -> Result {
        waitForLocks(upTo: .zero)
        defer { waitForLocks(upTo: lockWait) }
        return try work()
    }

    private func waitForLocks(upTo duration: Duration) {
        sqlite3_busy_timeout(handle, Int32(clamping: Int64(duration / .milliseconds(1))))
    }

    /// Keeps all others out of the database until the connection is closed, so that SQLite needs no index of the log.
    ///
    /// - Throws: ``StateError``: `storeInUse`, at once, while another program has the database open.
    func takeAlone() throws(StateError) {
        try withoutWaiting { () throws(StateError) in
            try execute("PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM sqlite_schema")
        }
    }

    /// Whether there is no table.
    var isEmpty: Bool {
        get throws(StateError) { try integer("SELECT count(*) FROM sqlite_schema") == 0 }
    }

    // MARK: Errors

    /// The error that a result code stands for.
    ///
    /// Source: https://www.sqlite.org/rescode.html, and the order of SQLite's write-ahead log: frames are written, then
    /// flushed, then noted in the shared memory. So what fails to be written is not kept, and what fails later may be.
    func error(_ code: Int32) -> StateError {
        let reason = "\(name) cannot be used: \(String(cString: sqlite3_errmsg(handle)))"
        func make(_ kind: StateError.Code, _ advice: String) -> StateError { StateError(kind, "\(reason). \(advice)") }
        // SQLite blames the database also where another file is at fault.
        let isAccess = [SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH, SQLITE_IOERR].contains(code & 0xFF)
        if isAccess, !isCommitting, let error = directory.accessError() { return error }
        switch code & 0xFF {
        case SQLITE_FULL: return make(.storeFull, "The disk is full; nothing was changed. Make room and try again.")
        case SQLITE_READONLY: return make(.storeReadOnly, "It is read-only; nothing was changed. Make it writable.")
        case SQLITE_PERM, SQLITE_AUTH:
            return make(.storePermission, "Give this user read and write access to the file and its directory.")
        case SQLITE_BUSY, SQLITE_LOCKED:
            let advice = "Another program has locked it; nothing was changed. End that program and try again."
            return make(.storeInUse, advice)
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            let advice =
                directory.copyName == nil
                ? "It is damaged and was left as it is. Put a copy in its place, or move it away to begin anew."
                : "It is damaged. Name another copy."
            return make(.storeCorrupt, advice)
        default: break
        }
        if isCommitting && code != csqlite_ioerr_write {
            let advice = "Whether the last commit is on disk is unknown. Look at the disk and the system's log."
            let system = systemError(code).map { " (\(String(cString: strerror($0))))" } ?? ""
            return StateError(.storeFailed, "\(reason)\(system). \(advice)")
        }
        // The codes that SQLite has for files that it cannot open, read or write say less than the system does.
        return systemError(code)
            .map { .system($0, "\(name) cannot be used, and nothing was changed") }
            ?? make(.storeFailed, "Nothing was changed. Look at the disk and the system's log.")
    }

    /// The error number of the system behind a result code, where there is one.
    private func systemError(_ code: Int32) -> Int32? {
        guard [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xFF) else { return nil }
        let number = sqlite3_system_errno(handle)
        // "No such file" is what SQLite ends with when it could not make one and then looked for it.
        return number == 0 || number == ENOENT ? nil : number
    }
}

/// A prepared statement: parameters in, rows out.
final class SQLiteStatement {
    private let handle: OpaquePointer
    /// Keeps the connection open for as long as the statement lives.
    private let connection: SQLiteConnection

    init(_ handle: OpaquePointer, connection: SQLiteConnection) {
        (self.handle, self.connection) = (handle, connection)
    }

    deinit { sqlite3_finalize(handle) }

    /// A value for a parameter.
    enum Value {
        case integer(Int64)
        case real(Double)
        case text([UInt8])
    }

    /// Runs the statement with its parameters, and calls back for every row.
    func run(_ values: [Value], row: (SQLiteStatement) -> Void = { _ in }) throws(StateError) {
        defer { sqlite3_reset(handle) }
        for (index, value) in zip(Int32(1)..., values) {
            let code =
                switch value {
                case .integer(let number): sqlite3_bind_int64(handle, index, number)
                case .real(let number): sqlite3_bind_double(handle, index, number)
                case .text(let bytes): bind(bytes, at: index)
                }
            guard code == SQLITE_OK else { throw connection.error(code) }
        }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: row(self)
            case SQLITE_DONE: return
            case let code: throw connection.error(code)
            }
        }
    }

    private func bind(_ bytes: [UInt8], at index: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            // An empty array may have no address, which SQLite would take for NULL.
            let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            return csqlite_bind_text_copy(handle, index, start, Int32(clamping: buffer.count))
        }
    }

    /// A column of the current row as a whole number.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// A column of the current row as a floating-point number.
    func real(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

    /// A column of the current row as UTF-8.
    func text(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_text(handle, column) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}
