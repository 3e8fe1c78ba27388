struct FieldDecodingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: DecodingNode
    let fields: JSONObject
    var codingPath: [any CodingKey] { node.codingPath }

    /// A type that asks which fields there are, a dictionary for example, takes all of them.
    var allKeys: [Key] {
        node.markAllRead()
        return fields.keys.compactMap { Key(stringValue: $0) }
    }

    func contains(_ key: Key) -> Bool { read(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { (read(key) ?? .null) == .null }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        if type == ModelID.self, case .string(let text)? = read(key), let id = ModelID(text) as? Value { return id }
        return try child(key).take(type)
    }

    // What most fields are is read without a node of its own, where it is as it should be.

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        if case .string(let text)? = read(key) { return text }
        return try child(key).take(type)
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        if case .bool(let flag)? = read(key) { return flag }
        return try child(key).take(type)
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        if case .number(let number)? = read(key), let value = number.floatingPoint(type) { return value }
        return try child(key).take(type)
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        if case .number(let number)? = read(key), let value = number.integer(type) { return value }
        return try child(key).take(type)
    }

    /// The value of a field, which the type knows now; nil where there is none.
    private func read(_ key: any CodingKey) -> JSONValue? {
        let name = key.stringValue
        let position = fields.position(of: name)
        node.markRead(name, at: position)
        return position.map { fields.value(at: $0) }
    }

    private func child(_ key: any CodingKey) throws -> DecodingNode {
        if let value = read(key) { return node.child(key, value) }
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
