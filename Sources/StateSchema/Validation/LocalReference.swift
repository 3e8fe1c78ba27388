package import Myosin
internal import Primitives

/// A reference of a schema to a place in itself: `#/$defs/place` (RFC 6901 section 6).
package struct LocalReference: Sendable {
    /// The names on the way to the place.
    package let steps: [String]

    /// Reads a reference; nil for one that leads elsewhere.
    package init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "#"), let pointer = PercentDecoding.decode(text.utf8.dropFirst()) else {
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
