extension UInt8 {
    /// Whether the byte is one of `0` to `9`.
    @inlinable package var isDigit: Bool { self &- 0x30 < 10 }

    /// Whether the byte is an ASCII letter; the case of one is a single bit.
    @inlinable package var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// Whether the byte is one of `a` to `z`.
    @inlinable package var isSmallLetter: Bool { self &- 0x61 < 26 }

    /// Whether the byte is one of `A` to `Z`.
    @inlinable package var isCapital: Bool { self &- 0x41 < 26 }

    /// Whether the byte is a hexadecimal digit in either case.
    @inlinable package var isHexDigit: Bool { hexValue != nil }

    /// The value of a hexadecimal digit in either case; nil for any other byte.
    @inlinable package var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }

    /// Whether the byte is a space or a tab, the optional white space of HTTP (RFC 9110, section 5.6.3).
    @inlinable package var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// Whether the byte is visible ASCII, neither a control character nor a space.
    @inlinable package var isVisible: Bool { self &- 0x21 < 0x5e }

    /// The byte with a capital letter replaced by its small one.
    @inlinable package var lowercased: UInt8 { isCapital ? self | 0x20 : self }
}

extension String {
    /// The text without spaces and tabs at both ends.
    package var trimmed: String { utf8[...].trimmed }

    fileprivate func padded(to digits: Int) -> String {
        String(repeating: "0", count: max(0, digits - utf8.count)) + self
    }
}

extension Substring.UTF8View {
    /// The text without spaces and tabs at both ends.
    ///
    /// It looks at bytes: to `String` a space that a combining accent follows is no space.
    package var trimmed: String {
        let tail = drop { $0.isBlank }
        guard let last = tail.lastIndex(where: { !$0.isBlank }) else { return "" }
        return String(Substring(tail[...last]))
    }
}

extension UInt64 {
    /// The number as ASCII digits.
    ///
    /// - Parameters:
    ///   - count: how many; those in front of a greater number are left out.
    ///   - radix: 10, or 16 for hexadecimal digits in lower case.
    /// - Returns: the digits, with zeros before the number.
    package func digits(_ count: Int, radix: UInt64 = 10) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { digits, initialized in
            var rest = self
            for index in (0..<count).reversed() {
                let digit = UInt8(rest % radix)
                digits[index] = digit < 10 ? digit + 0x30 : digit + 0x57
                rest /= radix
            }
            initialized = count
        }
    }
}

extension BinaryInteger {
    /// The number, which is not negative, as text of at least so many digits, with zeros before it.
    ///
    /// - Parameters:
    ///   - digits: the least number of digits.
    ///   - radix: 10, or 16 for hexadecimal digits in lower case.
    /// - Returns: the text.
    package func padded(to digits: Int, radix: Int = 10) -> String { String(self, radix: radix).padded(to: digits) }
}

extension String {
    /// The text as one word of a shell's command: in single quotes, unless no character of it means anything to a shell.
    package var shellQuoted: String {
        func isPlain(_ byte: UInt8) -> Bool { byte.isLetter || byte.isDigit || "_@%+=:,./-".utf8.contains(byte) }
        if !isEmpty, utf8.allSatisfy(isPlain) { return self }
        // Bytes, because to `String` a quote with a combining accent is no quote.
        let parts = utf8.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
        return "'\(parts.map { String(Substring($0)) }.joined(separator: #"'\''"#))'"
    }
}
