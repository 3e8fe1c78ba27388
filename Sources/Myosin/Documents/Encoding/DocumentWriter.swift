internal import Primitives

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

    /// Encodes a model as the text of an object, `id` first.
    ///
    /// - Parameter model: the model.
    /// - Returns: the compact text, UTF-8.
    /// - Throws: ``ValidationError`` with the pointer of a number that JSON does not have (NaN, an infinity) or of a value nested
    ///   deeper than a reader accepts, or if the type does not encode as an object; the error of the type's own `encode(to:)`.
    static func text(of model: some StateModel) throws -> [UInt8] { try write(model) { _ in true }.text }

    /// Encodes a model, as ``text(of:)`` does.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - isKnown: returns true for a shape that is known.
    /// - Returns: the text, and its shape, or nil for a known shape.
    /// - Throws: as ``text(of:)``.
    static func write<Model: StateModel>(
        _ model: Model,
        isKnown: (DocumentShape) -> Bool
    ) throws -> (text: [UInt8], newShape: DocumentShape?) {
        let written: (text: [UInt8], newShape: DocumentShape?)? = try DocumentWriter.with { writer in
            // A declared model is its document.
            writer.text.pointee.hasShape = Model.self != DeclaredModel.self
            do {
                try writer.put(model)
                if !writer.text.pointee.isTangled, let pointer = writer.text.pointee.tooDeep {
                    throw ValidationError([.tooDeep(pointer)])
                }
                return writer.text.pointee.finished()
                    .map { text in
                        (text, isKnown(writer.text.pointee.shape) ? nil : writer.text.pointee.shape)
                    }
            } catch  where writer.text.pointee.isTangled {
                // The tree knows better.
                return nil
            }
        }
        if let written { return written }
        let document = JSONValue.object(try model.document())
        var shape = DocumentShape()
        shape.insertAll(of: document, at: 0)
        return (document.bytes, isKnown(shape) ? nil : shape)
    }

    /// Writers that nobody uses, since the room of a writer takes longer to make than a small document to write.
    private static let idle = Lock<[DocumentWriter]>([])
    private static let maxIdle = 8

    /// Has a writer write something.
    ///
    /// - Parameter use: gets a writer that has written nothing yet.
    /// - Returns: what the closure returns.
    static func with<Result>(_ use: (DocumentWriter) throws -> Result) rethrows -> Result {
        var writer = idle.withLock { $0.popLast() } ?? DocumentWriter()
        defer {
            // Code of a value may have kept it.
            if isKnownUniquelyReferenced(&writer), writer.text.pointee.clear() {
                idle.withLock { if $0.count < maxIdle { $0.append(writer) } }
            }
        }
        return try use(writer)
    }

    /// Writes any value here.
    func put<Value: Encodable>(_ value: Value) throws {
        // The type is compared first, which is cheaper than a cast.
        if Value.self == ModelID.self, let id = value as? ModelID { return text.pointee.put(json: id.json) }
        // By itself it has the digits of the `Float` of the same value.
        if Value.self == Float16.self, let half = value as? Float16 { return try text.pointee.put(number: half) }
        switch DocumentForm.form(of: Value.self) {
        case .simple, .encoded:
            let (number, depth) = text.pointee.expectValue()
            // Ends a value that contains itself.
            if depth > JSONValue.maxDepth {
                throw ValidationError([.tooDeep(text.pointee.path(JSONValue.maxDepth).pointer)])
            }
            try value.encode(to: WritingEncoder(writer: self, depth: depth, value: number))
            text.pointee.endValue(number, at: depth)
        case .unordered, .named:
            text.pointee.put(encoded: try DocumentEncoder.encode(value, at: text.pointee.path()), .outermost)
        case .own, .refused:
            text.pointee.put(encoded: try DocumentEncoder.encode(value, at: text.pointee.path()), .none)
        }
    }

    /// Has the text begin anew with a tree.
    func tangled() -> any Encoder {
        text.pointee.tangle()
        return DocumentEncoder.makeIdle()
    }
}

/// What a value encodes itself to while ``DocumentWriter`` writes it.
struct WritingEncoder: Encoder, JSONTarget {
    let writer: DocumentWriter
    /// How many containers are open around the value.
    let depth: Int
    /// The value's number among those of the writer.
    let value: Int

    var codingPath: [any CodingKey] { writer.text.pointee.path(depth) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func put(_ json: JSONValue) {
        if writer.text.pointee.begins(value, at: depth) { writer.text.pointee.put(encoded: json, .all) }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let cursor = writer.text.pointee.open(UInt8(ascii: "{"), closing: UInt8(ascii: "}"), of: value, at: depth)
        return KeyedEncodingContainer(WritingFields<Key>(writer: writer, cursor: cursor))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        let cursor = writer.text.pointee.open(UInt8(ascii: "["), closing: UInt8(ascii: "]"), of: value, at: depth)
        return WritingElements(writer: writer, cursor: cursor)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { WritingValue(encoder: self) }
}

/// The fields of an object.
private struct WritingFields<Key: CodingKey>: NullKeepingFields {
    let writer: DocumentWriter
    let cursor: DocumentText.Cursor

    var codingPath: [any CodingKey] { writer.text.pointee.path(cursor.depth) }

    /// Begins a field; what follows is not written when that is impossible, as the text is tangled then.
    private func begins(_ key: Key) -> Bool { writer.text.pointee.beginField(key.stringValue, in: cursor) }

    mutating func encodeNil(forKey key: Key) { if begins(key) { writer.text.pointee.putNull() } }
    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        if begins(key) { try writer.put(value) }
    }
    mutating func encode(_ value: String, forKey key: Key) { if begins(key) { writer.text.pointee.put(text: value) } }
    mutating func encode(_ value: Bool, forKey key: Key) { if begins(key) { writer.text.pointee.put(flag: value) } }
    mutating func encode(_ value: Double, forKey key: Key) throws {
        if begins(key) { try writer.text.pointee.put(number: value) }
    }
    mutating func encode(_ value: Float, forKey key: Key) throws {
        if begins(key) { try writer.text.pointee.put(number: value) }
    }
    mutating func encode(_ value: Int, forKey key: Key) { if begins(key) { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int8, forKey key: Key) { if begins(key) { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int16, forKey key: Key) { if begins(key) { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int32, forKey key: Key) { if begins(key) { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int64, forKey key: Key) { if begins(key) { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int128, forKey key: Key) {
        if begins(key) { writer.text.pointee.put(integer: value) }
    }
    mutating func encode(_ value: UInt, forKey key: Key) { if begins(key) { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: UInt8, forKey key: Key) { if begins(key) { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: UInt16, forKey key: Key) {
        if begins(key) { writer.text.pointee.put(integer: value) }
    }
    mutating func encode(_ value: UInt32, forKey key: Key) {
        if begins(key) { writer.text.pointee.put(integer: value) }
    }
    mutating func encode(_ value: UInt64, forKey key: Key) {
        if begins(key) { writer.text.pointee.put(integer: value) }
    }
    mutating func encode(_ value: UInt128, forKey key: Key) {
        if begins(key) { writer.text.pointee.put(integer: value) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        let cursor = begins(key) ? writer.text.pointee.open(UInt8(ascii: "{"), closing: UInt8(ascii: "}")) : .nowhere
        return KeyedEncodingContainer(WritingFields<NestedKey>(writer: writer, cursor: cursor))
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        let cursor = begins(key) ? writer.text.pointee.open(UInt8(ascii: "["), closing: UInt8(ascii: "]")) : .nowhere
        return WritingElements(writer: writer, cursor: cursor)
    }

    mutating func superEncoder() -> any Encoder { writer.tangled() }
    mutating func superEncoder(forKey key: Key) -> any Encoder { writer.tangled() }
}

/// The elements of an array.
private struct WritingElements: UnkeyedEncodingContainer {
    let writer: DocumentWriter
    let cursor: DocumentText.Cursor

    var codingPath: [any CodingKey] { writer.text.pointee.path(cursor.depth) }
    var count: Int { writer.text.pointee.count(in: cursor) }

    mutating func encodeNil() { if writer.text.pointee.beginElement(in: cursor) { writer.text.pointee.putNull() } }
    mutating func encode<Value: Encodable>(_ value: Value) throws {
        if writer.text.pointee.beginElement(in: cursor) { try writer.put(value) }
    }
    mutating func encode(_ value: Int128) {
        if writer.text.pointee.beginElement(in: cursor) { writer.text.pointee.put(integer: value) }
    }
    mutating func encode(_ value: UInt128) {
        if writer.text.pointee.beginElement(in: cursor) { writer.text.pointee.put(integer: value) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        let opens = writer.text.pointee.beginElement(in: cursor)
        let cursor = opens ? writer.text.pointee.open(UInt8(ascii: "{"), closing: UInt8(ascii: "}")) : .nowhere
        return KeyedEncodingContainer(WritingFields<NestedKey>(writer: writer, cursor: cursor))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let opens = writer.text.pointee.beginElement(in: cursor)
        return WritingElements(
            writer: writer,
            cursor: opens ? writer.text.pointee.open(UInt8(ascii: "["), closing: UInt8(ascii: "]")) : .nowhere
        )
    }

    mutating func superEncoder() -> any Encoder { writer.tangled() }
}

/// A value that is no container.
private struct WritingValue: SingleValueEncodingContainer {
    let encoder: WritingEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }
    private var writer: DocumentWriter { encoder.writer }
    private var isFirst: Bool { writer.text.pointee.begins(encoder.value, at: encoder.depth) }

    mutating func encodeNil() { if isFirst { writer.text.pointee.putNull() } }
    mutating func encode<Value: Encodable>(_ value: Value) throws { if isFirst { try writer.put(value) } }
    mutating func encode(_ value: String) { if isFirst { writer.text.pointee.put(text: value) } }
    mutating func encode(_ value: Bool) { if isFirst { writer.text.pointee.put(flag: value) } }
    mutating func encode(_ value: Double) throws { if isFirst { try writer.text.pointee.put(number: value) } }
    mutating func encode(_ value: Float) throws { if isFirst { try writer.text.pointee.put(number: value) } }
    mutating func encode(_ value: Int) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int8) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int16) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int32) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int64) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: Int128) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: UInt) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: UInt8) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: UInt16) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: UInt32) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: UInt64) { if isFirst { writer.text.pointee.put(integer: value) } }
    mutating func encode(_ value: UInt128) { if isFirst { writer.text.pointee.put(integer: value) } }
}
