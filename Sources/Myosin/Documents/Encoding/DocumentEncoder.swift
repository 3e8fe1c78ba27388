/// Turns `Encodable` values into JSON with stable bytes.
///
/// Fields come in the order in which the type encodes them, which for synthesized conformances is the order of their
/// declaration. Dictionaries are sorted by key and sets by their elements' text, since their own order changes from
/// run to run. A nil optional is written as `null`, so that a document shows every field there is.
enum DocumentEncoder {

    /// Encodes a value as a tree.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - path: where in a document it is.
    ///   - trace: notes the values on the way.
    /// - Returns: the tree.
    /// - Throws: ``ValidationError`` with the pointer of a number that JSON does not have (NaN, an infinity), or what
    ///   the type's own `encode(to:)` throws.
    static func encode(_ value: some Encodable, at path: [any CodingKey] = [], tracing trace: EncodingTrace? = nil)
        throws -> JSONValue
    {
        let node = EncodingNode(codingPath: path, trace: trace)
        try node.put(value)
        return node.resolved()
    }

    /// An encoder to which something may be written that nobody reads.
    static func makeIdle() -> any Encoder { EncodingNode(codingPath: [], trace: nil) }
}

/// Dictionaries and sets, whose order must not reach the document.
protocol UnorderedCollection {
    /// How many elements belong together where the collection is encoded as an array.
    static var groupSize: Int { get }
    /// The number of keys that must be in a document, or nil if the collection has no keys or ``DocumentSpelling`` compares them.
    var keyCount: Int? { get }
}

extension Dictionary: UnorderedCollection {
    /// A key that is no string and no number is followed by its value.
    static var groupSize: Int { 2 }
    var keyCount: Int? { Key.self == String.self ? nil : count }
}

extension Set: UnorderedCollection {
    static var groupSize: Int { 1 }
    var keyCount: Int? { nil }
}

/// One place in the document: what the `Encoder` protocol writes to.
private final class EncodingNode: Encoder, JSONTarget {
    enum Content {
        case nothing
        case value(JSONValue)
        case fields([(key: String, node: EncodingNode)])
        case elements([EncodingNode])
    }

    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]
    var content = Content.nothing
    private let trace: EncodingTrace?

    init(codingPath: [any CodingKey], trace: EncodingTrace?) { (self.codingPath, self.trace) = (codingPath, trace) }

    func resolved() -> JSONValue {
        switch content {
        case .nothing: return .object(JSONObject())
        case .value(let value): return value
        case .elements(let nodes): return .array(nodes.map { $0.resolved() })
        case .fields(let fields):
            var object = JSONObject()
            for (key, node) in fields { object[key] = node.resolved() }
            return .object(object)
        }
    }

    func put(_ value: JSONValue) { content = .value(value) }

    /// Encodes any value here.
    func put<Value: Encodable>(_ value: Value) throws {
        trace?.note(value, at: codingPath)
        // Ends a value that contains itself.
        if codingPath.count > JSONValue.maxDepth {
            throw ValidationError([.tooDeep(Array(codingPath.prefix(JSONValue.maxDepth)).pointer)])
        }
        switch DocumentForm.form(of: Value.self) {
        case .simple:
            guard let simple = try simpleValue(value) else { fallthrough }
            content = .value(simple)
        case .encoded: try value.encode(to: self)
        case .unordered:
            try value.encode(to: self)
            if let collection = Value.self as? any UnorderedCollection.Type { sort(groupSize: collection.groupSize) }
        case .named:
            content = .fields([])
            try (value as? any RepresentedKeys)?
                .encodeFields(at: codingPath) { name, value in
                    try addField(DocumentKey(name: name)).put(value)
                }
        case .own:
            if let own = value as? any DocumentRepresentable { content = .value(try own.documentValue(at: codingPath)) }
        case .refused: try DocumentForm.check(Value.self, at: codingPath)
        }
    }

    private func sort(groupSize: Int) {
        switch resolved() {
        case .object(let object):
            var sorted = JSONObject()
            for key in object.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                sorted[key] = object[key]
            }
            content = .value(.object(sorted))
        case .array(let elements):
            let groups = stride(from: 0, to: elements.count, by: groupSize)
                .map { start in
                    let group = elements[start..<min(start + groupSize, elements.count)]
                    return (group, group.flatMap(\.bytes))
                }
            content = .value(.array(groups.sorted { $0.1.lexicographicallyPrecedes($1.1) }.flatMap(\.0)))
        default: break
        }
    }

    private func simpleValue<Value: Encodable>(_ value: Value) throws -> JSONValue? {
        switch value {
        case let value as String: .string(value)
        case let value as Bool: .bool(value)
        case let value as Double: .number(try finite(value))
        case let value as Float: .number(try finite(value))
        case let value as Float16: .number(try finite(value))
        case let value as any FixedWidthInteger: .number(JSONNumber(value))
        default: nil
        }
    }

    func finite(_ value: some BinaryFloatingPoint & LosslessStringConvertible) throws -> JSONNumber {
        guard let number = JSONNumber(value) else {
            throw ValidationError([.notFinite(codingPath.pointer, value)])
        }
        return number
    }

    func child(_ key: any CodingKey) -> EncodingNode { EncodingNode(codingPath: codingPath + [key], trace: trace) }

    func addField(_ key: any CodingKey) -> EncodingNode {
        let node = child(key)
        if case .fields(var fields) = content {
            content = .nothing
            fields.append((key.stringValue, node))
            content = .fields(fields)
        } else {
            content = .fields([(key.stringValue, node)])
        }
        return node
    }

    func addElement() -> EncodingNode {
        let node = child(DocumentKey(index: elementCount))
        if case .elements(var nodes) = content {
            content = .nothing
            nodes.append(node)
            content = .elements(nodes)
        } else {
            content = .elements([node])
        }
        return node
    }

    var elementCount: Int {
        if case .elements(let nodes) = content { nodes.count } else { 0 }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .fields = content {} else { content = .fields([]) }
        return KeyedEncodingContainer(FieldEncodingContainer<Key>(node: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .elements = content {} else { content = .elements([]) }
        return ElementEncodingContainer(node: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { ValueEncodingContainer(node: self) }
}

private struct FieldEncodingContainer<Key: CodingKey>: NullKeepingFields {
    let node: EncodingNode
    var codingPath: [any CodingKey] { node.codingPath }

    mutating func encodeNil(forKey key: Key) { node.addField(key).content = .value(.null) }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try node.addField(key).put(value)
    }
    // The protocol refuses these types unless they are implemented.
    mutating func encode(_ value: Int128, forKey key: Key) throws { try node.addField(key).put(value) }
    mutating func encode(_ value: UInt128, forKey key: Key) throws { try node.addField(key).put(value) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        node.addField(key).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        node.addField(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { node.addField(DocumentKey(name: "super")) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { node.addField(key) }
}

private struct ElementEncodingContainer: UnkeyedEncodingContainer {
    let node: EncodingNode
    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int { node.elementCount }

    mutating func encodeNil() { node.addElement().content = .value(.null) }
    mutating func encode<Value: Encodable>(_ value: Value) throws { try node.addElement().put(value) }
    mutating func encode(_ value: Int128) throws { try node.addElement().put(value) }
    mutating func encode(_ value: UInt128) throws { try node.addElement().put(value) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        node.addElement().container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { node.addElement().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { node.addElement() }
}

private struct ValueEncodingContainer: SingleValueEncodingContainer {
    let node: EncodingNode
    var codingPath: [any CodingKey] { node.codingPath }

    mutating func encodeNil() { node.content = .value(.null) }
    mutating func encode<Value: Encodable>(_ value: Value) throws { try node.put(value) }
    mutating func encode(_ value: Int128) throws { try node.put(value) }
    mutating func encode(_ value: UInt128) throws { try node.put(value) }
}
