#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Documents in `state.sqlite` in a directory, one row a model.
///
/// The database is in WAL mode with `synchronous=FULL`: a batch is one transaction and one flush, all of it or nothing.
/// It can be read with `sqlite3 state.sqlite 'select model, revision, document from state'` at any time.
///
/// The store checks everything before it writes, so a refused database keeps every byte. A commit counts only if the path still
/// leads to the open files afterwards. Missing files are created again; a file put in place of another is never written.
///
/// Files `<Model>.json` in the directory, the cache of Python myosin, become documents of version 0 if the database has no row
/// for the model and has never set one aside. The files stay as they are.
public final class SQLiteStore: StateStore, @unchecked Sendable {
    // Sendable: the variables are used only in calls of the protocol, which are made one at a time (see `StateStore`);
    // everything else is constant.
    private let sharing: FileSharing
    private let options: Options
    private let lockWait: Duration
    private let numbersReserved: UInt64
    private(set) var directory: StoreDirectory
    private var directoryLock: DirectoryLock
    /// Nil until the first write and after an error, so that the next call opens the files again.
    private var database: SQLiteDatabase?
    /// What this process knows of the files; nil until it has read them.
    private var known: KnownContent?
    private var hasWritten = false
    /// The size of the documents for which there was no room last; 0 when there is room.
    private var refusedBytes = 0
    private var isClosed = false

    /// What else can be said of a store.
    public struct Options: Sendable, Hashable {
        /// The group, by name or number, that may read and write the files; nil for the owner only.
        public var group: String?
        /// How many former documents are kept in quarantine; beyond it the oldest go.
        public var maxQuarantined: Int

        /// Makes the options.
        ///
        /// - Parameters:
        ///   - group: the group, by name or number, that may read and write the files.
        ///   - maxQuarantined: how many former documents are kept, at least 1.
        public init(group: String? = nil, maxQuarantined: Int = 1_000) {
            (self.group, self.maxQuarantined) = (group, max(1, maxQuarantined))
        }
    }

    /// Opens the store of a directory, which is made with all directories above it.
    ///
    /// Directories and files that it makes are for their owner alone, or for the group of the options too.
    ///
    /// - Parameters:
    ///   - directory: the directory's path.
    ///   - options: what else is to be said.
    /// - Throws: ``StateError``: `storeNotDirectory`, `storePermission`, `storeReadOnly`, `storeFull`, `storeInUse` when
    ///   another process or another state of this one has the directory, `storeTooManyFiles`, `storeFailed`.
    public convenience init(directory: String, options: Options = Options()) throws(StateError) {
        try self.init(directory: directory, options: options, lockWait: .seconds(5), numbersReserved: 1_000_000)
    }

    /// Opens the store of a directory.
    ///
    /// - Parameters:
    ///   - directory: the directory's path.
    ///   - options: what else is to be said.
    ///   - lockWait: how long to wait for locks that other programs have on the database.
    ///   - numbersReserved: how many numbers ``load()`` grants.
    /// - Throws: ``StateError``.
    init(directory: String, options: Options, lockWait: Duration, numbersReserved: UInt64) throws(StateError) {
        sharing = try FileSharing(group: options.group)
        (self.options, self.lockWait, self.numbersReserved) = (options, lockWait, numbersReserved)
        self.directory = try StoreDirectory(directory, sharing: sharing)
        directoryLock = try DirectoryLock(self.directory)
    }

    // MARK: Reading

    /// Reads everything that is kept, and checks all of it.
    ///
    /// - Returns: the documents, and the numbers that may have been used and those that may be.
    /// - Throws: ``StateError``: `storeCorrupt`, `storeNewer`, or any other `store…` code.
    public func load() throws -> StoredState {
        if isClosed { throw StateError.closedError }
        do throws(StateError) {
            database = nil
            let content = try read()
            var state = content.state
            let models = Set(state.documents.map(\.model)).union(content.adopted)
            state.documents += try PythonCache(directory: directory).documents(except: models)
            return state
        } catch {
            throw checked(error)
        }
    }

    /// Reads the database and compares it with the known content; creates it if it is missing.
    private func read() throws(StateError) -> SQLiteReader.Content {
        if let known { try known.checkPlace(&directory, &directoryLock, sharing) }
        let marks = (try directory.mark(of: .database), try directory.mark(of: .log))
        let isNew = marks == (nil, nil)
        let reader = SQLiteReader(directory: directory, lockWait: lockWait)
        let found = try reader.read(mayBeEmpty: isNew || !directoryLock.hasHadDatabase)
        var content = found ?? SQLiteReader.Content(state: StoredState(documents: [], numbersReserved: 0))
        if found != nil { try flushLog() }
        if let known, found != nil { try known.check(content, in: directory) }
        var new = known ?? KnownContent(content, directoryLock.record, numbersReserved)
        content.state.numbersReserved = known == nil ? new.numbersUsed : new.numbersGranted
        content.state.numbersGranted = new.numbersGranted
        content.state.incarnation = new.incarnation
        content.state.remarks = known == nil ? new.remarks : []
        new.numbersStored = content.numbersStored
        new.note(content.revisions)
        try new.note(directory)
        try new.note(in: directoryLock)
        if directoryLock.committedRevision > new.highestRevision {
            try directoryLock.note(committedRevision: new.highestRevision, isDurable: true)
        }
        known = new
        if found == nil { database = try open() }
        return content
    }

    /// Waits until what the log has is on disk: a killed process may have written it and not flushed it.
    private func flushLog() throws(StateError) {
        guard let log = try directory.openFile(.log, O_RDWR) else { return }
        defer { SystemCall.close(log) }
        guard SystemCall.retry({ fdatasync(log) }) == 0 else {
            throw .system(errno, "\(directory.name(of: .log)) cannot be flushed")
        }
        try directory.sync()
    }

    private func open() throws(StateError) -> SQLiteDatabase {
        let hadLog = try directory.mark(of: .log) != nil
        let new: SQLiteDatabase
        do throws(StateError) {
            new = try SQLiteDatabase(
                directory,
                mayCreate: known?.hasDatabase != true,
                lockWait: lockWait,
                incarnation: known?.incarnation ?? StoredState.makeIncarnation(),
                maxQuarantined: options.maxQuarantined
            )
        } catch {
            // The checkpoint may be incomplete, or the database was removed after SQLite had made its log.
            known?.isContentKnown = false
            if !hadLog { known?.note(log: try directory.mark(of: .log)) }
            throw error
        }
        try directoryLock.noteDatabase()
        known?.note(new.files)
        hasWritten = true
        return new
    }

    // MARK: Writing

    /// Writes a batch in one transaction with one flush.
    ///
    /// - Throws: ``StateError``.
    public func commit(_ batch: StoreBatch) throws {
        try using { (database, known) throws(StateError) in
            var batch = batch
            if known.numbersStored < known.numbersGranted, batch.numbersReserved == nil {
                batch.numbersReserved = known.numbersGranted
            }
            if let reserved = batch.numbersReserved, reserved != known.numbersGranted {
                known.numbersGranted = reserved
                try known.note(in: directoryLock)
            }
            if batch.isClearing { try directoryLock.note(committedRevision: 0, isDurable: true) }
            known.attempt(batch)
            try checkRoom(for: batch, in: database)
            do throws(StateError) {
                try database.commit(batch)
            } catch {
                // The log itself may be what has filled the disk.
                guard error.code == .storeFull, database.emptyLog() else { throw refused(batch, error) }
                do throws(StateError) { try database.commit(batch) } catch { throw refused(batch, error) }
            }
            refusedBytes = 0
            known.take(batch)
            // Without it a copy may go unnoticed; the commit is on disk all the same.
            if !batch.documents.isEmpty { try? directoryLock.note(committedRevision: known.highestRevision) }
        }
    }

    /// Notes how much room a batch would have needed.
    private func refused(_ batch: StoreBatch, _ error: StateError) -> StateError {
        if error.code == .storeFull {
            refusedBytes = max(refusedBytes, batch.documents.reduce(0) { $0 + $1.text.count })
        }
        return error
    }

    /// Refuses a batch without documents, which has room where the last one had none, until that one has room.
    private func checkRoom(for batch: StoreBatch, in database: SQLiteDatabase) throws(StateError) {
        if refusedBytes == 0 || !batch.documents.isEmpty { return }
        let needed = 2 * refusedBytes + 65_536
        if try directory.freeBytes >= needed { return }
        // The log itself may be what has filled the disk, while a program has kept it from being emptied.
        _ = database.emptyLog()
        let free = try directory.freeBytes
        if free >= needed { return }
        throw .system(ENOSPC, "The disk of \(directory.name) has \(free) bytes left, and nothing was changed")
    }

    /// Writes the log into the database where it has become long.
    ///
    /// - Returns: the log's size, and when to call again: soon where a program that reads has kept the log from being
    ///   shortened.
    /// - Throws: ``StateError``.
    public func upkeep() throws -> StoreUpkeep {
        if let database, !database.isLogLong { return database.upkeep }
        return try using { (database, _) throws(StateError) -> StoreUpkeep in
            let isDone = try database.shortenLog()
            var upkeep = database.upkeep
            upkeep.nextCall = isDone ? nil : .seconds(1)
            return upkeep
        }
    }

    /// Looks whether the files are at their path as they were left.
    ///
    /// - Throws: ``StateError``: `storeReplaced` where one was removed, replaced or written by another program, or another `store…`
    ///   code.
    public func check() throws {
        if isClosed { throw StateError.closedError }
        guard known != nil else { return }
        do throws(StateError) {
            try database?.checkFiles()
            let lock = try directory.mark(of: .lock)
            guard directoryLock.mark.isSameFile(as: lock) else {
                throw .replaced(directory.name(of: .lock), isMissing: lock == nil)
            }
            if try known?.isAsLeft(directory, database) == false { try verify() }
        } catch {
            throw checked(error)
        }
    }

    /// Notes the last number in use and lets another process have the directory.
    ///
    /// Files that are not as they were left stay as they are.
    public func close(numbersUsed: UInt64?) {
        if (try? known?.isAsLeft(directory, database)) == true {
            if let numbersUsed {
                // Nothing is lost when this fails: the whole range that was reserved is skipped then.
                known?.numbersGranted = numbersUsed
                try? known?.note(in: directoryLock)
                if database != nil { try? commit(StoreBatch(numbersReserved: numbersUsed)) }
            }
            if hasWritten, database == nil { try? using { (_, _) in } }
            try? database?.endLog()
        }
        (database, isClosed) = (nil, true)
        directoryLock.release()
    }

    private func using<Result>(
        _ work: (SQLiteDatabase, inout KnownContent) throws(StateError) -> Result
    ) throws(StateError) -> Result {
        // Another process may have the directory by now.
        if isClosed { throw .closedError }
        do throws(StateError) {
            switch try known?.isAsLeft(directory, database) {
            case nil: _ = try read()
            case true?: break
            case false?: try verify()
            }
            let current: SQLiteDatabase
            if let database { current = database } else { current = try open() }
            database = nil
            known?.isContentKnown = false
            return try use(current, work)
        } catch {
            throw checked(error)
        }
    }

    /// Compares files that another program has written with the committed revisions.
    private func verify() throws(StateError) {
        let former = known?.revisions
        database = nil
        if try read().revisions != former { throw .outdated(directory.name(of: .database)) }
    }

    private func use<Result>(
        _ current: SQLiteDatabase,
        _ work: (SQLiteDatabase, inout KnownContent) throws(StateError) -> Result
    ) throws(StateError) -> Result {
        guard var content = known else { throw .closedError }
        // Moved out, because a commit that changed a copy would copy the revisions of all models.
        known = nil
        let granted = content.numbersGranted
        defer {
            content.note(current.files)
            known = content
        }
        do throws(StateError) {
            let result = try work(current, &content)
            (database, content.isContentKnown) = (current, true)
            return result
        } catch {
            content.numbersGranted = granted
            content.doubt()
            if error.code.leavesStoreUsable { (database, content.isContentKnown) = (current, true) }
            throw error
        }
    }

    /// Replaces SQLite's report of damage by the disk's error if the file cannot be read.
    private func checked(_ error: StateError) -> StateError {
        if error.code != .storeCorrupt { return error }
        do throws(StateError) {
            guard let file = try directory.openFile(.database, O_RDONLY) else { return error }
            defer { SystemCall.close(file) }
            guard SystemCall.readPieces(of: file, { _ in }) else {
                throw .system(errno, "\(directory.name(of: .database)) cannot be read")
            }
        } catch let errorOfTheDisk {
            return errorOfTheDisk
        }
        return error
    }
}
