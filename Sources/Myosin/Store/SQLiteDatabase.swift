internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The database `state.sqlite` of a directory: its tables, and what is read from and written to them.
///
/// It is not synchronized: whoever has it calls it from one thread at a time.
final class SQLiteDatabase {
    private let path: String
    private let connection: SQLiteConnection
    private let insert: SQLiteStatement
    private let replace: SQLiteStatement
    private let put: SQLiteStatement
    private let putNumber: SQLiteStatement
    private let setAside: SQLiteStatement

    /// "Myos": tells the file from databases of other programs.
    private static let applicationID: Int64 = 0x4D79_6F73
    /// The version of the tables.
    private static let version: Int64 = 1
    /// The row of the number up to which revisions and publications may have been used.
    private static let reservedName = Array("reserved".utf8)

    /// Opens the database of a directory, and makes it where there is none.
    ///
    /// - Parameters:
    ///   - directory: the directory's path.
    ///   - lockWait: how long to wait for locks of other programs.
    ///   - mayBeEmpty: whether a file without anything in it is a database that is only being made; it is also what is
    ///     left of one that was cut off.
    /// - Throws: ``StateError`` with a `store…` code.
    init(directory: String, lockWait: Duration, mayBeEmpty: Bool) throws(StateError) {
        path = directory + "/state.sqlite"
        let isMissing = access(path, F_OK) != 0
        connection = try SQLiteConnection(path: path, lockWait: lockWait)
        try Self.prepareTables(connection, path, mayBeEmpty: mayBeEmpty || isMissing)
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
            "INSERT INTO quarantine (model, schema_version, revision, document, changed, reason) "
                + "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        )
        // New files must be found after a power loss, not only their content.
        try CacheDirectory.sync(directory)
    }

    /// Small pages, since a commit of a small document writes whole ones.
    ///
    /// The comments stay in the file, for whoever looks at it with `.schema`.
    private static let schema = """
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        CREATE TABLE IF NOT EXISTS state (  -- the models as they were last committed with `cache: true`
            model TEXT PRIMARY KEY,
            schema_version INTEGER NOT NULL,  -- of the model's fields
            revision INTEGER NOT NULL,
            document TEXT NOT NULL,  -- JSON
            checksum TEXT NOT NULL,  -- of the whole row: do not change rows by hand
            changed REAL NOT NULL  -- seconds since 1970
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS quarantine (  -- former documents, which the engine does not use any more
            model TEXT NOT NULL,
            schema_version INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            document TEXT NOT NULL,
            changed REAL NOT NULL,
            reason TEXT NOT NULL
        );
        CREATE TABLE IF NOT EXISTS numbers (  -- up to which revisions may have been used
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL,
            checksum TEXT NOT NULL
        ) WITHOUT ROWID;
        """

    private static func prepareTables(
        _ connection: SQLiteConnection,
        _ path: String,
        mayBeEmpty: Bool
    ) throws(StateError) {
        if connection.isReadOnly {
            throw StateError(.storeReadOnly, "\(path) is read-only. Make it writable, or name another directory.")
        }
        let application = try connection.integer("PRAGMA application_id")
        let isEmpty = try connection.integer("SELECT count(*) FROM sqlite_schema") == 0
        if isEmpty && !mayBeEmpty {
            throw StateError(
                .storeCorrupt,
                "\(path) is empty, and was not. It was left as it is. Put a copy in its place, or remove it to begin anew."
            )
        }
        guard isEmpty || application == applicationID else {
            throw StateError(.storeCorrupt, "\(path) is a database of another program. Name another directory.")
        }
        let found = try connection.integer("PRAGMA user_version")
        guard found <= version else {
            throw StateError(
                .storeNewer,
                "\(path) has tables of version \(found), this program knows \(version). Run the newer program, or name "
                    + "another directory. It was left as it is."
            )
        }
        if isEmpty { try connection.execute("PRAGMA page_size = 1024") }
        guard try connection.text("PRAGMA journal_mode = WAL") == "wal" else {
            throw StateError(
                .storeFailed,
                "\(path) cannot have a write-ahead log here. Name a directory on a local disk."
            )
        }
        try connection.execute("PRAGMA synchronous = FULL")
        if found == version { return }
        try connection.transaction { () throws(StateError) in try connection.execute(schema) }
    }

    // MARK: Reading

    /// Reads everything, after making what was in the log durable and checking the whole file.
    ///
    /// - Throws: ``StateError``.
    func load() throws(StateError) -> StoredState {
        // What a killed process has written to the log without flushing it would be lost by a power failure still.
        try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let found = try connection.text("PRAGMA quick_check(1)")
        guard found == "ok" else { throw damaged(found) }
        var content = StoredState(documents: [], numbersReserved: 0)
        let documents = try connection.prepare(
            "SELECT model, schema_version, revision, document, checksum, changed FROM state ORDER BY model"
        )
        try documents.run([]) { row in
            var document = StoredDocument(
                model: String(decoding: row.text(0), as: UTF8.self),
                schemaVersion: Int(row.integer(1)),
                revision: UInt64(bitPattern: row.integer(2)),
                time: row.real(5),
                text: row.text(3)
            )
            document.isIntact = Checksum.of(document) == row.text(4)
            content.documents.append(document)
        }
        var isReservedIntact = true
        let numbers = try connection.prepare("SELECT name, value, checksum FROM numbers")
        try numbers.run([]) { row in
            isReservedIntact =
                isReservedIntact && row.text(0) == Self.reservedName && Checksum.of(row.integer(1)) == row.text(2)
            content.numbersReserved = UInt64(bitPattern: row.integer(1))
        }
        guard isReservedIntact else { throw damaged("the checksum of the table numbers does not fit") }
        let highest = content.documents.filter(\.isIntact).map(\.revision).max() ?? 0
        content.numbersReserved = max(content.numbersReserved, highest)
        return content
    }

    private func damaged(_ what: String) -> StateError {
        StateError(
            .storeCorrupt,
            "\(path) is damaged: \(what). It was left as it is. Put a copy in its place, or move it away to begin anew; "
                + "sqlite3's .recover reads what is left of it."
        )
    }

    /// The models whose document from elsewhere was adopted, or refused, before.
    ///
    /// - Throws: ``StateError``.
    func adoptedModels() throws(StateError) -> Set<String> {
        var models: Set<String> = []
        let statement = try connection.prepare("SELECT DISTINCT model FROM quarantine WHERE schema_version = 0")
        try statement.run([]) { row in models.insert(String(decoding: row.text(0), as: UTF8.self)) }
        return models
    }

    // MARK: Writing

    /// Writes a batch in one transaction.
    ///
    /// - Throws: ``StateError``.
    func commit(_ batch: StoreBatch) throws(StateError) {
        try connection.transaction { () throws(StateError) in
            let documents = Set(batch.documents.map(\.model))
            for (model, revision) in batch.expectedRevisions where batch.isClearing || !documents.contains(model) {
                try check(model, isAt: revision)
            }
            for copy in batch.setAside { try write(copy) }
            if batch.isClearing { try connection.execute("DELETE FROM state") }
            for document in batch.documents {
                try write(document, over: batch.isClearing ? nil : batch.expectedRevisions[document.model])
            }
            if let numbers = batch.numbersReserved {
                let value = Int64(bitPattern: numbers)
                try putNumber.run([.text(Self.reservedName), .integer(value), .text(Checksum.of(value))])
            }
        }
    }

    private func write(_ copy: StoreBatch.SetAside) throws(StateError) {
        let document = copy.document
        try setAside.run([
            .text(Array(document.model.utf8)), .integer(Int64(document.schemaVersion)),
            .integer(Int64(bitPattern: document.revision)), .text(document.text), .real(document.time),
            .text(Array(copy.reason.utf8)),
        ])
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
            "Somebody else has changed the row of \(model) in \(path); nothing was changed. Try again.",
            model: model
        )
    }
}

/// FNV-1a with 64 bits over a row, as hexadecimal digits: SQLite's pages have no checksum of their own.
enum Checksum {
    /// The checksum of a document with everything that is stored beside it.
    static func of(_ document: StoredDocument) -> [UInt8] {
        var hash = Hash()
        hash.mix(document.model.utf8)
        hash.mix("|\(document.schemaVersion)|\(document.revision)|\(document.time.bitPattern)|".utf8)
        hash.mix(document.text)
        return hash.digits
    }

    /// The checksum of a number.
    static func of(_ number: Int64) -> [UInt8] {
        var hash = Hash()
        hash.mix("\(number)".utf8)
        return hash.digits
    }

    private struct Hash {
        private var value: UInt64 = 0xcbf2_9ce4_8422_2325

        mutating func mix(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }

        var digits: [UInt8] { Array(value.padded(to: 16, radix: 16).utf8) }
    }
}
