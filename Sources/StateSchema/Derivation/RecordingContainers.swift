/// Fields that aren't there: all of them seem to be present, and optional ones are nil.
struct RecordingFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: SchemaRecorder
    var codingPath: [any CodingKey] { node.codingPath }

    var allKeys: [Key] {
        node.noteAnyField()
        return []
    }

    func contains(_ key: Key) -> Bool {
        node.noteMayBeMissing(key)
        return true
    }

    func decodeNil(forKey key: Key) -> Bool {
        node.noteMayBeNull(key)
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try node.addField(key).take(type)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) -> Value? { makeNil(type, key) }

    // The protocol has a requirement of its own for each simple type, whose default gives no nil here.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) -> Bool? { makeNil(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? { makeNil(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) -> Double? { makeNil(type, key) }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) -> Float? { makeNil(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) -> Int? { makeNil(type, key) }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) -> Int8? { makeNil(type, key) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) -> Int16? { makeNil(type, key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) -> Int32? { makeNil(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) -> Int64? { makeNil(type, key) }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) -> UInt? { makeNil(type, key) }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) -> UInt8? { makeNil(type, key) }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) -> UInt16? { makeNil(type, key) }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) -> UInt32? { makeNil(type, key) }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) -> UInt64? { makeNil(type, key) }

    func decodeIfPresent(_ type: Int128.Type, forKey key: Key) -> Int128? { makeNil(type, key) }
    func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) -> UInt128? { makeNil(type, key) }

    // Without these the protocol refuses them.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try node.addField(key).take(type) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try node.addField(key).take(type) }

    private func makeNil<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
        node.addField(key, isOptional: true).learn(type)
        return nil
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) -> KeyedDecodingContainer<NestedKey> {
        node.addField(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
        node.addField(key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { node.addField(SuperKey()) }
    func superDecoder(forKey key: Key) -> any Decoder { node.addField(key) }
}

/// The field of a superclass.
private struct SuperKey: CodingKey {
    let stringValue = "super"
    let intValue: Int? = nil

    init() {}
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
}

/// An array without elements, of which those who don't look at its end get placeholders.
struct RecordingElements: UnkeyedDecodingContainer {
    let node: SchemaRecorder
    var codingPath: [any CodingKey] { node.codingPath }
    let count: Int? = 0
    let isAtEnd = true
    let currentIndex = 0

    func decodeNil() -> Bool { false }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try node.makeElement().take(type) }
    func decode(_ type: Int128.Type) throws -> Int128 { try node.makeElement().take(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try node.makeElement().take(type) }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedDecodingContainer<NestedKey> {
        node.makeElement().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { node.makeElement().unkeyedContainer() }
    func superDecoder() -> any Decoder { node.makeElement() }
}

/// A single value, whose kind is that of the type that is asked for.
struct RecordingValue: SingleValueDecodingContainer {
    let node: SchemaRecorder
    var codingPath: [any CodingKey] { node.codingPath }

    func decodeNil() -> Bool {
        if node.isNull { return true }
        node.noteNull()
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try node.take(type) }
    func decode(_ type: Int128.Type) throws -> Int128 { try node.take(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try node.take(type) }
}
