internal import Myosin
internal import Primitives

/// References inside an OpenAPI document.
enum OpenAPIReference {
    /// A reference to something shared.
    ///
    /// - Parameters:
    ///   - kind: what it is: `schemas`, `responses`, `headers` or `parameters`.
    ///   - name: its name.
    ///   - pointer: the place in it, as a JSON pointer; empty for all of it.
    /// - Returns: an object with nothing but the reference.
    static func to(_ kind: String, _ name: String, _ pointer: String = "") -> JSONValue {
        ["$ref": .string("#/components/\(kind)/\(name)\(inFragment(pointer))")]
    }

    /// A JSON pointer as a fragment has it (RFC 6901, section 6).
    static func inFragment(_ pointer: String) -> String { escaped(pointer, keeping: "!$&'()*+,;=:@/?-._~") }

    /// A name as a segment of a path has it, with all escaped that means something in a template.
    static func inPath(_ name: String) -> String { escaped(name, keeping: "-._~") }

    private static func escaped(_ text: String, keeping others: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case _ where byte.isLetter || byte.isDigit:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where others.utf8.contains(byte): result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + byte.padded(to: 2, radix: 16).uppercased()
            }
        }
        return result
    }
}
