/// The elements of a field such as Accept, Accept-Encoding or Prefer: names with parameters; the parameter `q` is a weight.
///
/// Source: RFC 9110, sections 5.6.1 (lists), 5.6.6 (parameters) and 12.4.2 (weights); RFC 7240, section 2.
package struct WeightedList: Sendable {
    /// One element, with its names and values in lower case and without quotes.
    package struct Element: Sendable {
        /// The text before the first `;`, up to a `=` if it has one: `text/*`, `gzip`, `wait`.
        package let name: String
        /// The text behind that `=`, as preferences have it; nil without one.
        package let value: String?
        /// The parameters by their names; the first of several with one name.
        package let parameters: [String: String]

        /// The weight, from 0 to 1; 1 without one, nil for one that is malformed.
        package var weight: Double? {
            guard let text = parameters["q"] else { return 1 }
            // Digits with one point at most: `Double` reads exponents, hexadecimal digits and infinities too.
            guard text.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }), let weight = Double(text),
                weight <= 1
            else { return nil }
            return weight
        }
    }

    /// The elements in order, without empty ones.
    package let elements: [Element]

    /// How many elements are read; further ones are ignored.
    private static let maxElements = 64

    /// Reads a field's value.
    ///
    /// - Parameter value: the value; nil reads as an empty list.
    package init(_ value: String?) {
        elements = Self.split((value ?? "").utf8[...], at: UInt8(ascii: ","), max: Self.maxElements)
            .compactMap { Self.element($0) }
    }

    /// The weights by name, without malformed ones; the first of several with one name counts.
    ///
    /// - Parameter key: returns the name under which an element counts; nil leaves it out.
    /// - Returns: the weights.
    package func weights(by key: (_ name: String) -> String?) -> [String: Double] {
        var weights: [String: Double] = [:]
        for element in elements {
            guard let weight = element.weight, let key = key(element.name), weights[key] == nil else { continue }
            weights[key] = weight
        }
        return weights
    }

    private static func element(_ text: Substring.UTF8View) -> Element? {
        let parts = split(text, at: UInt8(ascii: ";"), max: .max).map(pair)
        guard let first = parts.first, !first.name.isEmpty else { return nil }
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            if let value = part.value, parameters[part.name] == nil { parameters[part.name] = value }
        }
        return Element(name: first.name, value: first.value, parameters: parameters)
    }

    private static func pair(_ text: Substring.UTF8View) -> (name: String, value: String?) {
        guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else { return (text.trimmed.lowercased(), nil) }
        return (text[..<equals].trimmed.lowercased(), unquoted(text[text.index(after: equals)...].trimmed.lowercased()))
    }

    /// The content of a quoted string (RFC 9110, section 5.6.4); any other text as it is.
    private static func unquoted(_ text: String) -> String {
        guard text.utf8.count >= 2, text.utf8.first == UInt8(ascii: "\""), text.utf8.last == UInt8(ascii: "\"") else {
            return text
        }
        var (content, rest) = (String.UnicodeScalarView(), text.unicodeScalars.dropFirst().dropLast())
        while let scalar = rest.popFirst() {
            content.append(scalar == "\\" ? rest.popFirst() ?? scalar : scalar)
        }
        return String(content).trimmed
    }

    /// The parts between separators that stand outside of quoted strings.
    ///
    /// It looks at bytes: to `String` a comma that a combining accent follows is no comma.
    private static func split(
        _ text: Substring.UTF8View,
        at separator: UInt8,
        max: Int
    ) -> [Substring.UTF8View] {
        var parts: [Substring.UTF8View] = []
        var (start, index) = (text.startIndex, text.startIndex)
        while index < text.endIndex, parts.count < max {
            let next = text.index(after: index)
            if text[index] == UInt8(ascii: "\""), let end = endOfQuotes(text[next...]) {
                index = end
                continue
            }
            if text[index] == separator {
                parts.append(text[start..<index])
                start = next
            }
            index = next
        }
        if parts.count < max { parts.append(text[start...]) }
        return parts
    }

    /// The place behind a closing quote; nil without one, and then the opening one is a character like others.
    private static func endOfQuotes(_ text: Substring.UTF8View) -> Substring.UTF8View.Index? {
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\") { rest = rest.dropFirst() }
            if byte == UInt8(ascii: "\"") { return rest.startIndex }
        }
        return nil
    }
}
