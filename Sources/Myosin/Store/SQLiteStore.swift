/// Documents in `state.sqlite` in a directory, one row a model.
///
/// The database is in WAL mode with `synchronous=FULL`: a batch is one transaction and one flush, all of it or nothing.
/// It can be read with `sqlite3 state.sqlite 'select model, revision, document from state'` at any time.
///
/// Files `<Model>.json` in the directory, the cache of Python myosin, are told as documents of version 0 where the
/// database has none of the model and has never set one aside; the files stay as they are.
public final class SQLiteStore: StateStore, @unchecked Sendable {
    // Sendable: the variables are used only in calls of the protocol, which are made one at a time (see `StateStore`);
    // everything else is constant.
    private let directory: String
    private let directoryLock: DirectoryLock
    private let lockWait: Duration
    /// Nil after it has failed, so that the next call opens the files anew.
    private var database: SQLiteDatabase?
    private var isClosed = false

    /// Opens the store of a directory, which is made with all directories above it.
    ///
    /// - Parameter directory: the directory's path.
    /// - Throws: ``StateError``: `storeNotDirectory`, `storePermission`, `storeReadOnly`, `storeFull`, `storeInUse` when
    ///   another process or another state of this one has the directory, `storeTooManyFiles`, `storeCorrupt`,
    ///   `storeNewer`, `storeFailed`.
    public convenience init(directory: String) throws(StateError) {
        try self.init(directory: directory, lockWait: .seconds(5))
    }

    /// Opens the store of a directory.
    ///
    /// - Parameters:
    ///   - directory: the directory's path.
    ///   - lockWait: how long to wait for locks that other programs have on the database.
    /// - Throws: ``StateError``.
    init(directory: String, lockWait: Duration) throws(StateError) {
        try CacheDirectory.make(directory)
        directoryLock = try DirectoryLock(directory: directory)
        (self.directory, self.lockWait) = (directory, lockWait)
        database = try open()
    }

    private func open() throws(StateError) -> SQLiteDatabase {
        let isNewAllowed = !directoryLock.hasHadDatabase
        do {
            let new = try SQLiteDatabase(directory: directory, lockWait: lockWait, mayBeEmpty: isNewAllowed)
            try directoryLock.noteDatabase()
            return new
        } catch {
            throw checked(error)
        }
    }

    /// Reads everything that is kept, and checks all of it.
    ///
    /// - Returns: the documents and the numbers that may have been used.
    /// - Throws: ``StateError``, as `init`.
    public func load() throws -> StoredState {
        try using { (database) throws(StateError) in
            var content = try database.load()
            let known = Set(content.documents.map(\.model)).union(try database.adoptedModels())
            content.documents += try PythonCache(directory: directory).documents(except: known)
            return content
        }
    }

    /// Writes a batch in one transaction with one flush.
    ///
    /// - Throws: ``StateError``.
    public func commit(_ batch: StoreBatch) throws {
        try using { (database) throws(StateError) in try database.commit(batch) }
    }

    /// Notes the last number in use and lets another process have the directory.
    public func close(numbersUsed: UInt64?) {
        // Nothing is lost when this fails: the whole range that was reserved is skipped then.
        if let numbersUsed { try? database?.commit(StoreBatch(numbersReserved: numbersUsed)) }
        (database, isClosed) = (nil, true)
        directoryLock.release()
    }

    private func using<Result>(
        _ work: (SQLiteDatabase) throws(StateError) -> Result
    ) throws(StateError) -> Result {
        // Another process may have the directory by now.
        if isClosed { throw .closed }
        let current: SQLiteDatabase
        if let database { current = database } else { current = try open() }
        database = nil
        do {
            let result = try work(current)
            database = current
            return result
        } catch {
            if error.code.leavesStoreUsable { database = current }
            throw checked(error)
        }
    }

    /// Tells what SQLite takes for damaged, but the disk cannot read, as an error of the disk.
    private func checked(_ error: StateError) -> StateError {
        if error.code != .storeCorrupt { return error }
        do throws(StateError) {
            try CacheDirectory.checkReadable(directory + "/state.sqlite")
        } catch let errorOfTheDisk {
            return errorOfTheDisk
        }
        return error
    }
}
