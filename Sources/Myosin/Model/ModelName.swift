/// The names that models can have: they are used in paths, labels of metrics and file names.
package enum ModelName {
    /// Whether a name has only ASCII letters, digits, `_`, `-` and `.`, and begins with a letter.
    package static func isGood(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return name.utf8.allSatisfy { byte in
            isLetter(byte) || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || "_-.".utf8.contains(byte)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        // The case of an ASCII letter is one bit.
        let lower = byte | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }
}
