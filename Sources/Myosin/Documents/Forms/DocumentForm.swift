internal import Primitives

/// How the values of a type stand in documents.
enum DocumentForm: UInt {
    /// As JSON has them: strings, booleans, numbers, and ``ModelID``.
    case simple = 1
    /// As the type encodes itself.
    case encoded
    /// As a dictionary or set encodes itself, in a stable order.
    case unordered
    /// As an object whose names are the keys of a ``RepresentedKeys`` dictionary.
    case named
    /// As the type's own form, that of a ``DocumentRepresentable``.
    case own
    /// Not at all; ``ForeignType`` knows why.
    case refused

    /// Finds out how the values of a type stand in documents.
    ///
    /// Casts to protocols and the names of types are slow to look up, so the answer is kept.
    static func form<Value>(of type: Value.Type) -> DocumentForm {
        let identity = ObjectIdentifier(type)
        if let form = TypeAnswers.answer(about: identity).flatMap(DocumentForm.init) { return form }
        let form = find(type)
        // What is refused now may have a form once another library is loaded.
        if form != .refused { TypeAnswers.keep(form.rawValue, about: identity) }
        return form
    }

    /// Refuses a type whose values cannot stand in documents.
    ///
    /// - Parameters:
    ///   - type: the type.
    ///   - path: where in a document it is found; made only for the error.
    /// - Throws: ``ValidationError`` that says what to do.
    static func check<Value>(_ type: Value.Type, at path: @autoclosure () -> [any CodingKey]) throws(ValidationError) {
        guard form(of: type) == .refused, let reason = ForeignType.refusal(of: type) else { return }
        throw ValidationError(path().pointer, reason, code: .withoutForm)
    }

    private static func find<Value>(_ type: Value.Type) -> DocumentForm {
        if type is any DocumentRepresentable.Type { return .own }
        if ForeignType.refusal(of: type) != nil { return .refused }
        if type is any UnorderedCollection.Type {
            return (type as? any RepresentedKeys.Type)?.isObject == true ? .named : .unordered
        }
        switch type {
        case is Bool.Type, is String.Type, is ModelID.Type, is Double.Type, is Float.Type, is Float16.Type:
            return .simple
        default: return type is any (FixedWidthInteger & Decodable).Type ? .simple : .encoded
        }
    }
}

/// Types of Foundation that have no form in documents, at least not in this program.
///
/// The engine does not link Foundation, so it knows them by their names.
enum ForeignType {
    /// Those that have a form by the product MyosinFoundation.
    private static let supported: Set = [
        "Data", "Date", "DateInterval", "Decimal", "Locale", "TimeZone", "URL", "URLComponents", "UUID",
    ]
    /// Those whose `Codable` ends the process on some values or documents, with what to use.
    private static let unsafe = [
        "CharacterSet": "use a String with its characters",
        "IndexSet": "use a Set<Int>, or an array of ranges",
        "Measurement": "use a Double, and name the unit by x-unit in the model's schema",
    ]

    /// Why values of a type cannot stand in documents, and what to do about it.
    ///
    /// - Parameter type: the type; a collection or an optional is asked for the types that it holds.
    /// - Returns: what follows the field's name; nil for all types that can.
    static func refusal(of type: Any.Type) -> String? {
        if type is any DocumentRepresentable.Type { return nil }
        if let holder = type as? any HoldingType.Type { return holder.held.lazy.compactMap(refusal).first }
        return refusal(ofTypeNamed: _typeName(type))
    }

    /// The same for a type without a form of its own.
    ///
    /// - Parameter name: the name with the module, `Foundation.Date` for example.
    /// - Returns: what follows the field's name; nil for all types that can stand in documents.
    static func refusal(ofTypeNamed name: String) -> String? {
        let parts = name.prefix { $0 != "<" }.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, parts[0] == "FoundationEssentials" || parts[0] == "Foundation" else { return nil }
        let name = String(parts[1])
        if supported.contains(name) {
            return
                "has the type \(name) of Foundation, whose form in documents is in the product MyosinFoundation; add "
                + ".product(name: \"MyosinFoundation\", package: \"myosin\") to the dependencies of your target in "
                + "Package.swift, and write: import MyosinFoundation"
        }
        return unsafe[name].map { "has the type \(name) of Foundation, which cannot be read safely; \($0)" }
    }
}

/// A type of the standard library that holds values of others.
private protocol HoldingType {
    static var held: [Any.Type] { get }
}

extension Optional: HoldingType { fileprivate static var held: [Any.Type] { [Wrapped.self] } }
extension Array: HoldingType { fileprivate static var held: [Any.Type] { [Element.self] } }
extension Set: HoldingType { fileprivate static var held: [Any.Type] { [Element.self] } }
extension Dictionary: HoldingType { fileprivate static var held: [Any.Type] { [Key.self, Value.self] } }
