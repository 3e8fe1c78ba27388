internal import Primitives

/// The requests that types made at one place in documents.
///
/// The place of a type has what all its values have shown, wherever they are in a model.
final class LearnedPlace {
    /// The way from a place to one inside of it.
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
        /// The type of the keys by which it was asked for.
        let keyType: ObjectIdentifier
        /// Whether the key is a case of an enumeration, so that no more names than its cases are possible.
        let isEnumerated: Bool
        let place = LearnedPlace()
        var isRequired = true
        var isNullable = false
    }

    /// The types that were asked for.
    private(set) var types: [any Decodable.Type] = []
    /// Whether the type asked if null stands here.
    var isNullable = false
    /// Whether something was read in vain here, and something else instead.
    var hasFailed = false
    /// Whether the type has taken all that is here, whatever it is.
    var takesAnything = false
    /// Whether the type has asked for fields here.
    var isObject = false
    /// Whether an object was here for which the type has not asked.
    var ignoresFields = false
    /// Whether there has been an object without any fields.
    var hasBeenEmpty = false
    private(set) var fields: [Field] = []
    /// Where each name is among the fields.
    private var positions: [ExactText: Int] = [:]
    /// The types of the keys of which all were asked for.
    private(set) var freeKeyTypes: Set<ObjectIdentifier> = []
    /// What was asked for of an array, by its position; nil where no array was.
    private(set) var elements: [LearnedPlace]?
    /// Whether the array ends where it ends, so that all its elements are of one kind.
    private(set) var isList = false

    /// Whether nothing is known.
    var isBlank: Bool { types.isEmpty && !isObject && elements == nil && !takesAnything && !hasFailed }

    private static let maxPositions = 64

    /// Notes that a type was asked for.
    func ask(_ type: any Decodable.Type) { if !types.contains(where: { $0 == type }) { types.append(type) } }

    /// Notes that a field was asked for.
    ///
    /// - Parameters:
    ///   - key: the key of the field.
    ///   - change: notes what is special.
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

    /// Notes that all fields with keys of a type were asked for.
    func noteAllKeys(_ type: any CodingKey.Type) { freeKeyTypes.insert(ObjectIdentifier(type)) }

    /// Whether a field is one of any number of others with free names.
    func isFree(_ field: Field) -> Bool { freeKeyTypes.contains(field.keyType) && !field.isEnumerated }

    /// Whether a field is one of several of which documents have some.
    func isChoice(_ field: Field) -> Bool { freeKeyTypes.contains(field.keyType) }

    /// Notes that an array was asked for.
    func beArray() { elements = elements ?? [] }

    /// Notes that the end of the array was asked for.
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

    /// The place of any element; nil where there has been none.
    var anyElement: LearnedPlace? {
        guard let elements, let first = elements.first else { return nil }
        let place = LearnedPlace()
        place.merge(first)
        for element in elements.dropFirst() { place.merge(element) }
        return place
    }

    /// The place of any member with a free name; nil where there has been none.
    var anyMember: LearnedPlace? {
        let free = fields.filter(isFree)
        guard let first = free.first else { return nil }
        let place = LearnedPlace()
        place.merge(first.place)
        for field in free.dropFirst() { place.merge(field.place) }
        return place
    }

    /// Adds what another value has shown.
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
