/// Writes a value as compact JSON text in one pass, in the order in which the value encodes itself.
///
/// Nearly all types encode one container after the other, so their text can be appended as it comes. What cannot be appended, a
/// value that goes back to a container that it has left or names a field twice, makes the text tangled; then it is worth
/// nothing and ``DocumentEncoder`` begins anew with a tree.
final class DocumentWriter {
    /// What is written, at one address from `init` to `deinit`.
    ///
    /// As a property of the class it would be checked for overlapping accesses each time. There are none: the writer belongs to
    /// one thread, and no method of the text calls code of the value.
    let text: UnsafeMutablePointer<DocumentText>

    init(size: Int) {
        text = .allocate(capacity: 1)
        text.initialize(to: DocumentText(size: size))
    }

    deinit {
        text.deinitialize(count: 1)
        text.deallocate()
    }

    /// Writes any value here.
    func put<Value: Encodable>(_ value: Value) throws {
        if Self.isUnordered(value) {
            let json = try DocumentEncoder.encode(value, at: text.pointee.path())
            return text.pointee.put(json: json)
        }
        try putOrdered(value)
    }

    /// Writes a value that is no dictionary or set here.
    func putOrdered<Value: Encodable>(_ value: Value) throws {
        let (number, depth) = text.pointee.expectValue()
        try value.encode(to: WritingEncoder(writer: self, depth: depth, value: number))
        text.pointee.endValue(number, at: depth)
    }

    /// Whether the value is a dictionary or set, which has to be sorted; cheaply false for what most fields are.
    private static func isUnordered<Value: Encodable>(_ value: Value) -> Bool {
        if Value.self == ModelID.self || Value.self == String.self || Value.self == Double.self
            || Value.self == Int.self
        {
            return false
        }
        return value is any UnorderedCollection
    }

    /// Has the text begin anew with a tree.
    func tangled() -> any Encoder {
        text.pointee.tangle()
        return DocumentEncoder.makeIdle()
    }
}
