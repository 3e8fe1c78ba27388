/// The tables of the database and the rows that are not documents.
extension SQLiteDatabase {
    /// "Myos": tells the file from databases of other programs.
    static let applicationID: Int64 = 0x4D79_6F73
    /// The version of the tables.
    static let version: Int64 = 2
    /// The row of the number up to which revisions and publications may have been used.
    static let reservedName = Array("reserved".utf8)
    /// Small pages, because a commit of a small document writes whole ones.
    ///
    /// The comments stay in the file, where `.schema` shows them.
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
            reason TEXT NOT NULL,
            replaced_by INTEGER NOT NULL DEFAULT 0  -- the revision of the defaults that are in its place; 0 if none are
        );
        CREATE TABLE IF NOT EXISTS adopted (  -- models whose files of Python myosin were taken over, or refused, for good
            model TEXT PRIMARY KEY
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS properties (  -- of the store: its incarnation, and which log belongs to it
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL,
            checksum TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS numbers (  -- up to which revisions may have been used
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL,
            checksum TEXT NOT NULL
        ) WITHOUT ROWID;
        """

    /// What a database of version 1 lacks.
    private static let upgrade = """
        ALTER TABLE quarantine ADD COLUMN replaced_by INTEGER NOT NULL DEFAULT 0;
        \(schema)
        INSERT OR IGNORE INTO adopted SELECT DISTINCT model FROM quarantine WHERE schema_version = 0;
        """

    static func prepareTables(
        _ connection: SQLiteConnection,
        _ directory: StoreDirectory,
        _ incarnation: String
    ) throws(StateError) -> LogLineage {
        let name = directory.name(of: .database)
        if try connection.isEmpty {
            try connection.execute("PRAGMA page_size = 1024")
        }
        guard try connection.text("PRAGMA journal_mode = WAL") == "wal" else {
            throw StateError(
                .storeFailed,
                "\(name) cannot have a write-ahead log here. Name a directory on a local disk."
            )
        }
        try connection.execute("PRAGMA synchronous = FULL")
        let found = try connection.integer("PRAGMA user_version")
        if found != version {
            try connection.transaction { () throws(StateError) in
                try connection.execute(found == 1 ? upgrade : schema)
                try put(.lineage, LogLineage().text, in: connection)
                try put(.incarnation, incarnation, in: connection)
            }
        } else if try property(.incarnation, in: connection, of: directory) != incarnation {
            try connection.transaction { () throws(StateError) in try put(.incarnation, incarnation, in: connection) }
        }
        return try property(.lineage, in: connection, of: directory).flatMap { LogLineage($0) } ?? LogLineage()
    }

    // MARK: Properties

    /// The rows of the table `properties`.
    enum Property: String {
        case incarnation
        case lineage
    }

    /// Reads a property; nil if there is none.
    ///
    /// - Throws: ``StateError``: `storeCorrupt` when its checksum does not fit.
    static func property(
        _ property: Property,
        in connection: SQLiteConnection,
        of directory: StoreDirectory
    ) throws(StateError) -> String? {
        var (value, isIntact): (String?, Bool) = (nil, true)
        try connection.prepare("SELECT value, checksum FROM properties WHERE name = ?1")
            .run([.text(Array(property.rawValue.utf8))]) { row in
                let text = String(decoding: row.text(0), as: UTF8.self)
                (value, isIntact) = (text, Checksum.of("\(property.rawValue) \(text)") == row.text(1))
            }
        guard isIntact else { throw damaged(directory, "the checksum of its \(property.rawValue) does not fit") }
        return value
    }

    static func put(
        _ property: Property,
        _ value: String,
        in connection: SQLiteConnection
    ) throws(StateError) {
        try connection.prepare("INSERT OR REPLACE INTO properties (name, value, checksum) VALUES (?1, ?2, ?3)")
            .run([
                .text(Array(property.rawValue.utf8)), .text(Array(value.utf8)),
                .text(Checksum.of("\(property.rawValue) \(value)")),
            ])
    }

    /// The error for a damaged database.
    static func damaged(_ directory: StoreDirectory, _ what: String) -> StateError {
        let advice =
            directory.copyName == nil
            ? "It was left as it is. Put a copy in its place, or move it away to begin anew; sqlite3's .recover reads what is left "
                + "of it."
            : "Name another copy; sqlite3's .recover reads what is left of this one."
        return StateError(.storeCorrupt, "\(directory.name(of: .database)) is damaged: \(what). \(advice)")
    }
}
