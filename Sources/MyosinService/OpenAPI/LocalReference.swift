internal import Myosin

/// A reference of a schema to a place in itself: `#/$defs/place`.
struct LocalReference: Sendable {
    /// The names on the way to the place.
    let steps: [String]

    /// Reads a reference; nil for one that leads elsewhere.
    init?(_ text: String) {
        guard text.hasPrefix("#"), text == "#" || text.hasPrefix("#/") else { return nil }
        var steps: [String] = []
        for escaped in text.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) where text != "#" {
            guard let pointer = Self.unescaped(escaped.utf8) else { return nil }
            steps.append(Self.name(pointer))
        }
        self.steps = steps
    }

    /// The place as a JSON pointer.
    var pointer: String { steps.pointer }

    /// The schema at the place; nil where there is none.
    func target(in schema: JSONObject) -> JSONValue? { JSONValue.object(schema).value(at: steps) }

    /// A fragment without its percent escapes; nil for one that is malformed.
    private static func unescaped(_ text: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, let decoded = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A name without the escapes of JSON pointers (RFC 6901, section 4).
    private static func name(_ token: String) -> String {
        var name = ""
        var isEscaped = false
        for scalar in token.unicodeScalars {
            switch (isEscaped, scalar) {
            case (true, "0"): name.unicodeScalars.append("~")
            case (true, "1"): name.unicodeScalars.append("/")
            case (false, "~"):
                isEscaped = true
                continue
            default: name.unicodeScalars.append(scalar)
            }
            isEscaped = false
        }
        return name
    }
}
