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

    /// How many types are being decoded right here: an optional and what it wraps are two.
    private var takesUnderWay = 0

    init(_ value: JSONValue, path: [any CodingKey], faults: DecodingFaults, isPlaceholder: Bool = false) {
        (self.value, codingPath, self.faults, self.isPlaceholder) = (value, path, faults, isPlaceholder)
    }

    func note(_ fault: @autoclosure () -> ValidationError.Fault) {
        if !isPlaceholder { faults.note(fault()) }
    }

    /// Throws what was noted, where the first fault ends the reading.
    private func stopIfRefused() throws {
        if faults.isStrict, let fault = faults.takeFirst() { throw DecodingError(fault, at: codingPath) }
    }

    private func refuse(_ expectation: String, _ code: ValidationError.Code = .type) {
        note(
            .init(pointer: codingPath.pointer, detail: "must be \(expectation), got \(value.mention)", code: code)
        )
    }

    func placeholder(_ key: any CodingKey) throws -> DecodingNode {
        try stopIfRefused()
        // Types that contain themselves without end can't be made of nothing.
        guard codingPath.count < 128 else { throw Abandoned() }
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
        if faults.isStrict { return try takeStrictly(type) }
        let faultsBefore = faults.list.count
        do {
            let result = try takeWithPlaceholders(type, faultsBefore)
            if faults.list.count > faultsBefore, let result = strictValue(type) {
                faults.forget(after: faultsBefore)
                return result
            }
            return result
        } catch {
            guard let result = strictValue(type) else { throw error }
            faults.forget(after: faultsBefore)
            return result
        }
    }

    /// Decodes a type until the first fault, which its own code may catch to try something else.
    private func takeStrictly<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let formerFields = fieldsRead
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
            fieldsRead = formerFields
            throw error
        }
    }

    /// The value of a type that is right here, although one of its trials was not; nil if it is not right.
    private func strictValue<Value: Decodable>(_ type: Value.Type) -> Value? {
        guard !isPlaceholder, !codingPath.isEmpty, faults.takeTrial() else { return nil }
        // The fault is known already.
        return try? DecodingNode(value, path: codingPath, faults: DecodingFaults(isStrict: true)).takeStrictly(type)
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

    private func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
        switch DocumentForm.form(of: type) {
        case .simple, .encoded, .unordered: try Value(from: self)
        case .named: try takeNamed(type)
        case .own: try takeOwnForm(type)
        case .refused: try refuse(type)
        }
    }

    /// Reads the type's own form, with a placeholder where that is not what is here.
    private func takeOwnForm<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let own = type as? any DocumentRepresentable.Type else { throw Abandoned() }
        if !isPlaceholder {
            do throws(ValidationError) {
                guard let result = try own.init(documentValue: value) as? Value else { throw ValidationError([]) }
                return result
            } catch {
                // An error without faults is one too: the placeholder must not stay.
                let faults = error.faults.isEmpty ? ValidationError("", "is not valid").faults : error.faults
                for fault in ValidationError(faults).below(codingPath.pointer).faults { note(fault) }
            }
            try stopIfRefused()
        }
        guard let placeholder = own.documentPlaceholder as? Value else { throw Abandoned() }
        return placeholder
    }

    /// Reads a dictionary whose keys are the names of an object.
    private func takeNamed<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let dictionary = type as? any RepresentedKeys.Type else { throw Abandoned() }
        let fields = try container(keyedBy: DocumentKey.self)
        let result = try dictionary.decodeFields(
            fields.allKeys.map(\.stringValue),
            { name, held in try fields.decodeAny(held, forKey: DocumentKey(name: name)) },
            refuse: { name, error in
                for fault in error.below((codingPath + [DocumentKey(name: name)]).pointer).faults { note(fault) }
            }
        )
        try stopIfRefused()
        guard let result = result as? Value else { throw Abandoned() }
        return result
    }

    private func refuse<Value>(_ type: Value.Type) throws(Abandoned) -> Value {
        try check(type, at: codingPath)
        throw Abandoned()
    }

    /// Notes that a type cannot stand in documents, and leaves it; does nothing for other types.
    func check<Value>(_ type: Value.Type, at path: @autoclosure () -> [any CodingKey]) throws(Abandoned) {
        do throws(ValidationError) {
            try DocumentForm.check(type, at: path())
        } catch {
            for fault in error.faults { note(fault) }
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

    /// What completes the document at this place; nil where nothing does.
    var completion: DocumentCompletion? { isPlaceholder ? nil : faults.completion }

    private func noteUnreadFields() {
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

    // MARK: Simple values

    /// The value as one of the types that JSON has, a placeholder where it is not, nil for all other types.
    private func simpleValue<Value: Decodable>(_ type: Value.Type) -> (any Decodable)? {
        switch type {
        case is Bool.Type: boolean()
        case is String.Type: string()
        case is Double.Type: floatingPoint(Double.self)
        case is Float.Type: floatingPoint(Float.self)
        case let type as any (FixedWidthInteger & Decodable).Type: integer(type)
        case is ModelID.Type: identity()
        default: nil
        }
    }

    private func identity() -> ModelID {
        switch value {
        case .string(let text): return ModelID(text)
        case .number(let number):
            if let whole = number.integer(Int.self) { return ModelID(whole) }
            fallthrough
        default:
            refuse("a string or an integer")
            return ModelID("")
        }
    }

    private func boolean() -> Bool {
        if case .bool(let flag) = value { return flag }
        refuse("true or false")
        return false
    }

    private func string() -> String {
        if case .string(let text) = value { return text }
        refuse("a string")
        return ""
    }

    private func floatingPoint<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ type: Number.Type) -> Number {
        guard case .number(let number) = value else {
            refuse("a number")
            return 0
        }
        if let exact = number.floatingPoint(type) { return exact }
        refuse("a number that a \(type) holds exactly", .range)
        return 0
    }

    private func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
        guard case .number(let number) = value, number.isInteger else {
            refuse("an integer")
            return 0
        }
        if let exact = number.integer(type) { return exact }
        refuse("between \(Number.min) and \(Number.max)", .range)
        return 0
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
            return ElementDecodingContainer(node: self, elements: [])
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

extension KeyedDecodingContainer {
    /// Decodes a type that is known only when the program runs.
    fileprivate func decodeAny(_ type: any Decodable.Type, forKey key: Key) throws -> Any {
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Any { try self.decode(type, forKey: key) }
        return try decode(type)
    }
}
