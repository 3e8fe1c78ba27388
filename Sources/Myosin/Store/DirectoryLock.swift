#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Primitives

/// Keeps a second process, or a second state of this one, out of a cache directory.
///
/// A lock of the kernel (`flock`) on the file `state.lock`, which ends with its holder however that ends. The file
/// tells the holder's process number to whoever comes second, and whether the directory has had a database.
final class DirectoryLock: Sendable {
    private let descriptor: Lock<Int32?>

    /// Takes the lock.
    ///
    /// - Throws: ``StateError`` with the code `storeInUse` and the holder's number in the message.
    init(directory: String) throws(StateError) {
        let path = directory + "/state.lock"
        let descriptor = SystemCall.retry { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw CacheDirectory.error(errno, "\(path) cannot be opened") }
        guard SystemCall.retry({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
            let (number, holder) = (errno, Self.holder(descriptor))
            close(descriptor)
            guard number == EWOULDBLOCK else { throw CacheDirectory.error(number, "\(path) cannot be locked") }
            throw StateError(
                .storeInUse,
                "The cache directory \(directory) is in use by process \(holder). Stop that one, or name another directory."
            )
        }
        let number = "\(getpid())"
        let text = Array((number + String(repeating: " ", count: 19 - number.utf8.count) + "\n").utf8)
        // The number only serves the message above; the lock holds without it.
        _ = pwrite(descriptor, text, text.count, 0)
        self.descriptor = Lock(descriptor)
    }

    private static let mark = Array("state.sqlite was made\n".utf8)
    /// Where the mark stands, behind the number.
    private static let markOffset: off_t = 20

    /// Whether the directory has had a database, so that an empty one is a damaged one.
    var hasHadDatabase: Bool {
        guard let descriptor = descriptor.withLock({ $0 }) else { return false }
        var found = [UInt8](repeating: 0, count: Self.mark.count)
        return pread(descriptor, &found, found.count, Self.markOffset) == found.count && found == Self.mark
    }

    /// Notes durably that the directory has a database now.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    func noteDatabase() throws(StateError) {
        guard !hasHadDatabase, let descriptor = descriptor.withLock({ $0 }) else { return }
        let count = SystemCall.retry { pwrite(descriptor, Self.mark, Self.mark.count, Self.markOffset) }
        guard count == Self.mark.count, SystemCall.retry({ fdatasync(descriptor) }) == 0 else {
            throw CacheDirectory.error(errno, "The file state.lock cannot be written")
        }
    }

    deinit { release() }

    private static func holder(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(0, count)).prefix(while: \.isDigit)
        return digits.isEmpty ? "(unknown)" : String(decoding: digits, as: UTF8.self)
    }

    /// Gives the lock back.
    func release() {
        let open: Int32? = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let open else { return }
        // Closing alone would not do: a child process that is just being started has the descriptor for a moment too.
        flock(open, LOCK_UN)
        close(open)
    }
}
