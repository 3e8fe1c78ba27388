internal import Myosin

/// One place of a document: a `Decoder` that returns its value and notes the requests of a type.
struct LearningDecoder: Decoder, JSONSource {
    let learner: SchemaLearner
    let place: LearnedPlace
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let fields) = value else { throw mismatch(type, "an object") }
        place.isObject = true
        if fields.isEmpty { place.hasBeenEmpty = true }
        return KeyedDecodingContainer(LearningFields<Key>(node: self, fields: fields))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch([JSONValue].self, "an array") }
        place.beArray()
        return LearningElements(node: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { LearningValue(node: self) }

    func takeEverything() -> JSONValue {
        place.takesAnything = true
        return value
    }

    private func mismatch(_ type: Any.Type, _ expectation: String) -> DecodingError {
        place.hasFailed = true
        let context = DecodingError.Context(
            codingPath: codingPath,
            debugDescription: "must be \(expectation), got \(value.mention)"
        )
        return .typeMismatch(type, context)
    }
}

/// The fields of an object.
private struct LearningFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: LearningDecoder
    let fields: JSONObject
    var codingPath: [any CodingKey] { node.codingPath }

    var allKeys: [Key] {
        node.place.noteAllKeys(Key.self)
        return fields.keys.compactMap { Key(stringValue: $0) }
    }

    func contains(_ key: Key) -> Bool {
        node.place.field(key) { $0.isRequired = false }
        return fields[key.stringValue] != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        node.place.field(key) { ($0.isRequired, $0.isNullable) = (false, true) }
        return (fields[key.stringValue] ?? .null) == .null
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try required(type, key) }

    private func required<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value {
        let place = node.place.field(key)
        guard let value = fields[key.stringValue] else {
            place.ask(type)
            throw missing(key)
        }
        return try take(type, from: value, key, place)
    }

    /// Reads the value of a field, which may be one of very many members of a dictionary.
    private func take<Value: Decodable>(
        _ type: Value.Type,
        from value: JSONValue,
        _ key: Key,
        _ place: LearnedPlace
    ) throws -> Value {
        let number = node.place.fields.count - 1
        return try node.learner.take(type, from: value, at: codingPath + [key], for: place, number: number)
    }

    private func missing(_ key: some CodingKey) -> DecodingError {
        // A type that catches this error does without the field.
        node.place.field(key) { $0.isRequired = false }
        return .keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        let place = node.place.field(key) { ($0.isRequired, $0.isNullable) = (false, true) }
        place.ask(type)
        guard let value = fields[key.stringValue], value != .null else { return nil }
        return try take(type, from: value, key, place)
    }

    // The protocol has one requirement per simple type, and the default implementations do not name the type of a nil field.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try simple(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try simple(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try simple(type, key) }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try simple(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try simple(type, key) }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try simple(type, key) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try simple(type, key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try simple(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try simple(type, key) }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try simple(type, key) }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try simple(type, key) }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try simple(type, key) }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try simple(type, key) }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try simple(type, key) }
    func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? { try simple(type, key) }
    func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? { try simple(type, key) }

    // Without these the protocol refuses them.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try required(type, key) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try required(type, key) }

    private func simple<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value? {
        let value: Value? = try decodeIfPresent(type, forKey: key)
        return value
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try decoder(SuperKey()) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

    private func decoder(_ key: some CodingKey) throws -> LearningDecoder {
        let place = node.place.field(key)
        guard let value = fields[key.stringValue] else { throw missing(key) }
        return LearningDecoder(learner: node.learner, place: place, value: value, codingPath: codingPath + [key])
    }
}

/// The field of a superclass.
private struct SuperKey: CodingKey {
    let stringValue = "super"
    let intValue: Int? = nil

    init() {}
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
}

/// The elements of an array.
private struct LearningElements: UnkeyedDecodingContainer {
    let node: LearningDecoder
    let elements: [JSONValue]
    var currentIndex = 0
    var codingPath: [any CodingKey] { node.codingPath }

    init(node: LearningDecoder, elements: [JSONValue]) { (self.node, self.elements) = (node, elements) }

    var count: Int? {
        node.place.beList()
        return elements.count
    }

    var isAtEnd: Bool {
        node.place.beList()
        return currentIndex >= elements.count
    }

    private func next() throws -> (value: JSONValue, place: LearnedPlace, path: [any CodingKey]) {
        let path: [any CodingKey] = codingPath + [IndexKey(currentIndex)]
        guard currentIndex < elements.count else {
            throw DecodingError.valueNotFound(Any.self, .init(codingPath: path, debugDescription: "is missing"))
        }
        return (elements[currentIndex], node.place.element(currentIndex), path)
    }

    mutating func decodeNil() throws -> Bool {
        guard currentIndex < elements.count else { return false }
        node.place.element(currentIndex).isNullable = true
        guard elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try take(type) }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try take(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try take(type) }

    private mutating func take<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (value, place, path) = try next()
        let result = try node.learner.take(type, from: value, at: path, for: place, number: currentIndex)
        currentIndex += 1
        return result
    }

    private mutating func take<Result>(_ read: (LearningDecoder) throws -> Result) throws -> Result {
        let (value, place, path) = try next()
        let result = try read(LearningDecoder(learner: node.learner, place: place, value: value, codingPath: path))
        currentIndex += 1
        return result
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try take { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try take { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try take { $0 } }
}

/// The position of an element.
private struct IndexKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ index: Int) { (stringValue, intValue) = ("\(index)", index) }
    init?(stringValue: String) { nil }
    init(intValue: Int) { self.init(intValue) }
}

/// A value other than a container, or any value of one type.
private struct LearningValue: SingleValueDecodingContainer {
    let node: LearningDecoder
    var codingPath: [any CodingKey] { node.codingPath }

    func decodeNil() -> Bool {
        node.place.isNullable = true
        return node.value == .null
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try take(type) }
    func decode(_ type: Int128.Type) throws -> Int128 { try take(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try take(type) }

    private func take<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try node.learner.take(type, from: node.value, at: codingPath, for: node.place)
    }
}
