internal import Primitives

/// FNV-1a with 64 bits over a row, as hexadecimal digits: SQLite's pages have no checksum of their own.
enum Checksum {
    /// The checksum of a document with everything that is stored beside it.
    static func of(_ document: StoredDocument) -> [UInt8] {
        var hash = Hash()
        hash.mix(document.model.utf8)
        hash.mix("|\(document.schemaVersion)|\(document.revision)|\(document.time.bitPattern)|".utf8)
        hash.mix(document.text)
        return hash.digits
    }

    /// The checksum of a number.
    static func of(_ number: Int64) -> [UInt8] {
        var hash = Hash()
        hash.mix("\(number)".utf8)
        return hash.digits
    }

    /// The checksum of a text.
    static func of(_ text: String) -> [UInt8] {
        var hash = Hash()
        hash.mix(text.utf8)
        return hash.digits
    }

    private struct Hash {
        private var value: UInt64 = 0xcbf2_9ce4_8422_2325

        mutating func mix(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }

        var digits: [UInt8] { Array(value.padded(to: 16, radix: 16).utf8) }
    }
}
