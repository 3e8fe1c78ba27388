#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What a process knows of a database that it has read or written, to recognize it when it opens the files again.
struct KnownContent {
    /// The store's incarnation.
    let incarnation: String
    /// The highest number that may have been used before this process.
    let numbersUsed: UInt64
    /// The reserved number that the database has.
    var numbersStored: UInt64
    /// Numbers up to this one may be used.
    var numbersGranted: UInt64
    /// The revisions of the documents, by model.
    private(set) var revisions: [String: UInt64] = [:]
    /// The highest revision of all documents.
    private(set) var highestRevision: UInt64 = 0
    /// The documents of a batch that is being written.
    private var attempted: [StoredDocument] = []
    /// The revisions, by model, of batches whose outcome was unknown; files that somebody puts back may have them again.
    private var doubtful: [String: Set<UInt64>] = [:]
    /// The database as it was left; nil if there was none.
    private var database: FileMark?
    /// Its log as it was left.
    private var log: FileMark?
    /// Whether the files are as they were left; not after an error in the midst of writing.
    var isContentKnown = true
    /// Warnings for the log, as sentences.
    private(set) var remarks: [String] = []

    /// Recognizes a database by the record in the lock file.
    ///
    /// - Parameters:
    ///   - content: what the database has.
    ///   - lock: the record.
    ///   - reserved: how many numbers may be used without asking the database.
    init(_ content: SQLiteReader.Content, _ lock: LockRecord, _ reserved: UInt64) {
        let (mark, committed) = (lock.highWaterMark, lock.committedRevision)
        let highest = content.revisions.values.max() ?? 0
        let fits =
            content.incarnation == mark?.incarnation && mark?.lockFile == lock.identity
            && [mark?.stored, mark?.granted].contains(content.numbersStored) && highest >= committed
        // Without room behind its end a lock file that was written over looks like one that was not.
        let isKnown = fits && lock.identity.hasReserve
        let isNew = content.incarnation == nil
        let former = isKnown ? content.incarnation : nil
        incarnation = former ?? StoredState.makeIncarnation()
        numbersUsed = max(content.state.numbersReserved, mark?.granted ?? 0, committed)
        numbersStored = content.numbersStored
        // It ends before the highest number that SQLite can store.
        numbersGranted = min(numbersUsed.addingReportingOverflow(reserved).partialValue, UInt64(Int64.max))
        numbersGranted = max(numbersGranted, numbersUsed)
        if isNew, committed > 0 {
            remarks.append(
                "The database is missing, and \(committed) was the last revision in it: it was removed, or this is another disk. The "
                    + "state begins with its defaults; to go back, stop this process and restore a copy."
            )
        }
        if !fits, !isNew {
            let age = highest < committed ? ": its last revision is \(highest), and \(committed) was committed" : ""
            remarks.append(
                "The database is not the one that this directory had last, so it is a copy, or its log was lost\(age). "
                    + "Revisions get another incarnation, \(incarnation), so that no client takes old documents for new ones."
            )
        }
    }

    /// Writes the record to the lock file.
    func note(in lock: DirectoryLock) throws(StateError) {
        lock.reserve()
        let mark = HighWaterMark(
            incarnation: incarnation,
            stored: numbersStored,
            granted: numbersGranted,
            lockFile: lock.identity
        )
        try lock.note(mark)
    }

    /// Takes over that a batch is going to be written.
    mutating func attempt(_ batch: StoreBatch) { attempted = batch.documents }

    /// Takes over that it is not known whether the batch was written.
    mutating func doubt() {
        for document in attempted { doubtful[document.model, default: []].insert(document.revision) }
        attempted = []
    }

    /// Takes over that a batch was written.
    mutating func take(_ batch: StoreBatch) {
        if batch.isClearing { note([:]) }
        for document in batch.documents {
            let former = revisions.updateValue(document.revision, forKey: document.model)
            if former == highestRevision, document.revision < highestRevision {
                // Revisions rise, unless what is published replaces what is newer.
                note(revisions)
            } else {
                highestRevision = max(highestRevision, document.revision)
            }
        }
        if let numbers = batch.numbersReserved { (numbersStored, numbersGranted) = (numbers, numbers) }
        attempted = []
    }

    /// Takes over the revisions of all documents.
    mutating func note(_ revisions: [String: UInt64]) {
        (self.revisions, highestRevision) = (revisions, revisions.values.max() ?? 0)
    }

    // MARK: Recognizing the files

    /// Whether there was a database.
    var hasDatabase: Bool { database != nil }

    /// Notes how the files are that were read.
    mutating func note(_ directory: StoreDirectory) throws(StateError) {
        (database, log, isContentKnown) = (try directory.mark(of: .database), try directory.mark(of: .log), true)
    }

    /// Notes the log that was made beside a database which could not be opened.
    mutating func note(log: FileMark?) { self.log = log }

    /// Notes how the files are that were written.
    mutating func note(_ files: OpenFiles) { (database, log) = (files.database, files.log) }

    /// Whether the files are as this process has left them.
    ///
    /// - Parameters:
    ///   - directory: where they are.
    ///   - open: the open database, if any.
    /// - Returns: false also where one is missing.
    /// - Throws: ``StateError`` with a `store…` code when the file cannot be examined.
    func isAsLeft(_ directory: StoreDirectory, _ open: SQLiteDatabase?) throws(StateError) -> Bool {
        if let open { return try open.files.isAsLeft }
        let (database, log) = (try directory.mark(of: .database), try directory.mark(of: .log))
        return database == self.database && log == self.log
    }

    /// Sees to it that the directory and its lock are at their path, and that no other file is in the place of the database.
    ///
    /// Missing files are created again; the log of a missing database is removed.
    ///
    /// - Throws: ``StateError``: `storeReplaced` where something else is in the place of a file.
    func checkPlace(
        _ directory: inout StoreDirectory,
        _ lock: inout DirectoryLock,
        _ sharing: FileSharing
    ) throws(StateError) {
        if try !directory.isAtPath {
            directory = try StoreDirectory(directory.name, at: directory.path, sharing: sharing)
        }
        if let present = try directory.mark(of: .lock) {
            guard lock.mark.isSameFile(as: present) else {
                throw .replaced(directory.name(of: .lock), isMissing: false)
            }
        } else {
            // The former lock file is no longer at the path, so it excludes no other process.
            lock.release()
            lock = try DirectoryLock(directory)
        }
        guard let database else { return }
        if let present = try directory.mark(of: .database) {
            guard present.isSameFile(as: database) else {
                throw .replaced(directory.name(of: .database), isMissing: false)
            }
        } else if let present = try directory.mark(of: .log) {
            guard present.isSameFile(as: log) else { throw .replaced(directory.name(of: .log), isMissing: false) }
            guard unlink(directory.path(of: .log)) == 0 else {
                throw .system(errno, "\(directory.name(of: .log)), which has no database any more, cannot be removed")
            }
        }
    }

    /// Compares the content of the database with what this process has read and committed.
    ///
    /// After its log was removed, the database is unchanged and older. The published values then replace its rows. After an error in
    /// the midst of writing they may be older as well.
    ///
    /// - Throws: ``StateError`` with the code `storeReplaced` where something else was written into it.
    func check(_ content: SQLiteReader.Content, in directory: StoreDirectory) throws(StateError) {
        guard let database else { return }
        let isDatabaseAsLeft = try directory.mark(of: .database) == database
        let mayBeOlder = !isContentKnown || isDatabaseAsLeft
        let isOurs = content.revisions.allSatisfy { model, revision in
            let known = revisions[model] ?? 0
            return revision == known || mayBeOlder && revision < known || doubtful[model]?.contains(revision) == true
        }
        if !isOurs || !mayBeOlder && content.revisions.count < revisions.count {
            throw .replaced(directory.name(of: isDatabaseAsLeft ? .log : .database), isMissing: false)
        }
    }
}
