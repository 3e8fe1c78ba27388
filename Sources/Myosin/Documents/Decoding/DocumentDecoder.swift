/// Turns JSON into `Decodable` values strictly, and finds all faults of a document in one go.
///
/// Unlike Foundation's decoder it refuses fields that the type does not read and numbers that would lose digits. It also
/// does not stop at the first fault. A document is read up to its first fault, which a type may catch to try something else.
/// If the document is invalid, it is read again. If a value can't be read, the decoder notes the fault, continues with a
/// placeholder and throws all faults at the end. So a placeholder never leaves the decoder.
enum DocumentDecoder {
    /// The maximum number of reported faults.
    static let maxFaults = ValidationError.maxFaults

    /// Decodes a value of any type.
    ///
    /// - Throws: ``ValidationError`` with the pointer and the reason of each fault.
    static func decode<Value: Decodable>(_ type: Value.Type, from document: JSONValue) throws(ValidationError) -> Value
    {
        let first: any Error
        do {
            return try DecodingNode(document, path: [], faults: DecodingFaults(isStrict: true)).take(type)
        } catch {
            first = error
        }
        let faults = DecodingFaults()
        let decoded: Value?
        do {
            decoded = try DecodingNode(document, path: [], faults: faults).take(type)
        } catch {
            if faults.isEmpty { faults.note(ValidationError(decoding: error, at: "")) }
            decoded = nil
        }
        // The lenient pass succeeded only because of placeholders.
        if decoded != nil, faults.isEmpty { faults.note(ValidationError(decoding: first, at: "")) }
        var error = ValidationError(faults.list)
        error.underlying = faults.underlying
        throw error
    }

    /// Finds missing and unknown fields by decoding, even if decoding fails.
    static func complete<Value: Decodable>(_ type: Value.Type, in document: JSONValue, _ completion: DocumentCompletion)
    {
        let faults = DecodingFaults(completion: completion)
        // The caller decodes the completed document and reports the faults.
        _ = try? DecodingNode(document, path: [], faults: faults).takeComposite(type)
    }

    /// The faults that prevent a value from being decoded.
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
    /// The number of values that may still be found invalid when they are read again.
    private var trialsLeft = DocumentDecoder.maxFaults
    /// The number of placeholders that may still be made; the code of a type may request values until it gets none.
    private var placeholdersLeft = 1_000
    let suggestions = NameSuggestions()
    var isEmpty: Bool { list.isEmpty }
    /// Whether no further fault is taken.
    var isFull: Bool { list.count >= DocumentDecoder.maxFaults }
    /// The completion of the document, or nil if it is read as it is.
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

    /// Takes all faults out, and returns the first.
    func takeFirst() -> ValidationError.Fault? {
        defer { list.removeAll() }
        return list.first
    }

    /// The position in the notes at a moment.
    struct Mark {
        let count: Int
        fileprivate let underlying: (any Error)?
        fileprivate let completion: DocumentCompletion.Mark?
    }

    var mark: Mark { Mark(count: list.count, underlying: underlying, completion: completion?.mark) }

    /// Whether a fault was noted, or a field dropped or made up, since a mark.
    func hasTrouble(since mark: Mark) -> Bool {
        if list.count > mark.count { return true }
        guard let completion, let former = mark.completion else { return false }
        return completion.hasForced(since: former)
    }

    /// Removes the notes since a mark.
    func goBack(to mark: Mark) {
        list.removeLast(list.count - mark.count)
        underlying = mark.underlying
        if let former = mark.completion { completion?.goBack(to: former) }
    }

    /// Whether another value may be read again.
    ///
    /// The number is limited for documents of clients, but not for a stored document, which is the program's own.
    var mayTryAgain: Bool { trialsLeft > 0 || completion != nil }

    /// Counts a value that was read again and is invalid.
    func countFailedTrial() { trialsLeft -= 1 }

    /// Returns true while another placeholder may be made.
    func takePlaceholder() -> Bool {
        placeholdersLeft -= 1
        return placeholdersLeft >= 0
    }
}

extension DecodingError {
    /// A fault in the form that other decoders throw.
    init(_ fault: ValidationError.Fault, at path: [any CodingKey], missing key: (any CodingKey)? = nil) {
        let context = Context(codingPath: path, debugDescription: fault.detail)
        switch (fault.code, key) {
        case (.missing, let key?) where (key as? DocumentKey)?.intValue == nil: self = .keyNotFound(key, context)
        case (.missing, let key?):
            self = .valueNotFound(Any.self, Context(codingPath: path + [key], debugDescription: fault.detail))
        case (.type, _): self = .typeMismatch(Any.self, context)
        default: self = .dataCorrupted(context)
        }
    }
}

extension JSONValue {
    /// The value decoded as any type.
    ///
    /// - Throws: the first fault.
    package func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try DecodingNode(self, path: [], faults: DecodingFaults(isStrict: true)).take(type)
    }
}

/// Thrown, after the fault was noted, to leave a type without a placeholder.
struct Abandoned: Error {}

struct FieldDecodingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: DecodingNode
    let fields: JSONObject
    var codingPath: [any CodingKey] { node.codingPath }

    /// A type that requests the list of fields, a dictionary for example, takes all of them.
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
        let value = try child(key).take(type)
        node.nested.leave(key)
        return value
    }

    // Valid values of the most common types are read without a node of their own.

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

    /// The value of a field, which counts as read then, or nil if there is none.
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
        try nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try nested(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try nested(DocumentKey(name: "super")) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try nested(key) }

    /// The node of a place that the type reads itself.
    private func nested(_ key: any CodingKey) throws -> DecodingNode { try node.nested.node(key) { try child(key) } }
}

struct ElementDecodingContainer: UnkeyedDecodingContainer {
    let node: DecodingNode
    let elements: [JSONValue]
    var currentIndex = 0
    /// The number of failed attempts at the next element.
    private var failedTrials = 0
    private static let maxTrials = 100
    /// The maximum number of elements that are made up after the last one.
    private static let maxPlaceholders = 16
    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    init(node: DecodingNode, elements: [JSONValue]) { (self.node, self.elements) = (node, elements) }

    /// Reads the next element, and stays there if that fails.
    private mutating func next<Result>(
        isNested: Bool = false,
        _ read: (DecodingNode) throws -> Result
    ) throws -> Result {
        let key = DocumentKey(index: currentIndex)
        guard currentIndex < elements.count else {
            node.note(.missing((codingPath + [key]).pointer))
            if currentIndex - elements.count >= Self.maxPlaceholders { throw Abandoned() }
            let result = try read(try node.placeholder(key))
            currentIndex += 1
            return result
        }
        do {
            let child = node.child(key, elements[currentIndex])
            let result = try read(isNested ? node.nested.node(key) { child } : child)
            if !isNested { node.nested.leave(key) }
            (currentIndex, failedTrials) = (currentIndex + 1, 0)
            return result
        } catch {
            failedTrials += 1
            // Ends a loop that ignores unreadable elements.
            if failedTrials == Self.maxTrials { (currentIndex, failedTrials) = (currentIndex + 1, 0) }
            throw error
        }
    }

    mutating func decodeNil() throws -> Bool {
        guard currentIndex < elements.count, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next { try $0.take(type) } }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try next { try $0.take(type) } }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try next { try $0.take(type) } }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try next(isNested: true) { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next(isNested: true) { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try next(isNested: true) { $0 } }
}

struct ValueDecodingContainer: SingleValueDecodingContainer {
    let node: DecodingNode
    var codingPath: [any CodingKey] { node.codingPath }

    func decodeNil() -> Bool { node.value == .null }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try node.take(type) }
    func decode(_ type: Int128.Type) throws -> Int128 { try node.take(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try node.take(type) }
}
