extension String {
    /// The parts between separators, empty ones too.
    ///
    /// Bytes are looked at: to `String` a comma that an accent follows is none.
    func items(separatedBy separator: Unicode.Scalar) -> [String] {
        unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map { String(Substring($0)) }
    }

    /// The text without blanks and tabs around it.
    var trimmed: String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let tail = utf8.drop(while: isSpace)
        guard let last = tail.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(tail[...last]) ?? ""
    }
}
