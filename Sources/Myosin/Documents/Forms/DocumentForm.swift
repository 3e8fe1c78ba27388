internal import Primitives

/// The form of a type's values in documents.
enum DocumentForm: UInt {
    /// A simple value of JSON: a string, boolean, number, or ``ModelID``.
    case simple = 1
    /// The form in which the type encodes itself.
    case encoded
    /// The form in which a dictionary or set encodes itself, in a stable order.
    case unordered
    /// An object with the keys of a ``RepresentedKeys`` dictionary as names.
    case named
    /// The type's own form, that of a ``DocumentRepresentable``.
    case own
    /// No form; ``ForeignType`` has the reason.
    case refused

    /// The form of a type's values in documents.
    ///
    /// Casts to protocols and the names of types are slow to look up, so the result is kept.
    static func form<Value>(of type: Value.Type) -> DocumentForm {
        let identity = ObjectIdentifier(type)
        if let form = TypeAnswers.answer(about: identity).flatMap(DocumentForm.init) { return form }
        let form = find(type)
        // A refused type may have a form once another library is loaded.
        if form != .refused { TypeAnswers.keep(form.rawValue, about: identity) }
        return form
    }

    /// Refuses a type without a form in documents.
    ///
    /// - Parameters:
    ///   - type: the type.
    ///   - path: its place in a document; made only for the error.
    /// - Throws: ``ValidationError`` with the remedy.
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

/// Types of Foundation without a form in documents, at least in this program.
///
/// The engine does not link Foundation, so it knows them by their names.
enum ForeignType {
    /// The types with a form by the product MyosinFoundation.
    private static let supported: Set = [
        "Data", "Date", "DateInterval", "Decimal", "Locale", "TimeZone", "URL", "URLComponents", "UUID",
    ]
    /// The types with a `Codable` that is unsuitable for documents, each with its replacement.
    private static let unsafe = [
        "CharacterSet": "use a String with its characters",
        "IndexSet": "use a Set<Int>, or an array of ranges",
        "Measurement": "use a Double, and name the unit by x-unit in the model's schema",
    ]

    /// The reason why values of a type have no form in documents, and the remedy.
    ///
    /// - Parameter type: the type; for a collection or an optional, the types that it holds count.
    /// - Returns: the text after the field's name, or nil for all types with a form.
    static func refusal(of type: Any.Type) -> String? {
        if type is any DocumentRepresentable.Type { return nil }
        if let holder = type as? any HoldingType.Type { return holder.held.lazy.compactMap(refusal).first }
        return refusal(ofTypeNamed: _typeName(type))
    }

    /// The same for a type without its own form.
    ///
    /// - Parameter name: the name with the module, `Foundation.Date` for example.
    /// - Returns: the text after the field's name, or nil for all types with a form in documents.
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
