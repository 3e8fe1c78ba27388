package import Myosin

/// A reference of a schema to a place in itself: `#/$defs/place` (RFC 6901 section 6).
package struct LocalReference: Sendable {
    /// The names on the way to the place.
    package let steps: [String]

    /// Reads a reference; nil for one that leads elsewhere.
    package init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "#"), let pointer = Self.decoded(text.utf8.dropFirst()) else {
            return nil
        }
        guard !pointer.isEmpty else {
            steps = []
            return
        }
        guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
        // By scalars: a mark that joins the slash before it would make another character of the two.
        steps = pointer.unicodeScalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .map(Self.unescaped)
    }

    /// The place as a JSON pointer.
    package var pointer: String { steps.pointer }

    /// The schema at the place; nil where there is none.
    package func target(in schema: JSONObject) -> JSONValue? { JSONValue.object(schema).value(at: steps) }

    /// A fragment without its percent escapes; nil for one that is malformed.
    private static func decoded(_ fragment: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = fragment
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, rest.prefix(2).allSatisfy(\.isHexDigit),
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A name without the escapes that it has in a pointer (RFC 6901 section 4).
    private static func unescaped(_ name: Substring.UnicodeScalarView) -> String {
        var result = String.UnicodeScalarView()
        var rest = name
        while let scalar = rest.popFirst() {
            if scalar == "~", let code = rest.first, code == "0" || code == "1" {
                rest.removeFirst()
                result.append(code == "0" ? "~" : "/")
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
