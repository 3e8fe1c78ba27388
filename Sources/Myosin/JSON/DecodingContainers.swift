struct FieldDecodingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: DecodingNode
    let fields: JSONObject
    var codingPath: [any CodingKey] { node.codingPath }

    /// A type that asks which fields there are, a dictionary for example, takes all of them.
    var allKeys: [Key] {
        node.markAllRead(fields.keys)
        return fields.keys.compactMap { Key(stringValue: $0) }
    }

    func contains(_ key: Key) -> Bool {
        node.markRead(key.stringValue)
        return fields[key.stringValue] != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        node.markRead(key.stringValue)
        return (fields[key.stringValue] ?? .null) == .null
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try self.child(key).take(type)
    }

    // What most fields are is read without a node of its own, where it is as it should be.

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        if case .string(let text)? = fields[key.stringValue] { return read(text, key) }
        return try child(key).take(type)
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        if case .bool(let flag)? = fields[key.stringValue] { return read(flag, key) }
        return try child(key).take(type)
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        if case .number(let number)? = fields[key.stringValue], let value = number.floatingPoint(type) {
            return read(value, key)
        }
        return try child(key).take(type)
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        if case .number(let number)? = fields[key.stringValue], let value = number.integer(type) {
            return read(value, key)
        }
        return try child(key).take(type)
    }

    private func read<Value>(_ value: Value, _ key: Key) -> Value {
        node.markRead(key.stringValue)
        return value
    }

    private func child(_ key: any CodingKey) throws -> DecodingNode {
        node.markRead(key.stringValue)
        if let value = fields[key.stringValue] { return node.child(key, value) }
        node.note(DocumentFault.missing, at: codingPath + [key])
        return try node.placeholder(key)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try child(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try child(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try child(DocumentKey(name: "super")) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }
}

struct ElementDecodingContainer: UnkeyedDecodingContainer {
    let node: DecodingNode
    let elements: [JSONValue]
    var currentIndex = 0
    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    init(node: DecodingNode, elements: [JSONValue]) { (self.node, self.elements) = (node, elements) }

    private mutating func nextNode() throws -> DecodingNode {
        let key = DocumentKey(index: currentIndex)
        guard currentIndex < elements.count else {
            node.note(DocumentFault.missing, at: codingPath + [key])
            return try node.placeholder(key)
        }
        currentIndex += 1
        return node.child(key, elements[currentIndex - 1])
    }

    mutating func decodeNil() throws -> Bool {
        guard currentIndex < elements.count, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try nextNode().take(type) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try nextNode().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try nextNode().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try nextNode() }
}

struct ValueDecodingContainer: SingleValueDecodingContainer {
    let node: DecodingNode
    var codingPath: [any CodingKey] { node.codingPath }

    func decodeNil() -> Bool { node.value == .null }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try node.take(type) }
}
