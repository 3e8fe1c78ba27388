#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A text that equals another one only if both have the same code points, as names in JSON do (RFC 8259, section 8.3).
///
/// To `String` an accented letter equals the plain letter with a combining accent, and the Kelvin sign equals `K`.
package struct ExactText: Hashable, Sendable {
    /// The text.
    package let text: String

    /// Makes it of a text.
    package init(_ text: String) { self.text = text }

    package static func == (left: ExactText, right: ExactText) -> Bool { left.text.isSpelled(as: right.text) }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // No byte of UTF-8 is 0xFF: it keeps ["a", "b"] and ["ab", ""] apart.
        hasher.combine(0xFF as UInt8)
    }
}

extension String {
    /// Whether each text that `String` takes for equal has the same code points: so it is with ASCII, apart from the three characters
    /// that the Kelvin sign, the Greek question mark and the Greek varia are equivalent to.
    package var hasOneSpelling: Bool {
        var text = self
        return text.withUTF8 { bytes in
            for byte in bytes
            where byte >= 0x80 || byte == UInt8(ascii: "K") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "`") {
                return false
            }
            return true
        }
    }

    /// Whether another text has the same code points.
    @inlinable package func isSpelled(as other: String) -> Bool {
        utf8.count == other.utf8.count && hasBytes(of: other)
    }

    /// Whether the bytes are those of another text of the same length.
    @usableFromInline package func hasBytes(of other: String) -> Bool {
        var (text, other) = (self, other)
        return text.withUTF8 { bytes in
            other.withUTF8 { others in
                guard let start = bytes.baseAddress, let otherStart = others.baseAddress else { return true }
                return memcmp(start, otherStart, bytes.count) == 0
            }
        }
    }
}

extension Sequence<String> {
    /// Whether a text is among these, spelled in the same way.
    package func containsExactly(_ text: String) -> Bool { contains { $0.isSpelled(as: text) } }

    /// The texts, to be looked up by their spelling.
    package var exactTexts: Set<ExactText> { Set(lazy.map(ExactText.init)) }
}
