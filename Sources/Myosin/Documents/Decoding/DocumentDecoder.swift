/// Turns JSON into `Decodable` values, strictly, and finds all faults of a document in one go.
///
/// Unlike Foundation's decoder it refuses fields that the type does not read and numbers that would lose digits, and
/// it does not stop at the first fault. A document is read up to its first fault, which a type may catch to try something else.
/// If the document turns out to be wrong it is read again: where a value can't be read the decoder notes why, goes on with a
/// placeholder and throws everything it noted at the end. A placeholder therefore never leaves the decoder.
enum DocumentDecoder {
    /// How many faults are told at most.
    static let maxFaults = ValidationError.maxFaults

    /// Decodes a model, or anything else that decodes itself: no number, string or boolean.
    ///
    /// - Throws: ``ValidationError`` with the pointer and the reason of every fault.
    static func decode<Value: Decodable>(_ type: Value.Type, from document: JSONValue) throws(ValidationError) -> Value
    {
        let first: any Error
        do {
            return try DecodingNode(document, path: [], faults: DecodingFaults(isStrict: true)).takeComposite(type)
        } catch {
            first = error
        }
        let faults = DecodingFaults()
        let decoded: Value?
        do {
            decoded = try DecodingNode(document, path: [], faults: faults).takeComposite(type)
        } catch {
            if faults.isEmpty { faults.note(ValidationError(decoding: error, at: "")) }
            decoded = nil
        }
        // Right only with placeholders in it.
        if decoded != nil, faults.isEmpty { faults.note(ValidationError(decoding: first, at: "")) }
        var error = ValidationError(faults.list)
        error.underlying = faults.underlying
        throw error
    }

    /// Finds out what a document lacks and has too much, by decoding it; whether that succeeds does not matter.
    static func complete<Value: Decodable>(_ type: Value.Type, in document: JSONValue, _ completion: DocumentCompletion)
    {
        let faults = DecodingFaults(completion: completion)
        // The caller decodes the completed document, which tells the faults.
        _ = try? DecodingNode(document, path: [], faults: faults).takeComposite(type)
    }

    /// What keeps a value from being decoded.
    static func faults<Value: Decodable>(of type: Value.Type, in document: JSONValue) -> [ValidationError.Fault] {
        do {
            _ = try decode(type, from: document)
            return []
        } catch {
            return error.faults
        }
    }
}

/// The faults noted so far.
final class DecodingFaults {
    /// Whether the first fault ends the reading, unless the type catches it.
    let isStrict: Bool
    private(set) var list: [ValidationError.Fault] = []
    /// The first error of another type.
    private(set) var underlying: (any Error)?
    /// How many values may be read once more, up to their first fault.
    private var trialsLeft = DocumentDecoder.maxFaults
    let suggestions = NameSuggestions()
    var isEmpty: Bool { list.isEmpty }
    /// Whether no further one is taken.
    var isFull: Bool { list.count >= DocumentDecoder.maxFaults }
    /// What completes the document; nil where it is read as it is.
    let completion: DocumentCompletion?

    init(isStrict: Bool = false, completion: DocumentCompletion? = nil) {
        (self.isStrict, self.completion) = (isStrict, completion)
    }

    func note(_ fault: ValidationError.Fault) {
        if !isFull { list.append(fault) }
    }

    func note(_ error: ValidationError) {
        for fault in error.faults { note(fault) }
        underlying = underlying ?? error.underlying
    }

    /// Takes all faults out, and gives the first.
    func takeFirst() -> ValidationError.Fault? {
        defer { list.removeAll() }
        return list.first
    }

    /// Forgets all faults but so many.
    func forget(after count: Int) { list.removeLast(list.count - count) }

    /// Whether one more value may be read once more.
    func takeTrial() -> Bool {
        trialsLeft -= 1
        return trialsLeft >= 0
    }
}

extension DecodingError {
    /// A fault, as other decoders throw it.
    init(_ fault: ValidationError.Fault, at path: [any CodingKey]) {
        let context = Context(codingPath: path, debugDescription: fault.detail)
        self = fault.code == .type ? .typeMismatch(Any.self, context) : .dataCorrupted(context)
    }
}

extension JSONValue {
    /// The value as one of any type.
    ///
    /// - Throws: the first fault.
    package func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try DecodingNode(self, path: [], faults: DecodingFaults(isStrict: true)).take(type)
    }
}

/// Thrown to leave a type whose placeholder can't be made, after the fault was noted.
struct Abandoned: Error {}

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

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        if case .null = read(key) ?? .null {
            // The type is refused before there is a value.
            try node.check(type, at: codingPath + [key])
            return nil
        }
        return try decode(type, forKey: key)
    }

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

    // Without these the protocol refuses them.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try child(key).take(type) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try child(key).take(type) }

    /// The value of a field, which the type knows now; nil where there is none.
    private func read(_ key: any CodingKey) -> JSONValue? {
        let name = key.stringValue
        let position = fields.position(of: name, probably: node.nextPosition)
        node.markRead(name, at: position)
        return position.map { fields.value(at: $0) }
    }

    private func child(_ key: any CodingKey) throws -> DecodingNode {
        if let value = read(key) { return node.child(key, value) }
        if let value = node.completion?.need(key, at: codingPath) { return node.child(key, value) }
        node.note(.missing((codingPath + [key]).pointer))
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
            node.note(.missing((codingPath + [key]).pointer))
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
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try nextNode().take(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try nextNode().take(type) }

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
    func decode(_ type: Int128.Type) throws -> Int128 { try node.take(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try node.take(type) }
}
