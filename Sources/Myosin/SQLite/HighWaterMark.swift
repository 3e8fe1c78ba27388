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
    /// The file that it was written to; in a copy of that file it is another one.
    var inode: UInt64

    /// Reads a mark; nil for anything else.
    init?(_ line: [UInt8]) {
        let words = String(decoding: line.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            .split(separator: " ").map(String.init)
        guard words.count == 5, let stored = UInt64(words[1]), let granted = UInt64(words[2]),
            let inode = UInt64(words[3])
        else { return nil }
        self.init(incarnation: words[0], stored: stored, granted: granted, inode: inode)
        if self.line != line { return nil }
    }

    init(incarnation: String, stored: UInt64, granted: UInt64, inode: UInt64) {
        (self.incarnation, self.stored, self.granted, self.inode) = (incarnation, stored, granted, inode)
    }

    /// The length of each line, in bytes.
    static let lineBytes = 100

    /// The text, which has always the same length: it is written over the former one, on a full disk, too.
    var line: [UInt8] {
        let words = [incarnation, stored.padded(to: 20), granted.padded(to: 20), inode.padded(to: 20)]
            .joined(separator: " ")
        let line = "\(words) \(String(decoding: Checksum.of(words), as: UTF8.self))"
        return Array(line.utf8)
            + [UInt8](repeating: UInt8(ascii: " "), count: max(0, Self.lineBytes - 1 - line.utf8.count))
            + [UInt8(ascii: "\n")]
    }
}
