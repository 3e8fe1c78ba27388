internal import CSQLite

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
