internal import Primitives

/// How names that are free become those that Prometheus takes.
enum RecordedNames {
    /// A metric's name: every character but letters, digits, `_` and `:` becomes `_`, and a digit is not the first.
    static func metric(_ label: String) -> String { mapped(label) { $0 == UInt8(ascii: ":") } }

    /// The labels of a metric: as in its name, without `:`; what would be reserved or be there twice gets a `_` behind.
    ///
    /// - Parameters:
    ///   - dimensions: names and values, in any order.
    ///   - reserved: the label that the metric's type uses itself.
    /// - Returns: as many labels as dimensions.
    static func labels(_ dimensions: [(String, String)], reserved: String?) -> [(name: String, value: String)] {
        var taken: Set<String> = reserved.map { [$0] } ?? []
        return dimensions.map { key, value in
            var name = mapped(key) { _ in false }
            // Names that begin with two are Prometheus' own.
            while name.hasPrefix("__") { name.removeFirst() }
            while !taken.insert(name).inserted { name += "_" }
            return (name, value)
        }
    }

    private static func mapped(_ text: String, isExtra: (UInt8) -> Bool) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte.isDigit, bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
            if byte.isDigit || byte.isLetter || isExtra(byte) {
                bytes.append(byte)
            } else if byte & 0xC0 != 0x80 {
                // Bytes that continue a character are part of its one `_`.
                bytes.append(UInt8(ascii: "_"))
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}
