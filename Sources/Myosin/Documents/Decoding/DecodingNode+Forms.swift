extension DecodingNode {
    /// Decodes a type in its form in documents.
    func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
        switch DocumentForm.form(of: type) {
        case .simple, .encoded: try Value(from: self)
        case .unordered: try takeUnordered(type)
        case .named: try takeNamed(type)
        case .own: try takeOwnForm(type)
        case .refused: try refuse(type)
        }
    }

    /// Reads the type's own form, or returns its placeholder.
    private func takeOwnForm<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let own = type as? any DocumentRepresentable.Type else { throw Abandoned() }
        if !isPlaceholder {
            do throws(ValidationError) {
                guard let result = try own.init(documentValue: value) as? Value else { throw ValidationError([]) }
                return result
            } catch {
                // An error without faults counts too: the placeholder must not stay.
                let faults = error.faults.isEmpty ? ValidationError("", "is not valid").faults : error.faults
                for fault in ValidationError(faults).below(codingPath.pointer).faults { note(fault) }
            }
            try stopIfRefused()
        }
        guard let placeholder = own.documentPlaceholder as? Value else { throw Abandoned() }
        return placeholder
    }

    /// Reads a dictionary or set, and refuses a key that is there twice.
    private func takeUnordered<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let mark = faults.mark
        let result = try Value(from: self)
        if let kept = (result as? any UnorderedCollection)?.keyCount, let sent = value.keyCount, sent > kept,
            !faults.hasTrouble(since: mark)
        {
            let detail = "must have each key once, got \(sent) keys, only \(kept) of them different"
            note(.init(pointer: codingPath.pointer, detail: detail, code: .duplicate))
            try stopIfRefused()
        }
        return result
    }

    /// Reads a dictionary with the names of an object as keys.
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

    /// Notes the fault of a type without a form in documents, and leaves the type; does nothing for other types.
    func check<Value>(_ type: Value.Type, at path: @autoclosure () -> [any CodingKey]) throws(Abandoned) {
        do throws(ValidationError) {
            try DocumentForm.check(type, at: path())
        } catch {
            for fault in error.faults { note(fault) }
            throw Abandoned()
        }
    }
}

extension KeyedDecodingContainer {
    /// Decodes a type that is known only at run time.
    fileprivate func decodeAny(_ type: any Decodable.Type, forKey key: Key) throws -> Any {
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Any { try self.decode(type, forKey: key) }
        return try decode(type)
    }
}

extension JSONValue {
    /// The number of keys in a document of a dictionary: the names of an object, or every second element of an array.
    fileprivate var keyCount: Int? {
        switch self {
        case .object(let object): object.count
        case .array(let elements): elements.count / 2
        default: nil
        }
    }
}
