extension String {
    /// The text as one word of a shell's command: in single quotes, unless no character of it means anything to a shell.
    package var shellQuoted: String {
        func isPlain(_ byte: UInt8) -> Bool { byte.isLetter || byte.isDigit || "_@%+=:,./-".utf8.contains(byte) }
        if !isEmpty, utf8.allSatisfy(isPlain) { return self }
        return "'\(split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
    }
}
