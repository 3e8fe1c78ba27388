internal import Primitives

/// FNV-1a with 64 bits over a row, as hexadecimal digits: SQLite's pages have no checksum of their own.
enum Checksum {
    private static let separator = UInt8(ascii: "|")

    /// The checksum of a document with everything that is stored beside it.
    static func of(_ document: StoredDocument) -> [UInt8] {
        var hash = Hash()
        hash.mix(document.model.utf8)
        hash.mix(separator)
        hash.mix(decimal: document.schemaVersion)
        hash.mix(separator)
        hash.mix(decimal: document.revision)
        hash.mix(separator)
        hash.mix(decimal: document.time.bitPattern)
        hash.mix(separator)
        hash.mix(document.text)
        return hash.digits
    }

    /// The checksum of a number.
    static func of(_ number: Int64) -> [UInt8] {
        var hash = Hash()
        hash.mix(decimal: number)
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

        mutating func mix(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

        mutating func mix(_ bytes: some Sequence<UInt8>) { for byte in bytes { mix(byte) } }

        /// As the digits of the number, of which no text is made: every commit has some.
        mutating func mix(decimal number: some FixedWidthInteger) {
            if number < 0 { mix(UInt8(ascii: "-")) }
            let magnitude = UInt64(number.magnitude)
            var place: UInt64 = 1
            while magnitude / place >= 10 { place *= 10 }
            while place > 0 {
                mix(UInt8(ascii: "0") + UInt8(magnitude / place % 10))
                place /= 10
            }
        }

        var digits: [UInt8] { value.digits(16, radix: 16) }
    }
}
