/// A system call on the store that fails, as strace is told.
struct Fault: CustomStringConvertible, Sendable {
    /// Which calls of a kind fail, counted in each thread for itself.
    enum When: CaseIterable { case once, aWhile, forEver }

    let call: String
    let error: String
    /// The first call that fails, from 1.
    var first: Int
    let when: When

    var description: String {
        let last =
            switch when {
            case .once: ""
            case .aWhile: "..\(first + 20)"
            case .forEver: "+"
            }
        return "\(call):error=\(error):when=\(first)\(last)"
    }

    /// Whether a call of SQLite may take very long, or not return.
    ///
    /// It begins again each time that it is interrupted, and tries for up to ten seconds to get a lock.
    var mayHang: Bool { call == "fcntl" || error == "EINTR" && when == .forEver }

    static let errors = ["EIO", "ENOSPC", "EROFS", "EMFILE", "EINTR", "EACCES"]

    /// The codes that the engine may tell it by.
    var expectedCodes: Set<String> {
        // Of a flush, of the log's shared memory, and of locks SQLite says only that they have failed; and until the store
        // was opened anew nobody says more than that.
        let failed: Set = ["storeFailed", "storeRecovering"]
        let own: Set<String> =
            switch error {
            case "ENOSPC": ["storeFull"]
            case "EROFS": ["storeReadOnly"]
            case "EMFILE": ["storeTooManyFiles"]
            case "EACCES": ["storePermission"]
            // SQLite begins again each time; the engine does not wait for that for ever.
            case "EINTR": ["storeNotResponding"]
            default: []
            }
        switch call {
        // SQLite tries to open for reading alone what it can't open for writing.
        case "openat": return failed.union(own).union(["storeReadOnly"])
        // A file that may be read but not written is read-only for this user.
        case "faccessat2": return failed.union(own).union(["storeReadOnly"])
        // A lock that can't be had is somebody else's, for SQLite, which it tries to get for up to ten seconds.
        case "fcntl": return failed.union(own).union(["storeInUse", "storeNotResponding"])
        // SQLite takes a sector that can't be read for a damaged file.
        case "pread64": return failed.union(own).union(["storeCorrupt"])
        default: return failed.union(own)
        }
    }
}
