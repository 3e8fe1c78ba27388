/// The values of a document under way, each with its place.
final class EncodingTrace {
    private(set) var values: [[String]: [any Encodable]] = [:]

    func note(_ value: any Encodable, at path: [any CodingKey]) {
        values[path.map(\.stringValue), default: []].append(value)
    }
}

/// The places that the values of one model have in its document.
///
/// The model is encoded once. A stored property is the field of its name, type and value, unless properties that equal it may have
/// exchanged their names. A renamed one is the only field of its type and value, provided that the object has a field for each
/// stored property and no others. The order proves nothing, because `CodingKeys` may have another one.
final class EncodedFields {
    private let document: JSONValue
    private let trace = EncodingTrace()
    private var objects: [[String]: EncodedObject] = [:]
    private var tables: [[FieldStep]: ElementTable?] = [:]

    /// Encodes a model; nil where that is impossible, whose faults are found with its document.
    init?(of model: some StateModel) {
        guard let document = try? DocumentEncoder.encode(model, tracing: trace) else { return nil }
        self.document = document
    }

    /// The place of a value, or of the nearest value around it whose place is certain.
    ///
    /// - Parameters:
    ///   - names: the Swift names of properties, and the names of elements, from the model down to the value.
    ///   - model: the model that was encoded.
    /// - Returns: the encoded names.
    func place(of names: [String], in model: any StateModel) -> [String] {
        var (value, place): (Any, [String]) = (model, [])
        for name in names {
            guard let present = FieldValue.unwrapped(value), isEncoded(present, at: place),
                let next = FieldValue.child(name, of: present)
            else { return place }
            if present is any ElementHolder {
                if trace.values[place + [name]] == nil { return place }
                place.append(name)
            } else {
                guard let key = object(present, at: place).key(of: name) else { return place }
                place.append(key)
            }
            value = next
        }
        return place
    }

    /// The elements that a key path can go through; nil where they cannot be listed.
    func elements(at steps: [FieldStep], in model: any StateModel) -> ElementTable? {
        if let known = tables[steps] { return known }
        let table = ElementTable(of: steps, in: model)
        tables[steps] = .some(table)
        return table
    }

    /// Whether a value of this type, and no value of another, has written what is at a place.
    private func isEncoded(_ value: Any, at place: [String]) -> Bool {
        guard let values = trace.values[place] else { return false }
        return values.allSatisfy { FieldValue.unwrapped($0).map { type(of: $0) == type(of: value) } ?? false }
    }

    private func object(_ value: Any, at place: [String]) -> EncodedObject {
        if let known = objects[place] { return known }
        let json = document.value(at: place) ?? .null
        let object = EncodedObject(of: value, as: json) { [trace] key in trace.values[place + [key]]?.first }
        objects[place] = object
        return object
    }
}

/// The stored properties of a value beside the fields of the object that it encodes.
private struct EncodedObject {
    private let properties: [(name: String, form: FieldForm?)]
    private let fields: [(key: String, form: FieldForm)]

    init(of value: Any, as json: JSONValue, traced: (String) -> (any Encodable)?) {
        properties = FieldValue.properties(of: value).map { ($0.name, FieldForm(of: $0.value)) }
        guard case .object(let object) = json else {
            fields = []
            return
        }
        fields = object.map { key, value in (key, FieldForm(of: traced(key), encodedAs: value)) }
    }

    /// The key under which a property is encoded; nil where that is not certain.
    func key(of name: String) -> String? {
        guard let own = properties.first(where: { $0.name == name })?.form else { return nil }
        let names = properties.filter { $0.form == own }.map(\.name)
        let keys = fields.filter { $0.form == own }.map(\.key)
        guard keys.contains(name) else { return keys.count == 1 && names.count == 1 && isBijective ? keys.first : nil }
        // Equal properties may have each other's names: `name` is encoded as `title`, and `title` as `heading`.
        return names.count == 1 || names.filter(Set(keys).contains) == keys ? name : nil
    }

    /// Whether each property is one of the fields and each field one of the properties.
    private var isBijective: Bool {
        var counts: [FieldForm: Int] = [:]
        for property in properties {
            guard let form = property.form else { return false }
            counts[form, default: 0] += 1
        }
        for field in fields { counts[field.form, default: 0] -= 1 }
        return counts.values.allSatisfy { $0 == 0 }
    }
}
