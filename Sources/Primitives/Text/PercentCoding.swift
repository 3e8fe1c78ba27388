/// Percent-decoding as RFC 3986 has it, strict: a bad escape or bytes that are not UTF-8 decode to nothing.
package enum PercentDecoding {
    /// The byte that begins an escape.
    package static let percent = UInt8(ascii: "%")

    /// Decodes bytes.
    ///
    /// - Returns: the text; nil for a bad escape, or where the result is not UTF-8.
    package static func decode(_ bytes: some Collection<UInt8>) -> String? {
        guard bytes.contains(percent) else { return String(validating: bytes, as: UTF8.self) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            guard byte == percent else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.next()?.hexValue, let low = rest.next()?.hexValue else { return nil }
            decoded.append(high << 4 | low)
        }
        return String(validating: decoded, as: UTF8.self)
    }

    /// Whether ``decode(_:)`` decodes the bytes, found without an allocation for ASCII that needs no decoding.
    package static func isDecodable(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.allSatisfy { $0 < 0x80 && $0 != percent } || decode(bytes) != nil
    }
}

/// Percent-encoding of parts of a URL (RFC 3986, section 2).
package enum PercentEncoding {
    /// Encodes a segment of a path: each byte but letters, digits and `-._~@:+,=`.
    package static func segment(_ text: String) -> String {
        encode(text) { $0.isLetter || $0.isDigit || "-._~@:+,=".utf8.contains($0) }
    }

    /// Encodes what no URL may hold in a raw path, and leaves its escapes and slashes as they are.
    package static func path(_ text: String) -> String {
        encode(text) { $0.isVisible && !#""<>[\]^`{|}?#"#.utf8.contains($0) }
    }

    private static func encode(_ text: String, except isKept: (UInt8) -> Bool) -> String {
        if text.utf8.allSatisfy(isKept) { return text }
        let bytes = text.utf8.flatMap { byte -> [UInt8] in
            if isKept(byte) { return [byte] }
            let digits = UInt64(byte).digits(2, radix: 16).map { $0.isLetter ? $0 & ~0x20 : $0 }
            return [PercentDecoding.percent] + digits
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
