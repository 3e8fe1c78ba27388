public import HTTPTypes
internal import Primitives

/// Names of header fields, to ask a request whether it has one of them without reading it.
public struct HTTPFieldNameSet: Sendable {
    /// By their length, in lower case.
    private let names: [[[UInt8]]]
    /// A bit for each length that one of the names has.
    private let lengths: UInt64

    /// Makes a set of names.
    ///
    /// - Parameter names: the names; each is at most 63 bytes long.
    public init(_ names: [HTTPField.Name]) {
        let texts = names.map { Array($0.canonicalName.utf8) }
        precondition(texts.allSatisfy { $0.count < 64 }, "a name is longer than 63 bytes")
        self.names = (0..<64).map { count in texts.filter { $0.count == count } }
        lengths = texts.reduce(0) { $0 | 1 << UInt64($1.count) }
    }

    /// Whether a name is one of them, in whatever case.
    func contain(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count < 64, lengths & 1 << UInt64(name.count) != 0, let first = name.first?.lowercased else {
            return false
        }
        return names[name.count].contains { $0.first == first && name.equalsLowercase($0) }
    }
}
