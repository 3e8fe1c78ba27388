internal import Myosin
internal import Primitives

/// References inside an OpenAPI document.
enum OpenAPIReference {
    /// A reference to something shared.
    ///
    /// - Parameters:
    ///   - kind: what it is: `schemas`, `responses`, `headers`, `links` or `parameters`.
    ///   - name: its name.
    /// - Returns: an object with nothing but the reference.
    static func to(_ kind: String, _ name: String) -> JSONValue { ["$ref": .string("#/components/\(kind)/\(name)")] }

    /// A name as a segment of a path has it, with all escaped that means something in a template.
    static func inPath(_ name: String) -> String {
        var result = ""
        for byte in name.utf8 {
            if byte.isLetter || byte.isDigit || "-._~".utf8.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + byte.padded(to: 2, radix: 16).uppercased()
            }
        }
        return result
    }
}
