#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// System calls that a signal may interrupt, or that do only part of what was asked for.
package enum SystemCall {
    /// Repeats a call that says that a signal has interrupted it, a thousand times at most.
    package static func retry<Result: SignedInteger>(_ call: () -> Result) -> Result {
        for _ in 1..<1_000 {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
        return call()
    }

    /// Opens a file, which programs that this one starts do not get; -1 when that fails.
    package static func open(_ path: String, _ flags: Int32) -> Int32 { retry { openFile(path, flags | O_CLOEXEC) } }

    /// Closes a descriptor.
    package static func close(_ descriptor: Int32) {
        // Linux closes the descriptor even if it reports an error, and callers flush important writes themselves.
        _ = closeFile(descriptor)
    }

    /// Writes all of some bytes.
    ///
    /// - Returns: whether it could be done; `errno` says why not.
    package static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = retry { rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }
            if count < 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Reads an open file to its end.
    ///
    /// - Parameters:
    ///   - descriptor: the file.
    ///   - take: gets piece after piece.
    /// - Returns: whether it could be read; `errno` says why not.
    package static func readPieces(of descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = retry { read(descriptor, &buffer, buffer.count) }
            if count <= 0 { return count == 0 }
            take(buffer[..<count])
        }
    }

    /// Reads the names in an open directory, in no particular order.
    ///
    /// - Parameters:
    ///   - directory: the stream of the directory.
    ///   - take: gets name after name, `.` and `..` among them.
    /// - Returns: whether all could be read; `errno` says why not.
    package static func readNames(in directory: OpaquePointer, _ take: (String) -> Void) -> Bool {
        errno = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            take(name)
            errno = 0
        }
        return errno == 0
    }
}

// Outside of the type, whose functions would be found first.
private func openFile(_ path: String, _ flags: Int32) -> Int32 { open(path, flags) }
private func closeFile(_ descriptor: Int32) -> Int32 { close(descriptor) }

extension String {
    /// Refuses a path with a NUL byte, which C would read as the end of a shorter path.
    ///
    /// - Parameter kind: the name of the path in messages.
    /// - Throws: ``StateError`` with the code `storeNotDirectory`.
    func checkPath(of kind: String) throws(StateError) {
        guard utf8.contains(0) else { return }
        throw StateError(
            .storeNotDirectory,
            "The path of the \(kind) has a NUL byte, which no path can have: \(quotedInASCII). Name another path."
        )
    }
}

extension StateError {
    /// The error that an error number of the system stands for.
    ///
    /// - Parameters:
    ///   - number: the error number.
    ///   - what: what cannot be done with which file, without a full stop.
    /// - Returns: the error, with advice.
    static func system(_ number: Int32, _ what: String) -> StateError {
        let reason = "\(what): \(String(cString: strerror(number)))"
        return switch number {
        case EACCES, EPERM:
            StateError(.storePermission, "\(reason). Give this user read and write access, or name another directory.")
        case ENOTDIR, EEXIST:
            StateError(.storeNotDirectory, "\(reason). A file is in the way; name a directory.")
        case EISDIR: StateError(.storeNotDirectory, "\(reason). A directory is in the way; move it away.")
        case EROFS: StateError(.storeReadOnly, "\(reason). Name a directory on a writable file system.")
        case ENOSPC, EDQUOT: StateError(.storeFull, "\(reason). Make room on the disk and try again.")
        case ENOENT: StateError(.storeNotDirectory, "\(reason). Name a directory where one can be made.")
        case ELOOP: StateError(.storePermission, "\(reason). A link is not followed there; move it away.")
        case EMFILE, ENFILE:
            StateError(.storeTooManyFiles, "\(reason). Close files, or raise the limit (ulimit -n), and try again.")
        default: StateError(.storeFailed, "\(reason). Look at the disk and the system's log.")
        }
    }
}
