#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Locking

/// Keeps a second process, or a second state of this one, out of a cache directory.
///
/// A lock of the kernel (`flock`) on the file `state.lock`, which ends with its holder however that ends. The file
/// tells the holder's process number to whoever comes second.
final class DirectoryLock: Sendable {
    private let descriptor: Lock<Int32?>

    /// Takes the lock.
    ///
    /// - Throws: ``StateError`` with the code `storeInUse` and the holder's number in the message.
    init(directory: String) throws(StateError) {
        let path = directory + "/state.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw CacheDirectory.error(errno, "\(path) cannot be opened") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let (number, holder) = (errno, Self.holder(descriptor))
            close(descriptor)
            guard number == EWOULDBLOCK else { throw CacheDirectory.error(number, "\(path) cannot be locked") }
            throw StateError(
                .storeInUse,
                "The cache directory \(directory) is in use by process \(holder). Stop that one, or name another directory."
            )
        }
        let text = Array("\(getpid())\n".utf8)
        // The number only serves the message above; the lock holds without it.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
        self.descriptor = Lock(descriptor)
    }

    deinit { release() }

    private static func holder(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(0, count)).prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
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
