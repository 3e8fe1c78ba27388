internal import Primitives

/// A habit of other formats, recognized where a text is no longer JSON, with the sentence that says what to write instead.
///
/// Nothing is accepted because of it: it only replaces a sentence that says what was expected.
package enum JSONMistake: Sendable, Hashable {
    case comment
    case typographicQuotes
    case invisibleCharacter(UInt32)
    case encoding(String)
    case notUTF8(latin1: Unicode.Scalar?)
    /// A name or a word of another language, and what JSON has for it; nil where it has nothing.
    case word(String, json: String?)
    case plusSign, leadingPoint, hexadecimal, digitSeparator
    case strayComma, semicolon, equalsSign, nameInSingleQuotes

    /// What is wrong, and what to write.
    var reason: String {
        switch self {
        case .comment: "has a comment, which JSON does not have; take it out"
        case .typographicQuotes: "has typographic quotes; write \""
        case .invisibleCharacter(let value):
            "has an invisible character, U+\(value.padded(to: 4, radix: 16).uppercased()); take it out, or write a space"
        case .encoding(let name):
            "is in \(name), and JSON is in UTF-8; save it as UTF-8, or convert it: iconv -f \(name) -t UTF-8"
        case .notUTF8(nil): "has bytes that are not UTF-8; save it as UTF-8"
        case .notUTF8(let scalar?):
            "has bytes that are not UTF-8; save it as UTF-8, for it seems to be in Latin-1, with \(scalar) here"
        case .word(let word, let json?): "has \(word), which JSON does not have; write \(json)"
        case .word(let word, nil): "has \(word), which JSON does not have; write a number, or null"
        case .plusSign: "has a number with +; leave the + out"
        case .leadingPoint: "has a number without a digit before the point; write 0 before it"
        case .hexadecimal: "has a hexadecimal number; write it in decimal"
        case .digitSeparator: "has _ in a number; leave it out"
        case .strayComma: "has a comma that separates nothing; take it out, or write what is missing"
        case .semicolon: "has ; here; write , between values"
        case .equalsSign: "has = after the name; write :"
        case .nameInSingleQuotes: "has a name in single quotes; write it in double quotes"
        }
    }

    /// Words of other languages and formats.
    private static let words: [String: String?] = [
        "nan": nil, "inf": nil, "infinity": nil, "none": "null", "nil": "null", "undefined": "null", "null": "null",
        "true": "true", "false": "false", "yes": "true", "no": "false",
    ]

    /// Finds the mistake at a place where JSON allows something else.
    ///
    /// - Parameters:
    ///   - position: the place, in bytes.
    ///   - text: the whole text.
    ///   - isName: whether the name of a field is expected there, or its colon.
    init?(at position: Int, in text: UnsafeBufferPointer<UInt8>, isName: Bool = false) {
        guard position < text.count else { return nil }
        let (byte, next) = (text[position], position + 1 < text.count ? text[position + 1] : 0)
        let former = position > 0 ? text[position - 1] : 0
        switch (byte, next) {
        case (UInt8(ascii: "/"), UInt8(ascii: "/")), (UInt8(ascii: "/"), UInt8(ascii: "*")), (UInt8(ascii: "#"), _):
            self = .comment
        case (UInt8(ascii: ","), _): self = .strayComma
        case (UInt8(ascii: ";"), _): self = .semicolon
        case (UInt8(ascii: "="), _) where isName: self = .equalsSign
        case (UInt8(ascii: "'"), _) where isName: self = .nameInSingleQuotes
        case (UInt8(ascii: "+"), _) where next.isDigit: self = .plusSign
        case (UInt8(ascii: "."), _) where next.isDigit && !former.isDigit: self = .leadingPoint
        case (UInt8(ascii: "x"), _) where former == UInt8(ascii: "0"),
            (UInt8(ascii: "X"), _) where former == UInt8(ascii: "0"):
            self = .hexadecimal
        case (UInt8(ascii: "_"), _) where former.isDigit: self = .digitSeparator
        case (0x80..., _):
            guard let scalar = Self.scalar(at: position, in: text) else {
                self = .notUTF8(byte, before: next)
                return
            }
            switch scalar.value {
            case 0xab, 0xbb, 0x2018...0x201f, 0x2039, 0x203a: self = .typographicQuotes
            case 0x85, 0xa0, 0x1680, 0x2000...0x200f, 0x2028...0x202f, 0x205f...0x2064, 0x3000, 0xfeff:
                self = .invisibleCharacter(scalar.value)
            default: return nil
            }
        default:
            let letters = text[position...].prefix { $0.isLetter }
            let word = String(decoding: letters, as: UTF8.self)
            guard !isName, letters.count <= 9, let json = Self.words[word.lowercased()], word != json else {
                return nil
            }
            self = .word(word, json: json)
        }
    }

    /// The encoding of a whole text that is not UTF-8, by its first bytes; nil if it may be UTF-8.
    ///
    /// JSON begins with two characters of ASCII, so zero bytes show the encoding (RFC 4627, section 3).
    init?(encodingOf text: UnsafeBufferPointer<UInt8>) {
        // Quickly for nearly all texts.
        guard text.count > 1, text[0] == 0 || text[0] >= 0xfe || text[1] == 0 else { return nil }
        let start = Array(text.prefix(4))
        let isZero = start.map { $0 == 0 }
        switch (start, isZero) {
        case ([0xff, 0xfe, 0, 0], _), (_, [false, true, true, true]): self = .encoding("UTF-32LE")
        case ([0, 0, 0xfe, 0xff], _), (_, [true, true, true, false]): self = .encoding("UTF-32BE")
        case (_, [false, true, false, true]): self = .encoding("UTF-16LE")
        case (_, [true, false, true, false]): self = .encoding("UTF-16BE")
        default:
            if start.starts(with: [0xff, 0xfe]) {
                self = .encoding("UTF-16LE")
            } else if start.starts(with: [0xfe, 0xff]) {
                self = .encoding("UTF-16BE")
            } else {
                return nil
            }
        }
    }

    /// Bytes that are not UTF-8; a letter of Latin-1 before ASCII is probably meant as that.
    static func notUTF8(_ byte: UInt8, before next: UInt8) -> JSONMistake {
        .notUTF8(latin1: byte >= 0xa0 && next < 0x80 ? Unicode.Scalar(byte) : nil)
    }

    private static func scalar(at position: Int, in text: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
        var decoder = UTF8()
        var bytes = text[position...].makeIterator()
        if case .scalarValue(let scalar) = decoder.decode(&bytes) { return scalar }
        return nil
    }
}
