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
