internal import CSQLite

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The bytes of a database and its log, read without a lock and without a change of any file.
///
/// SQLite cannot do that: with a log it needs an index, which it makes or writes.
struct DatabaseImage {
    /// The database's file, without its log.
    let database: [UInt8]
    let log: [UInt8]

    /// How often the files are read while another program writes the database, and the pause between, in milliseconds.
    private static let (attempts, pause) = (50, Int32(20))

    /// The image of a database that is not there.
    init() { (database, log) = ([], []) }

    /// Reads the files; nil if there is no database.
    ///
    /// Closing a file ends SQLite's locks on it, so no program may call this that has the database open.
    ///
    /// - Throws: ``StateError`` with a `store…` code; `storeInUse` for a database that another program writes all the time.
    init?(_ directory: StoreDirectory) throws(StateError) {
        for _ in 0..<Self.attempts {
            // The log is only added to until all of it is in the database. So an unchanged database and a log that is read after it
            // are those of one moment.
            let mark = try directory.mark(of: .database)
            guard let database = try Self.bytes(of: .database, in: directory) else { return nil }
            let log = try Self.bytes(of: .log, in: directory)
            if try directory.mark(of: .database) == mark {
                (self.database, self.log) = (database, log ?? [])
                return
            }
            poll(nil, 0, Self.pause)
        }
        throw StateError(
            .storeInUse,
            "\(directory.name(of: .database)) is written by another program all the time. Try again later."
        )
    }

    private static func bytes(of file: StoreFile, in directory: StoreDirectory) throws(StateError) -> [UInt8]? {
        guard let descriptor = try directory.openFile(file, O_RDONLY) else { return nil }
        defer { SystemCall.close(descriptor) }
        var bytes: [UInt8] = []
        guard SystemCall.readPieces(of: descriptor, { bytes += $0 }) else {
            throw .system(errno, "\(directory.name(of: file)) cannot be read")
        }
        return bytes
    }

    /// The database with all that its log has.
    var merged: [UInt8] {
        var merged = database
        WrittenLog.apply(log, to: &merged)
        return merged
    }
}

extension SQLiteConnection {
    /// Opens a database that is in memory, to read it.
    ///
    /// - Parameters:
    ///   - directory: the directory of its files, for messages.
    ///   - bytes: all of it.
    /// - Throws: ``StateError`` with a `store…` code.
    convenience init(_ directory: StoreDirectory, image bytes: [UInt8]) throws(StateError) {
        try self.init(directory, .none, lockWait: .zero)
        guard !bytes.isEmpty else { return }
        guard let memory = sqlite3_malloc64(UInt64(bytes.count)) else { throw error(SQLITE_NOMEM) }
        let copy = UnsafeMutableRawBufferPointer(start: memory, count: bytes.count)
        copy.copyBytes(from: bytes)
        // The versions of the format: 1 instead of 2, which would have SQLite look for a log.
        if bytes.count > 19, bytes[18] == 2, bytes[19] == 2 { (copy[18], copy[19]) = (1, 1) }
        let code = sqlite3_deserialize(
            handle,
            "main",
            copy.assumingMemoryBound(to: UInt8.self).baseAddress,
            sqlite3_int64(bytes.count),
            sqlite3_int64(bytes.count),
            UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY)
        )
        guard code == SQLITE_OK else { throw error(code) }
    }
}
