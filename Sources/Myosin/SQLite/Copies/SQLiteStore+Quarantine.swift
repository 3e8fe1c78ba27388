/// What an operator does with the former documents that a store keeps.
extension SQLiteStore {
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
        let connection = try SQLiteConnection(try existing(directory), lockWait: .seconds(5))
        var found: [Quarantined] = []
        try connection.prepare(
            "SELECT model, schema_version, revision, document, changed, rowid, reason FROM quarantine ORDER BY rowid"
        )
        .run([]) { row in
            let reason = String(decoding: row.text(6), as: UTF8.self)
            found.append(Quarantined(number: Int(row.integer(5)), document: row.document, reason: reason))
        }
        return found
    }

    /// Removes former documents from the quarantine of a store, also while a program uses it.
    ///
    /// Files that a program would refuse keep every byte. Where no program has the database open, no log is left.
    ///
    /// - Parameters:
    ///   - directory: the directory of the store.
    ///   - model: the model whose documents go; nil for all.
    /// - Returns: how many have gone.
    /// - Throws: ``StateError`` with a `store…` code.
    public static func clearQuarantine(of directory: String, model: String? = nil) throws(StateError) -> Int {
        let place = try existing(directory)
        let reader = SQLiteReader(directory: place, lockWait: .seconds(5))
        var count: Int32 = 0
        _ = try reader.read(mayBeEmpty: false) { (connection) throws(StateError) in
            try connection.execute("PRAGMA synchronous = FULL")
            try connection.transaction { () throws(StateError) in
                let statement = try connection.prepare("DELETE FROM quarantine WHERE ?1 = '' OR model = ?1")
                try statement.run([.text(Array((model ?? "").utf8))])
                count = connection.changes
                guard count > 0, let lineage = try reader.lineage(in: connection) else { return }
                // A log that begins here says on what it builds, should the process be killed before it ends.
                let isFirst = try (place.mark(of: .log)?.size ?? 0) == 0
                try SQLiteDatabase.put(.lineage, (isFirst ? lineage.begun : lineage).text, in: connection)
            }
            if count > 0 { connection.endLog() }
        }
        return Int(count)
    }
}

/// How much a quarantine has.
struct QuarantineSize: Sendable {
    let documents: Int
    let bytes: Int

    /// Reads the size from the database.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    init(in connection: SQLiteConnection) throws(StateError) {
        var (documents, bytes) = (0, 0)
        // In bytes, while the length of a text is in characters.
        try connection.prepare("SELECT count(*), ifnull(sum(length(CAST(document AS BLOB))), 0) FROM quarantine")
            .run([]) {
                (documents, bytes) = (Int($0.integer(0)), Int($0.integer(1)))
            }
        (self.documents, self.bytes) = (documents, bytes)
    }

    private init(documents: Int, bytes: Int) { (self.documents, self.bytes) = (documents, bytes) }

    /// The size with some documents more.
    func adding(_ copies: [StoreBatch.SetAside]) -> QuarantineSize {
        QuarantineSize(
            documents: documents + copies.count,
            bytes: bytes + copies.reduce(0) { $0 + $1.document.text.count }
        )
    }
}
