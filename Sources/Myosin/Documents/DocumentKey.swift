/// A field name or an array index on the way into a document.
struct DocumentKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(name: String) { (stringValue, intValue) = (name, nil) }
    init(index: Int) { (stringValue, intValue) = ("\(index)", index) }
    init(stringValue: String) { self.init(name: stringValue) }
    init(intValue: Int) { self.init(index: intValue) }
}

extension CodingKey {
    /// Whether the key is the position of an element of an array.
    var isPosition: Bool { (self as? DocumentKey)?.intValue != nil }
}

extension [any CodingKey] {
    /// The path as a JSON pointer, RFC 6901.
    var pointer: String { reduce("") { $0.appendingPointer(to: $1.stringValue) } }
}

extension String {
    /// A JSON pointer one step further down, the name escaped as RFC 6901 section 3 says.
    package func appendingPointer(to name: String) -> String {
        var result = self + "/"
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": result += "~0"
            case "/": result += "~1"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
