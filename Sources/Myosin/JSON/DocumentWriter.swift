internal import Locking

/// Writes a value as compact JSON text in one pass, in the order in which the value encodes itself.
///
/// Nearly all types encode one container after the other, so their text can be appended as it comes. What cannot be appended, a
/// value that goes back to a container that it has left or names a field twice, makes the text tangled; then it is worth
/// nothing and ``DocumentEncoder`` begins anew with a tree.
final class DocumentWriter: @unchecked Sendable {
    // Sendable: it is handed over whole, by the lock of those that are idle, to the one who uses it.
    //
    /// What is written, at one address from `init` to `deinit`.
    ///
    /// As a property of the class it would be checked for overlapping accesses each time. There are none: the writer belongs to
    /// one thread, and no method of the text calls code of the value.
    let text: UnsafeMutablePointer<DocumentText>

    private init() {
        text = .allocate(capacity: 1)
        text.initialize(to: DocumentText())
    }

    deinit {
        text.deinitialize(count: 1)
        text.deallocate()
    }

    /// Writers that nobody uses, since the room of a writer takes longer to make than a small document to write.
    private static let idle = Lock<[DocumentWriter]>([])
    private static let idleMax = 8

    /// Has a writer write something.
    ///
    /// - Parameter use: gets a writer that has written nothing yet.
    /// - Returns: what the closure returns.
    static func with<Result>(_ use: (DocumentWriter) throws -> Result) rethrows -> Result {
        var writer = idle.withLock { $0.popLast() } ?? DocumentWriter()
        defer {
            // Code of a value may have kept it.
            if isKnownUniquelyReferenced(&writer), writer.text.pointee.clear() {
                idle.withLock { if $0.count < idleMax { $0.append(writer) } }
            }
        }
        return try use(writer)
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
