internal import CSQLite

/// One connection to a SQLite database, and the one place where its result codes become errors.
///
/// It is not synchronized: whoever has it calls it from one thread at a time.
final class SQLiteConnection {
    private let handle: OpaquePointer
    private let path: String

    /// Opens a database, and makes it where there is none.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    init(path: String) throws(StateError) {
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        guard code == SQLITE_OK, let handle else {
            defer { sqlite3_close_v2(handle) }
            throw Self.error(handle.map { sqlite3_extended_errcode($0) } ?? code, path, "opened")
        }
        (self.handle, self.path) = (handle, path)
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, 5_000)
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs SQL without parameters and results, several statements if need be.
    func execute(_ sql: String) throws(StateError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
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
            try execute("COMMIT")
        } catch {
            // Only to end the transaction, if SQLite has not by itself: the first error is the one to tell.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// The error that a result code stands for.
    func error(_ code: Int32) -> StateError {
        Self.error(code, path, "used", String(cString: sqlite3_errmsg(handle)))
    }

    private static func error(_ code: Int32, _ path: String, _ use: String, _ text: String? = nil) -> StateError {
        let reason = text ?? String(cString: sqlite3_errstr(code))
        func make(_ kind: StateError.Code, _ advice: String) -> StateError {
            StateError(kind, "\(path) cannot be \(use): \(reason). \(advice)")
        }
        return switch code & 0xFF {
        case SQLITE_FULL: make(.storeFull, "The disk is full; nothing was changed. Make room and try again.")
        case SQLITE_READONLY: make(.storeReadOnly, "It is read-only; nothing was changed. Make it writable.")
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
            make(.storePermission, "Give this user read and write access to the file and its directory.")
        case SQLITE_BUSY, SQLITE_LOCKED:
            make(.storeInUse, "Another program has locked it; nothing was changed. End that program and try again.")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            make(.storeCorrupt, "It is damaged and was left as it is. Move it away, or put a copy in its place.")
        default:
            make(.storeFailed, "Whether the last commit is on disk is unknown. Look at the disk and the system's log.")
        }
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
