internal import Myosin
internal import Primitives

/// An element of an array, to be found among others in constant time: equal elements have the same hash, however they are written.
struct ElementKey: Hashable {
    let value: JSONValue

    func hash(into hasher: inout Hasher) { Self.hash(value, into: &hasher) }

    private static func hash(_ value: JSONValue, into hasher: inout Hasher) {
        switch value {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let flag): hasher.combine(flag)
        case .number(let number): hasher.combine(spelling(of: number))
        case .string(let text):
            hasher.combine(1 as UInt8)
            hasher.combine(ExactText(text))
        case .array(let elements):
            hasher.combine(elements.count)
            for element in elements { hash(element, into: &hasher) }
        case .object(let object):
            // The order of the fields makes no difference, so their hashes are put together in a way that has none.
            var fields = 0
            for (name, value) in object {
                var field = Hasher()
                field.combine(ExactText(name))
                hash(value, into: &field)
                fields ^= field.finalize()
            }
            hasher.combine(object.count)
            hasher.combine(fields)
        }
    }

    /// The one spelling that equal numbers share.
    ///
    /// It takes all digits: numbers that differ in the last one only would all have the hash of their nearest `Double`.
    private static func spelling(of number: JSONNumber) -> String {
        let text = number.description
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        let isPlain = digits.allSatisfy(\.isDigit) && digits.count <= 15 && digits.first != UInt8(ascii: "0")
        return isPlain ? text : (number.canonical ?? number).description
    }
}
