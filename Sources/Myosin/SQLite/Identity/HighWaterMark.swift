internal import Primitives

/// A record kept beside the database, which detects a restored copy.
///
/// A database that is restored by hand goes back in time: its numbers are used again for other documents, and a client
/// that compares revisions would be wrong. The store therefore gets a new incarnation if the database does not match this record.
struct HighWaterMark: Equatable {
    /// The incarnation of the store.
    var incarnation: String
    /// The reserved number that the database has.
    var stored: UInt64
    /// The reserved number that the database is going to have, no less than any that was used.
    var granted: UInt64
    /// The lock file that it was written to, to which a copy of that file is not equal.
    var lockFile: LockFileIdentity

    /// Reads a mark; nil for anything else.
    init?(_ line: [UInt8]) {
        let words = String(decoding: line.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            .split(separator: " ").map(String.init)
        guard words.count == 6, let stored = UInt64(words[1]), let granted = UInt64(words[2]),
            let inode = UInt64(words[3])
        else { return nil }
        let file = LockFileIdentity(inode: inode, hasReserve: words[4] == "reserve")
        self.init(incarnation: words[0], stored: stored, granted: granted, lockFile: file)
        if self.line != line { return nil }
    }

    init(incarnation: String, stored: UInt64, granted: UInt64, lockFile: LockFileIdentity) {
        (self.incarnation, self.stored, self.granted, self.lockFile) = (incarnation, stored, granted, lockFile)
    }

    /// The length of each line, in bytes.
    static let lineBytes = 100

    /// The text, which has always the same length: it is written over the former one, on a full disk, too.
    var line: [UInt8] {
        let numbers = [stored, granted, lockFile.inode].map { $0.padded(to: 20) }
        let words = ([incarnation] + numbers + [lockFile.hasReserve ? "reserve" : "none"]).joined(separator: " ")
        let line = "\(words) \(String(decoding: Checksum.of(words), as: UTF8.self))"
        return Array(line.utf8)
            + [UInt8](repeating: UInt8(ascii: " "), count: max(0, Self.lineBytes - 1 - line.utf8.count))
            + [UInt8(ascii: "\n")]
    }
}

/// What distinguishes a lock file from a copy of it, whether the copy is another file or was written over this one.
///
/// Room that is reserved behind the end of a file, where the file system can do that, is lost when a program cuts the file off to
/// write it again, and a copy has none. The inode alone is not enough: a new file may get the number of a removed one.
struct LockFileIdentity: Equatable {
    let inode: UInt64
    let hasReserve: Bool
}

/// What a lock file says of the database beside it.
struct LockRecord {
    var highWaterMark: HighWaterMark?
    /// The highest revision that was committed; 0 where none is noted.
    var committedRevision: UInt64 = 0
    /// Whether the directory has had a database, so that an empty one is a damaged one.
    var hasHadDatabase = false
    /// That of the file; a new file has none that was noted before.
    var identity = LockFileIdentity(inode: 0, hasReserve: false)
}
