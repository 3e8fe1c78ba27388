#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import CLinux
internal import Primitives

/// Keeps a second process, or a second state of this one, out of a cache directory.
///
/// A lock of the kernel (`flock`) on the file `state.lock`, which ends with its holder however that ends. The file has the
/// holder's process number, for the message to a second process, and a record of the database. It is written in place, which
/// needs no room on the disk.
final class DirectoryLock: Sendable {
    /// The lock files that this process holds; the number in a file may be that of a process in another container.
    private static let held = Lock<Set<FileIdentity>>([])
    private let descriptor: Lock<Int32?>
    private let name: String
    /// Whether this object holds the lock instead of only reading the file.
    private let isHolder: Bool
    /// The file, which has to stay at its path.
    let mark: FileMark

    /// Takes the lock.
    ///
    /// - Throws: ``StateError``: `storeInUse` with the holder's number in the message, or another `store…` code.
    init(_ directory: StoreDirectory) throws(StateError) {
        (name, isHolder) = (directory.name(of: .lock), true)
        guard let descriptor = try directory.openFile(.lock, O_RDWR | O_CREAT) else {
            throw .system(ENOENT, "\(name) cannot be made")
        }
        do throws(StateError) {
            mark = try FileMark.of(descriptor, name)
        } catch {
            close(descriptor)
            throw error
        }
        guard SystemCall.retry({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
            let (number, holder) = (errno, Self.holder(descriptor, mark.inode))
            close(descriptor)
            guard number == EWOULDBLOCK else { throw .system(number, "\(name) cannot be locked") }
            let identity = mark.identity
            if Self.held.withLock({ $0.contains(identity) }) {
                throw .openInThisProcess("The cache directory \(directory.name)")
            }
            throw StateError(
                .storeInUse,
                "The cache directory \(directory.name) is in use by \(holder). Stop that one, or name another directory."
            )
        }
        let number = "\(getpid())"
        let text = Array((number + String(repeating: " ", count: 19 - number.utf8.count) + "\n").utf8)
        // The number only serves the message above; the lock holds without it.
        _ = pwrite(descriptor, text, text.count, 0)
        self.descriptor = Lock(descriptor)
        Self.held.withLock { _ = $0.insert(mark.identity) }
    }

    /// Opens the file without taking the lock and without a change; nil if there is no file.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    init?(lookingAt directory: StoreDirectory) throws(StateError) {
        (name, isHolder) = (directory.name(of: .lock), false)
        guard let descriptor = try directory.openFile(.lock, O_RDONLY) else { return nil }
        self.descriptor = Lock(descriptor)
        mark = try FileMark.of(descriptor, name)
    }

    deinit { release() }

    /// Gives the lock back.
    func release() {
        let open: Int32? = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let open else { return }
        // Before another state of this process can take the lock.
        if isHolder { Self.held.withLock { _ = $0.remove(mark.identity) } }
        // Closing alone would not do: a child process that is just being started has the descriptor for a moment too.
        flock(open, LOCK_UN)
        close(open)
    }

    // MARK: The holder

    /// The process that holds the lock, as far as the kernel says it; nil if none does.
    var holder: String? { Self.kernelHolder(mark.inode).map { "process \($0)" } }

    /// The process that holds the lock, from /proc/locks, else from the file if that process still runs.
    private static func holder(_ descriptor: Int32, _ inode: ino_t) -> String {
        if let number = kernelHolder(inode) { return "process \(number)" }
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(0, count)).prefix(while: \.isDigit)
        // This process does not hold it; its own number there is that of a former holder, or of one in another container.
        guard let number = pid_t(String(decoding: digits, as: UTF8.self)), number != getpid(),
            kill(number, 0) == 0 || errno == EPERM
        else {
            return "another process"
        }
        return "process \(number)"
    }

    /// Looks for the holder in /proc/locks, whose lines are like `1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF`.
    private static func kernelHolder(_ inode: ino_t) -> pid_t? {
        let file = SystemCall.open("/proc/locks", O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text: [UInt8] = []
        guard SystemCall.readPieces(of: file, { text += $0 }) else { return nil }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            if words.count > 5, words[1] == "FLOCK", words[5].hasSuffix(":\(inode)"), let number = pid_t(words[4]),
                number > 0
            {
                return number
            }
        }
        return nil
    }

    // MARK: The identity of the file

    /// How many bytes are reserved, from the start of the file; far more than it has.
    private static let reservedBytes = 16_384

    /// Reserves room behind the end of the file; file systems that cannot do that, or are full, have none.
    func reserve() {
        guard let descriptor = descriptor.withLock({ $0 }) else { return }
        _ = SystemCall.retry { fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, off_t(Self.reservedBytes)) }
    }

    /// All that the file says of the database.
    var record: LockRecord {
        LockRecord(
            highWaterMark: highWaterMark,
            committedRevision: committedRevision,
            hasHadDatabase: hasHadDatabase,
            identity: identity
        )
    }

    /// What a copy of the file does not have.
    var identity: LockFileIdentity {
        var information = stat()
        let isKnown = descriptor.withLock { $0 }.map { fstat($0, &information) } == 0
        let hasReserve = isKnown && Int(information.st_blocks) * 512 >= Self.reservedBytes
        return LockFileIdentity(inode: UInt64(mark.inode), hasReserve: hasReserve)
    }

    // MARK: The record of the database

    private static let databaseNote = Array("state.sqlite was made\n".utf8)
    /// Where the parts of the file are, behind the number.
    private enum Offset {
        static let databaseNote: off_t = 20
        static let highWaterMark: off_t = 42
        static let committed: off_t = 42 + off_t(HighWaterMark.lineBytes)
    }

    private func read(_ count: Int, at offset: off_t) -> [UInt8]? {
        guard let descriptor = descriptor.withLock({ $0 }) else { return nil }
        var found = [UInt8](repeating: 0, count: count)
        return SystemCall.retry { pread(descriptor, &found, count, offset) } == count ? found : nil
    }

    private func write(_ bytes: [UInt8], at offset: off_t, isDurable: Bool) throws(StateError) {
        guard let descriptor = descriptor.withLock({ $0 }) else { throw .closedError }
        guard SystemCall.retry({ pwrite(descriptor, bytes, bytes.count, offset) }) == bytes.count,
            !isDurable || SystemCall.retry({ fdatasync(descriptor) }) == 0
        else { throw .system(errno, "\(name) cannot be written") }
    }

    /// Whether the directory has had a database, so that an empty one is a damaged one.
    var hasHadDatabase: Bool { read(Self.databaseNote.count, at: Offset.databaseNote) == Self.databaseNote }

    /// Notes durably that the directory has a database now.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    func noteDatabase() throws(StateError) {
        if !hasHadDatabase { try write(Self.databaseNote, at: Offset.databaseNote, isDurable: true) }
    }

    /// The record of the database; nil if there is none.
    var highWaterMark: HighWaterMark? {
        read(HighWaterMark.lineBytes, at: Offset.highWaterMark).flatMap { HighWaterMark($0) }
    }

    /// Writes the record of the database durably.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    func note(_ highWaterMark: HighWaterMark) throws(StateError) {
        try write(highWaterMark.line, at: Offset.highWaterMark, isDurable: true)
    }

    /// The highest revision that was committed; 0 where none is noted.
    var committedRevision: UInt64 {
        guard let text = read(37, at: Offset.committed), text[20] == UInt8(ascii: " "),
            let number = UInt64(String(decoding: text.prefix(20), as: UTF8.self)),
            Checksum.of(Int64(bitPattern: number)) == Array(text.suffix(16))
        else { return 0 }
        return number
    }

    /// Notes the highest revision that is on disk.
    ///
    /// Not flushed: after a power failure it is lower than it was, and never higher than what the database has.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    func note(committedRevision: UInt64, isDurable: Bool = false) throws(StateError) {
        let text =
            committedRevision.digits(20) + [UInt8(ascii: " ")] + Checksum.of(Int64(bitPattern: committedRevision))
        try write(text, at: Offset.committed, isDurable: isDurable)
    }
}
