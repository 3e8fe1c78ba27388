/// Documents in `state.sqlite` in a directory, one row a model.
///
/// The database is in WAL mode with `synchronous=FULL`: a batch is one transaction and one flush, all of it or nothing.
/// It can be read with `sqlite3 state.sqlite 'select model, revision, document from state'` at any time.
public final class SQLiteStore: StateStore, @unchecked Sendable {
    // Sendable: the connection and its statements are used only in calls of the protocol, which are made one at a
    // time (see `StateStore`); everything else is constant.
    private let path: String
    private let directoryLock: DirectoryLock
    private let statements: Statements

    private struct Statements {
        let connection: SQLiteConnection
        let putDocument: SQLiteStatement
        let putNumber: SQLiteStatement
        let setAside: SQLiteStatement
    }

    /// Opens the store of a directory, which is made with all directories above it.
    ///
    /// - Parameter directory: the directory's path.
    /// - Throws: ``StateError``: `storePermission`, `storeReadOnly`, `storeFull`, `storeInUse` when another process or
    ///   another state of this one has the directory, `storeCorrupt`, `storeFailed`.
    public init(directory: String) throws(StateError) {
        try CacheDirectory.make(directory)
        directoryLock = try DirectoryLock(directory: directory)
        path = directory + "/state.sqlite"
        let connection = try SQLiteConnection(path: path)
        try connection.execute(Self.schema)
        statements = Statements(
            connection: connection,
            putDocument: try connection.prepare(
                """
                INSERT INTO state (model, schema_version, revision, document, checksum, changed)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT (model) DO UPDATE SET schema_version = ?2, revision = ?3, document = ?4, checksum = ?5,
                changed = ?6
                """
            ),
            putNumber: try connection.prepare(
                "INSERT INTO engine (name, value) VALUES ('numbers_reserved', ?1) "
                    + "ON CONFLICT (name) DO UPDATE SET value = ?1"
            ),
            setAside: try connection.prepare(
                "INSERT INTO quarantine (model, schema_version, revision, document, changed, reason) "
                    + "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            )
        )
        // The new files must be found after a power loss, not only their content.
        try CacheDirectory.sync(directory)
    }

    /// Small pages, since a commit of a small document writes whole ones.
    private static let schema = """
        PRAGMA page_size = 1024;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA application_id = 0x4D796F73;
        CREATE TABLE IF NOT EXISTS state (
            model TEXT PRIMARY KEY, schema_version INTEGER NOT NULL, revision INTEGER NOT NULL,
            document TEXT NOT NULL, checksum TEXT NOT NULL, changed REAL NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS quarantine (
            model TEXT NOT NULL, schema_version INTEGER NOT NULL, revision INTEGER NOT NULL,
            document TEXT NOT NULL, changed REAL NOT NULL, reason TEXT NOT NULL
        );
        CREATE TABLE IF NOT EXISTS engine (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """

    /// Reads everything that is kept.
    ///
    /// - Throws: ``StateError``; `storeCorrupt` names the model whose row has changed since it was written.
    public func load() throws -> StoredState {
        var content = StoredState(documents: [], numbersReserved: 0)
        var broken: String?
        let documents = try statements.connection.prepare(
            "SELECT model, schema_version, revision, document, checksum, changed FROM state ORDER BY model"
        )
        try documents.run([]) { row in
            let document = StoredDocument(
                model: String(decoding: row.text(0), as: UTF8.self),
                schemaVersion: Int(row.integer(1)),
                revision: UInt64(bitPattern: row.integer(2)),
                time: row.real(5),
                text: row.text(3)
            )
            if document.checksum != row.text(4) { broken = document.model }
            content.documents.append(document)
        }
        if let broken {
            throw StateError(
                .storeCorrupt,
                "The row of \(broken) in \(path) is damaged: its checksum does not fit. It was left as it is. Mend or "
                    + "remove it with sqlite3, or put a copy of the file in its place.",
                model: broken
            )
        }
        let numbers = try statements.connection.prepare("SELECT value FROM engine WHERE name = 'numbers_reserved'")
        try numbers.run([]) { content.numbersReserved = UInt64(bitPattern: $0.integer(0)) }
        let highest = content.documents.map(\.revision).max() ?? 0
        content.numbersReserved = max(content.numbersReserved, highest)
        return content
    }

    /// Writes a batch in one transaction with one flush.
    ///
    /// - Throws: ``StateError``.
    public func commit(_ batch: StoreBatch) throws {
        try statements.connection.transaction { () throws(StateError) in
            for document in batch.documents {
                try statements.putDocument.run([
                    .text(Array(document.model.utf8)), .integer(Int64(document.schemaVersion)),
                    .integer(Int64(bitPattern: document.revision)), .text(document.text), .text(document.checksum),
                    .real(document.time),
                ])
            }
            if let numbers = batch.numbersReserved {
                try statements.putNumber.run([.integer(Int64(bitPattern: numbers))])
            }
        }
    }

    /// Copies a document to the table `quarantine`.
    ///
    /// - Throws: ``StateError``.
    public func setAside(_ document: StoredDocument, reason: String) throws {
        try statements.setAside.run([
            .text(Array(document.model.utf8)), .integer(Int64(document.schemaVersion)),
            .integer(Int64(bitPattern: document.revision)), .text(document.text), .real(document.time),
            .text(Array(reason.utf8)),
        ])
    }

    /// Removes the rows of all models.
    ///
    /// - Throws: ``StateError``.
    public func clear() throws { try statements.connection.execute("DELETE FROM state") }

    /// Notes the last number in use and lets another process have the directory.
    public func close(numbersUsed: UInt64) {
        // Nothing is lost when this fails: the whole range that was reserved is skipped then.
        try? commit(StoreBatch(documents: [], numbersReserved: numbersUsed))
        directoryLock.release()
    }
}

extension StoredDocument {
    /// FNV-1a, 64 bits, over all columns of the row: SQLite's pages have no checksum of their own.
    fileprivate var checksum: [UInt8] {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        mix(model.utf8)
        mix("|\(schemaVersion)|\(revision)|\(time.bitPattern)|".utf8)
        mix(text)
        let digits = String(hash, radix: 16)
        return Array((String(repeating: "0", count: 16 - digits.utf8.count) + digits).utf8)
    }
}
