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
        if writer.text.pointee.begins(value, at: depth) { writer.text.pointee.put(json: json) }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let place = writer.text.pointee.open(UInt8(ascii: "{"), closing: UInt8(ascii: "}"), of: value, at: depth)
        return KeyedEncodingContainer(WritingFields<Key>(writer: writer, place: place))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        let place = writer.text.pointee.open(UInt8(ascii: "["), closing: UInt8(ascii: "]"), of: value, at: depth)
        return WritingElements(writer: writer, place: place)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { WritingValue(encoder: self) }
}

/// The fields of an object.
private struct WritingFields<Key: CodingKey>: NullKeepingFields {
    let writer: DocumentWriter
    let place: DocumentText.Place

    var codingPath: [any CodingKey] { writer.text.pointee.path(place.depth) }

    /// Begins a field; what follows is not written when that is impossible, as the text is tangled then.
    private func begins(_ key: Key) -> Bool { writer.text.pointee.beginField(key.stringValue, in: place) }

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

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        let place = begins(key) ? writer.text.pointee.open(UInt8(ascii: "{"), closing: UInt8(ascii: "}")) : .nowhere
        return KeyedEncodingContainer(WritingFields<NestedKey>(writer: writer, place: place))
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        let place = begins(key) ? writer.text.pointee.open(UInt8(ascii: "["), closing: UInt8(ascii: "]")) : .nowhere
        return WritingElements(writer: writer, place: place)
    }

    mutating func superEncoder() -> any Encoder { writer.tangled() }
    mutating func superEncoder(forKey key: Key) -> any Encoder { writer.tangled() }
}

/// The elements of an array.
private struct WritingElements: UnkeyedEncodingContainer {
    let writer: DocumentWriter
    let place: DocumentText.Place

    var codingPath: [any CodingKey] { writer.text.pointee.path(place.depth) }
    var count: Int { writer.text.pointee.count(in: place) }

    mutating func encodeNil() { if writer.text.pointee.beginElement(in: place) { writer.text.pointee.putNull() } }
    mutating func encode<Value: Encodable>(_ value: Value) throws {
        if writer.text.pointee.beginElement(in: place) { try writer.put(value) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        let opens = writer.text.pointee.beginElement(in: place)
        let place = opens ? writer.text.pointee.open(UInt8(ascii: "{"), closing: UInt8(ascii: "}")) : .nowhere
        return KeyedEncodingContainer(WritingFields<NestedKey>(writer: writer, place: place))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let opens = writer.text.pointee.beginElement(in: place)
        return WritingElements(
            writer: writer,
            place: opens ? writer.text.pointee.open(UInt8(ascii: "["), closing: UInt8(ascii: "]")) : .nowhere
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
