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
        // No byte of UTF-8 is 0xFF.
        hasher.combine(0xFF as UInt8)
    }
}

extension String {
    /// Whether another text has the same code points.
    package func isSpelled(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let areSame = utf8.withContiguousStorageIfAvailable { bytes in
            other.utf8.withContiguousStorageIfAvailable { others in
                guard let start = bytes.baseAddress, let otherStart = others.baseAddress else { return true }
                return memcmp(start, otherStart, bytes.count) == 0
            }
        }
        return (areSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}

extension Sequence<String> {
    /// Whether a text is among these, spelled in the same way.
    package func containsExactly(_ text: String) -> Bool { contains { $0.isSpelled(as: text) } }

    /// The texts, to be looked up by their spelling.
    package var exactTexts: Set<ExactText> { Set(lazy.map(ExactText.init)) }
}
