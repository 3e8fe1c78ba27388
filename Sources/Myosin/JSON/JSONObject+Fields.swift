internal import Primitives

/// Fields of nested objects, and fields as Swift types, for migrations.
///
/// The functions that read a field throw if it is not as expected. The migration then stops, the stored document stays as it is,
/// and the error names the field. For a field that may be missing, use `document["name"]?.string`, which is nil then.
extension JSONObject {
    /// The value of a field of a nested object, or nil if there is none.
    ///
    /// Setting a value makes the objects on the way and replaces anything else there by an object. Setting nil removes the field.
    public subscript(_ first: String, _ second: String, _ more: String...) -> JSONValue? {
        get { JSONValue.object(self).field([first, second] + more) }
        set { set(newValue, at: ([first, second] + more)[...]) }
    }

    /// Removes a field, which may be one of a nested object.
    ///
    /// - Parameters:
    ///   - name: the name of the field, or of the first object on the way to it.
    ///   - more: the further names on the way.
    /// - Returns: its former value, or nil if there is no such field.
    @discardableResult
    public mutating func remove(_ name: String, _ more: String...) -> JSONValue? {
        let path = [name] + more
        let value = JSONValue.object(self).field(path)
        if value != nil { set(nil, at: path[...]) }
        return value
    }

    /// Replaces the value of a field by another one, for renamed cases of an enumeration: `["eco": "economy"]`.
    ///
    /// - Parameters:
    ///   - name: the name of the field, or of the first object on the way to it.
    ///   - more: the further names on the way.
    ///   - translation: the new value for each former one; any other value stays.
    public mutating func translate(
        _ name: String,
        _ more: String...,
        by translation: KeyValuePairs<JSONValue, JSONValue>
    ) {
        let path = [name] + more
        guard let value = JSONValue.object(self).field(path),
            let new = translation.first(where: { $0.key == value })?.value
        else { return }
        set(new, at: path[...])
    }

    /// Changes each object of an array, or of an object that is used as a dictionary.
    ///
    /// - Parameters:
    ///   - name: the name of the field, or of the first object on the way to it.
    ///   - more: the further names on the way.
    ///   - change: a closure that changes an element; elements that are not objects stay.
    /// - Throws: the closure's error.
    public mutating func updateEach(
        _ name: String,
        _ more: String...,
        change: (inout JSONObject) throws -> Void
    ) rethrows {
        func changed(_ element: JSONValue) throws -> JSONValue {
            guard case .object(var fields) = element else { return element }
            try change(&fields)
            return .object(fields)
        }
        let path = [name] + more
        switch JSONValue.object(self).field(path) {
        case .array(let elements): set(.array(try elements.map(changed)), at: path[...])
        case .object(var fields):
            for (key, element) in fields { fields[key] = try changed(element) }
            set(.object(fields), at: path[...])
        default: break
        }
    }

    // MARK: Fields as Swift's types

    /// The string of a field.
    ///
    /// - Parameters:
    ///   - name: the name of the field, or of the first object on the way to it.
    ///   - more: the further names on the way.
    /// - Returns: the string.
    /// - Throws: ``ValidationError`` with the pointer of the field that is missing or not a string.
    public func string(_ name: String, _ more: String...) throws(ValidationError) -> String {
        try read([name] + more, "a string", \.string)
    }

    /// The boolean of a field.
    ///
    /// - Parameters:
    ///   - name: the name of the field, or of the first object on the way to it.
    ///   - more: the further names on the way.
    /// - Returns: the boolean.
    /// - Throws: ``ValidationError`` with the pointer of the field that is missing or not a boolean.
    public func bool(_ name: String, _ more: String...) throws(ValidationError) -> Bool {
        try read([name] + more, "true or false", \.bool)
    }

    /// The whole number of a field.
    ///
    /// - Parameters:
    ///   - name: the name of the field, or of the first object on the way to it.
    ///   - more: the further names on the way.
    /// - Returns: the exact number of the document.
    /// - Throws: ``ValidationError`` with the pointer of the field that is missing, or not a number that an `Int` holds.
    public func int(_ name: String, _ more: String...) throws(ValidationError) -> Int {
        try read([name] + more, "an integer", \.int, range: "between \(Int.min) and \(Int.max)") { $0.isInteger }
    }

    /// The number of a field.
    ///
    /// - Parameters:
    ///   - name: the name of the field, or of the first object on the way to it.
    ///   - more: the further names on the way.
    /// - Returns: the exact number of the document.
    /// - Throws: ``ValidationError`` with the pointer of the field that is missing, or not a number that a `Double` holds exactly.
    public func double(_ name: String, _ more: String...) throws(ValidationError) -> Double {
        try read([name] + more, "a number", \.double, range: "a number that a Double holds exactly") { _ in true }
    }

    /// The elements of a field.
    ///
    /// - Parameters:
    ///   - name: the name of the field, or of the first object on the way to it.
    ///   - more: the further names on the way.
    /// - Returns: the elements.
    /// - Throws: ``ValidationError`` with the pointer of the field that is missing or not an array.
    public func array(_ name: String, _ more: String...) throws(ValidationError) -> [JSONValue] {
        try read([name] + more, "an array", \.array)
    }

    /// The fields of a nested object.
    ///
    /// - Parameters:
    ///   - name: the name of the field, or of the first object on the way to it.
    ///   - more: the further names on the way.
    /// - Returns: the object.
    /// - Throws: ``ValidationError`` with the pointer of the field that is missing or not an object.
    public func object(_ name: String, _ more: String...) throws(ValidationError) -> JSONObject {
        try read([name] + more, "an object", \.object)
    }

    private func read<Content>(
        _ path: [String],
        _ expectation: String,
        _ content: (JSONValue) -> Content?,
        range: String? = nil,
        isKind: (JSONNumber) -> Bool = { _ in false }
    ) throws(ValidationError) -> Content {
        var value = JSONValue.object(self)
        for (index, name) in path.enumerated() {
            guard case .object(let fields) = value else {
                let detail = "must be an object, got \(value.mention)"
                throw ValidationError(path[..<index].pointer, detail, code: .type)
            }
            guard let next = fields[name] else { throw ValidationError([.missing(path.pointer)]) }
            value = next
        }
        if let content = content(value) { return content }
        if let range, case .number(let number) = value, isKind(number) {
            throw ValidationError(path.pointer, "must be \(range), got \(value.mention)", code: .range)
        }
        throw ValidationError(path.pointer, "must be \(expectation), got \(value.mention)", code: .type)
    }

    // MARK: Places

    /// Puts a value at a path of names, or removes the field for nil.
    mutating func set(_ value: JSONValue?, at path: ArraySlice<String>) {
        guard let name = path.first else { return }
        if path.count == 1 {
            self[name] = value
            return
        }
        var inner = JSONObject()
        if case .object(let present)? = self[name] {
            inner = present
            // Without this second reference the change copies nothing.
            self[name] = .null
        } else if value == nil {
            return
        }
        inner.set(value, at: path.dropFirst())
        self[name] = .object(inner)
    }
}

extension JSONValue {
    /// The value of a field inside nested objects, or nil if there is none.
    package func field(_ path: [String]) -> JSONValue? {
        var value = self
        for name in path {
            guard case .object(let fields) = value, let next = fields[name] else { return nil }
            value = next
        }
        return value
    }
}
