internal import Primitives

/// The requests that types made at one place in documents.
///
/// The place of a type combines the requests of all its values, anywhere in a model.
final class LearnedPlace {
    /// The step from a place to one inside it.
    enum Step {
        case field(String)
        /// Any element of an array.
        case element
        /// An element of an array that has places of different types.
        case position(Int)
        /// Any member of an object with free names.
        case member
    }

    /// A field of an object.
    struct Field {
        let name: String
        /// The type of the keys that requested it.
        let keyType: ObjectIdentifier
        /// Whether the key is a case of an enumeration, so that only its cases are possible names.
        let isEnumerated: Bool
        let place = LearnedPlace()
        var isRequired = true
        var isNullable = false
    }

    /// The requested types.
    private(set) var types: [any Decodable.Type] = []
    /// Whether the type has checked for null here.
    var isNullable = false
    /// Whether a reading failed here, and the type may have read something else instead.
    var hasFailed = false
    /// Whether the type has taken the whole value here, of any kind.
    var takesAnything = false
    /// Whether the type has requested fields here.
    var isObject = false
    /// Whether there was an object here that the type has not requested.
    var ignoresFields = false
    /// Whether there has been an object without any fields.
    var hasBeenEmpty = false
    private(set) var fields: [Field] = []
    /// The position of each name among the fields.
    private var positions: [ExactText: Int] = [:]
    /// The key types for which all keys were requested.
    private(set) var freeKeyTypes: Set<ObjectIdentifier> = []
    /// The requests for elements of an array, by position, or nil if there was no array.
    private(set) var elements: [LearnedPlace]?
    /// Whether all elements are of one kind, because the type has requested the end of the array or very many elements.
    private(set) var isList = false

    /// Whether nothing is known.
    var isBlank: Bool { types.isEmpty && !isObject && elements == nil && !takesAnything && !hasFailed }

    private static let maxPositions = 64

    /// Notes the request for a type.
    func ask(_ type: any Decodable.Type) { if !types.contains(where: { $0 == type }) { types.append(type) } }

    /// Notes the request for a field.
    ///
    /// - Parameters:
    ///   - key: the key of the field.
    ///   - change: changes the noted field.
    /// - Returns: the place of the field.
    @discardableResult
    func field(_ key: some CodingKey, _ change: (inout Field) -> Void = { _ in }) -> LearnedPlace {
        let keyType = ObjectIdentifier(Swift.type(of: key))
        return field(key.stringValue, keyType, { Mirror(reflecting: key).displayStyle == .enum }, change)
    }

    private func field(
        _ name: String,
        _ keyType: ObjectIdentifier,
        _ isEnumerated: () -> Bool,
        _ change: (inout Field) -> Void
    ) -> LearnedPlace {
        isObject = true
        let position = positions[ExactText(name)] ?? fields.count
        if position == fields.count {
            positions[ExactText(name)] = position
            fields.append(Field(name: name, keyType: keyType, isEnumerated: isEnumerated()))
        }
        change(&fields[position])
        return fields[position].place
    }

    /// Notes the request for all fields with keys of a type.
    func noteAllKeys(_ type: any CodingKey.Type) { freeKeyTypes.insert(ObjectIdentifier(type)) }

    /// Whether a field is one of any number of fields with free names.
    func isFree(_ field: Field) -> Bool { freeKeyTypes.contains(field.keyType) && !field.isEnumerated }

    /// Whether a field is one of several fields that documents may have.
    func isChoice(_ field: Field) -> Bool { freeKeyTypes.contains(field.keyType) }

    /// Notes the request for an array.
    func beArray() { elements = elements ?? [] }

    /// Notes the request for the end of the array.
    func beList() { isList = true }

    /// The place of an element.
    func element(_ index: Int) -> LearnedPlace {
        var all = elements ?? []
        if index >= Self.maxPositions { isList = true }
        let position = min(index, Self.maxPositions)
        while all.count <= position { all.append(LearnedPlace()) }
        elements = all
        return all[position]
    }

    /// The place of any element, or nil if there was none.
    var anyElement: LearnedPlace? {
        guard let elements, let first = elements.first else { return nil }
        let place = LearnedPlace()
        place.merge(first)
        for element in elements.dropFirst() { place.merge(element) }
        return place
    }

    /// The place of any member with a free name, or nil if there was none.
    var anyMember: LearnedPlace? {
        let free = fields.filter(isFree)
        guard let first = free.first else { return nil }
        let place = LearnedPlace()
        place.merge(first.place)
        for field in free.dropFirst() { place.merge(field.place) }
        return place
    }

    /// Adds the requests of another value.
    func merge(_ other: LearnedPlace) {
        for type in other.types { ask(type) }
        let (wasObject, isFirst) = (isObject, isBlank)
        isNullable = isNullable || other.isNullable
        hasFailed = hasFailed || other.hasFailed
        takesAnything = takesAnything || other.takesAnything
        hasBeenEmpty = hasBeenEmpty || other.hasBeenEmpty
        ignoresFields = ignoresFields || other.ignoresFields
        isList = isList || other.isList
        freeKeyTypes.formUnion(other.freeKeyTypes)
        if other.isObject {
            isObject = true
            for position in fields.indices
            where other.positions[ExactText(fields[position].name)] == nil {
                fields[position].isRequired = false
            }
            for field in other.fields {
                let isNew = positions[ExactText(field.name)] == nil
                self.field(field.name, field.keyType, { field.isEnumerated }) { own in
                    own.isRequired = own.isRequired && field.isRequired && !(isNew && wasObject)
                    own.isNullable = own.isNullable || field.isNullable
                }
                .merge(field.place)
            }
        } else if wasObject, !isFirst, !other.isBlank {
            for position in fields.indices { fields[position].isRequired = false }
        }
        if let others = other.elements {
            beArray()
            for (index, place) in others.enumerated() { element(index).merge(place) }
        }
    }
}
