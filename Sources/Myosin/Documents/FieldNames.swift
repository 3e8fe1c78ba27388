internal import Primitives

/// The values of a document that is being encoded, each with its place.
final class EncodingTrace {
    private(set) var values: [[String]: [any Encodable]] = [:]

    func note(_ value: any Encodable, at path: [any CodingKey]) {
        values[path.map(\.stringValue), default: []].append(value)
    }
}

/// The encoded names of stored properties, by type, learned from values of a model.
///
/// Each value is encoded once, so it must be one that the program has written itself. A stored property is the field of its name,
/// type and value. A renamed property is the only field of its type and value without a property's name, if the object has
/// exactly one field per stored property. The order proves nothing, because `CodingKeys` may have another one.
struct FieldNames {
    /// The maximum number of objects to learn from.
    private static let maxObjects = 10_000

    private struct Property: Hashable {
        let type: ObjectIdentifier
        let name: String
    }

    /// The key of each property, or nil if it is disputed.
    private var keys: [Property: String?] = [:]
    private var objects = 0

    /// Learns the names from values; a value that cannot be encoded shows none.
    init<Model: StateModel>(of values: [Model]) {
        for value in values {
            let trace = EncodingTrace()
            guard let document = try? DocumentEncoder.encode(value, tracing: trace) else { continue }
            learn(value, at: [], in: document, trace)
        }
    }

    /// The key under which a property of a value is encoded, or nil if that is not certain.
    func key(of name: String, in value: Any) -> String? {
        keys[Property(type: ObjectIdentifier(type(of: value)), name: name)] ?? nil
    }

    private mutating func learn(
        _ value: Any,
        at place: [String],
        in document: JSONValue,
        _ trace: EncodingTrace
    ) {
        guard let present = FieldValue.unwrapped(value), Self.isEncoded(present, at: place, trace),
            objects < Self.maxObjects
        else { return }
        if let holder = present as? any ElementHolder {
            guard holder.count <= Self.maxObjects, let elements = holder.namedElements else { return }
            for element in elements { learn(element.value, at: place + [element.name], in: document, trace) }
            return
        }
        objects += 1
        let json = document.value(at: place) ?? .null
        let object = EncodedObject(of: present, as: json) { trace.values[place + [$0]]?.first }
        for property in FieldValue.properties(of: present) {
            let known = Property(type: ObjectIdentifier(type(of: present)), name: property.name)
            guard let key = object.key(of: property.name) else {
                if object.hasOther(property.name) { keys[known] = .some(nil) }
                continue
            }
            // Another value may have shown another key.
            let isDisputed = keys[known].map { $0 != key } ?? false
            keys[known] = .some(isDisputed ? nil : key)
            learn(property.value, at: place + [key], in: document, trace)
        }
    }

    /// Whether only values of this type have written the content of a place.
    private static func isEncoded(_ value: Any, at place: [String], _ trace: EncodingTrace) -> Bool {
        guard let values = trace.values[place] else { return false }
        return values.allSatisfy { FieldValue.unwrapped($0).map { type(of: $0) == type(of: value) } ?? false }
    }
}

/// The stored properties of a value, and the fields of the object that it encodes.
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

    /// The key under which a property is encoded, or nil if that is not certain.
    func key(of name: String) -> String? {
        guard let form = properties.first(where: { $0.name == name })?.form else { return nil }
        let keys = fields.filter { $0.form == form }.map(\.key)
        if keys.contains(name) { return name }
        let names = properties.filter { $0.form == form }.map(\.name)
        let (renamed, others) = (names.filter { !keys.contains($0) }, keys.filter { !names.contains($0) })
        return renamed.count == 1 && others.count == 1 && isBijective ? others[0] : nil
    }

    /// Whether the field of a property's name has another form than the property.
    func hasOther(_ name: String) -> Bool {
        guard let form = properties.first(where: { $0.name == name })?.form else { return false }
        return fields.contains { $0.key == name && $0.form != form }
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
