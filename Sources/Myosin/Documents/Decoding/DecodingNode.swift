/// One place in the document: what the `Decoder` protocol reads from.
final class DecodingNode: Decoder, JSONSource {
    let value: JSONValue
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]
    let faults: DecodingFaults
    /// A placeholder is being made here: nothing is noted, since the fault that led to it was.
    let isPlaceholder: Bool
    /// What the type asked for; nil while it has asked for no fields.
    private var fieldsRead: FieldsRead?
    private struct FieldsRead {
        /// For each field of the object, in its order.
        var isRead: [Bool]
        /// The names that the object does not have.
        var missed: Set<String> = []
    }

    /// The place after the field that the type asked for last: most types ask in the order of the document.
    private(set) var nextPosition = 0

    /// The places inside that the type reads by nested containers or decoders.
    var nested = NestedNodes()
    /// Whether a type was decoded here, which has noted the fields that it did not read.
    private var isTaken = false

    /// How many types are being decoded right here: an optional and what it wraps are two.
    private var takesUnderWay = 0

    init(_ value: JSONValue, path: [any CodingKey], faults: DecodingFaults, isPlaceholder: Bool = false) {
        (self.value, codingPath, self.faults, self.isPlaceholder) = (value, path, faults, isPlaceholder)
    }

    func note(_ fault: @autoclosure () -> ValidationError.Fault) {
        if !isPlaceholder { faults.note(fault()) }
    }

    /// Throws the first noted fault in the strict pass.
    ///
    /// - Parameter key: the field or element that may be missing.
    /// - Throws: the fault as a `DecodingError`.
    func stopIfRefused(missing key: (any CodingKey)? = nil) throws {
        if faults.isStrict, let fault = faults.takeFirst() { throw DecodingError(fault, at: codingPath, missing: key) }
    }

    func refuse(_ expectation: String, _ code: ValidationError.Code = .type) {
        note(
            .init(pointer: codingPath.pointer, detail: "must be \(expectation), got \(value.mention)", code: code)
        )
    }

    func placeholder(_ key: any CodingKey) throws -> DecodingNode {
        try stopIfRefused(missing: key)
        // Types that contain themselves without end can't be made of nothing.
        guard codingPath.count < 128, faults.takePlaceholder() else { throw Abandoned() }
        return DecodingNode(.null, path: codingPath + [key], faults: faults, isPlaceholder: true)
    }

    func child(_ key: any CodingKey, _ value: JSONValue) -> DecodingNode {
        DecodingNode(value, path: codingPath + [key], faults: faults, isPlaceholder: isPlaceholder)
    }

    /// Decodes any type here, with a placeholder where that fails and one can be made.
    func take<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // Two steps: "no simple value" cast to an optional type would succeed, as nil.
        if DocumentForm.form(of: type) == .simple, let simple = simpleValue(type), let value = simple as? Value {
            try stopIfRefused()
            return value
        }
        return try takeComposite(type)
    }

    /// Decodes a type that is none of those that JSON has.
    func takeComposite<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let result = try faults.isStrict ? takeStrictly(type) : takeLeniently(type)
        isTaken = true
        return result
    }

    /// Decodes a type and notes all of its faults.
    private func takeLeniently<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let mark = faults.mark
        do {
            let result = try takeWithPlaceholders(type, mark.count)
            guard faults.hasTrouble(since: mark), let right = strictValue(type) else { return result }
            faults.goBack(to: mark)
            return right
        } catch {
            guard let result = strictValue(type) else { throw error }
            faults.goBack(to: mark)
            return result
        }
    }

    /// Decodes a type until the first fault, which its own code may catch to try something else.
    private func takeStrictly<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (formerFields, formerNodes) = (fieldsRead, nested)
        takesUnderWay += 1
        defer { takesUnderWay -= 1 }
        do {
            let result = try read(type)
            if takesUnderWay == 1 {
                noteUnreadFields()
                try stopIfRefused()
            }
            return result
        } catch {
            (fieldsRead, nested) = (formerFields, formerNodes)
            throw error
        }
    }

    /// The value read strictly, in case only a trial failed, or nil if it is invalid.
    private func strictValue<Value: Decodable>(_ type: Value.Type) -> Value? {
        // A whole document was read strictly before, except at a migration.
        guard !isPlaceholder, !codingPath.isEmpty || completion != nil, faults.mayTryAgain else { return nil }
        do {
            return try DecodingNode(value, path: codingPath, faults: DecodingFaults(isStrict: true)).takeStrictly(type)
        } catch {
            // The fault is known already.
            faults.countFailedTrial()
            return nil
        }
    }

    private func takeWithPlaceholders<Value: Decodable>(_ type: Value.Type, _ faultsBefore: Int) throws -> Value {
        takesUnderWay += 1
        defer { takesUnderWay -= 1 }
        do {
            let result = try read(type)
            if takesUnderWay == 1 { noteUnreadFields() }
            return result
        } catch {
            if !(error is Abandoned), faults.list.count == faultsBefore { noteRefusal(error, of: type) }
            if let enumeration = type as? any CaseIterable.Type, let first = enumeration.firstCase as? Value {
                return first
            }
            throw Abandoned()
        }
    }

    private func noteRefusal(_ error: any Error, of type: any Decodable.Type) {
        if let texts = (type as? any CaseIterable.Type)?.caseTexts {
            let got = if case .string(let text) = value { text.quoted } else { value.mention }
            note(.choice(codingPath.pointer, among: texts, got: got))
        } else {
            if !isPlaceholder { faults.note(ValidationError(decoding: error, at: codingPath.pointer)) }
        }
    }

    /// The completion of the document at this place, or nil if there is none.
    var completion: DocumentCompletion? { isPlaceholder ? nil : faults.completion }

    private func noteUnreadFields() {
        noteOwnUnreadFields()
        nested.forEach { if !$0.isTaken { $0.noteUnreadFields() } }
    }

    private func noteOwnUnreadFields() {
        if let completion { return complete(by: completion) }
        guard let fieldsRead, fieldsRead.isRead.contains(false), case .object(let object) = value else { return }
        // Those that are free to be meant, of which only some can be told.
        let free = fieldsRead.missed.sorted()
        for (key, isRead) in zip(object.keys, fieldsRead.isRead) where !isRead {
            if faults.isFull { return }
            let pointer = (codingPath + [DocumentKey(name: key)]).pointer
            note(.unknown(pointer, meant: faults.suggestions.name(meantBy: key, among: free)))
        }
    }

    private func complete(by completion: DocumentCompletion) {
        guard let fieldsRead, case .object(let object) = value else { return }
        let fields = zip(object.keys, fieldsRead.isRead)
        completion.note(
            missed: fieldsRead.missed,
            read: fields.filter(\.1).map(\.0),
            unread: fields.filter { !$0.1 }.map(\.0),
            at: codingPath
        )
    }

    /// Notes that the type asked for a field.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - position: its place in the object; nil where it is not there.
    func markRead(_ name: String, at position: Int?) {
        if let position {
            fieldsRead?.isRead[position] = true
            nextPosition = position + 1
        } else {
            fieldsRead?.missed.insert(name)
        }
    }

    /// Notes that the type asked for all fields.
    func markAllRead() {
        guard case .object(let object) = value else { return }
        fieldsRead = FieldsRead(isRead: Array(repeating: true, count: object.count), missed: fieldsRead?.missed ?? [])
    }

    func takeEverything() -> JSONValue {
        markAllRead()
        return value
    }

    // MARK: Containers

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let fields) = value else {
            refuse("an object")
            try stopIfRefused()
            let placeholder = DecodingNode(.null, path: codingPath, faults: faults, isPlaceholder: true)
            return KeyedDecodingContainer(FieldDecodingContainer<Key>(node: placeholder, fields: JSONObject()))
        }
        if fieldsRead == nil { fieldsRead = FieldsRead(isRead: Array(repeating: false, count: fields.count)) }
        return KeyedDecodingContainer(FieldDecodingContainer<Key>(node: self, fields: fields))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else {
            refuse("an array")
            try stopIfRefused()
            let placeholder = DecodingNode(.null, path: codingPath, faults: faults, isPlaceholder: true)
            return ElementDecodingContainer(node: placeholder, elements: [])
        }
        return ElementDecodingContainer(node: self, elements: elements)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { ValueDecodingContainer(node: self) }
}

extension CaseIterable {
    fileprivate static var firstCase: Any? { allCases.first }

    /// The cases as JSON, where they are strings or numbers.
    fileprivate static var caseTexts: [String]? {
        let texts = allCases.compactMap { element -> String? in
            switch (element as? any RawRepresentable)?.rawValue {
            case let text as String: text.quoted
            case let number as any FixedWidthInteger: "\(number)"
            default: nil
            }
        }
        return texts.isEmpty ? nil : texts
    }
}
