/// A step of a key path that runs no code of a model.
enum FieldStep: Hashable {
    /// A stored property.
    case field(String)
    /// An element of an array or dictionary; a key path does not say which.
    case element

    var isElement: Bool { self == .element }
    /// The property's name, empty for an element.
    var name: String { if case .field(let name) = self { name } else { "" } }
}

/// Reads values within values by reflection, without code of their types.
enum FieldValue {
    /// The value in any number of optionals, or nil if there is none.
    static func unwrapped(_ value: Any) -> Any? {
        guard let optional = value as? any OptionalValue else { return value }
        return optional.content.flatMap(unwrapped)
    }

    /// The stored properties of a value in the order of their declaration; none if the type has its own mirror.
    static func properties(of value: Any) -> [(name: String, value: Any)] {
        if value is any CustomReflectable { return [] }
        return Mirror(reflecting: value).children.compactMap { child in child.label.map { ($0, child.value) } }
    }

    /// A stored property of a value, or nil if there is none.
    static func property(_ name: some StringProtocol, of value: Any) -> Any? {
        if value is any CustomReflectable { return nil }
        return Mirror(reflecting: value).children.first { $0.label.map { $0 == name } ?? false }?.value
    }

    /// A property of a value, or an element of an array or dictionary.
    static func child(_ name: String, of value: Any) -> Any? {
        guard let value = unwrapped(value) else { return nil }
        return (value as? any ElementHolder).map { $0.element(name) } ?? property(name, of: value)
    }

    /// The value at the end of some names.
    static func at(_ names: [String], of value: Any) -> Any? {
        names.reduce(value) { value, name in value.flatMap { child(name, of: $0) } }
    }
}

/// A value's type and JSON text; only equal forms may be the same field.
struct FieldForm: Hashable {
    private let type: ObjectIdentifier?
    private let text: [UInt8]

    /// The form of any value, or nil if it cannot be encoded.
    init?(of value: Any) {
        guard let present = FieldValue.unwrapped(value) else {
            (type, text) = (nil, JSONValue.null.bytes)
            return
        }
        guard let encodable = present as? any Encodable, let json = try? DocumentEncoder.encode(encodable) else {
            return nil
        }
        (type, text) = (ObjectIdentifier(Swift.type(of: present)), json.bytes)
    }

    /// The form of a value that encodes without code of the model, or nil for any other.
    init?(ofSimple value: Any) {
        guard let present = FieldValue.unwrapped(value), !(present is any Markable) else {
            self.init(of: value)
            return
        }
        return nil
    }

    /// The form of a value that is already encoded.
    init(of value: Any?, encodedAs json: JSONValue) {
        type = value.flatMap(FieldValue.unwrapped).map { ObjectIdentifier(Swift.type(of: $0)) }
        text = json.bytes
    }
}

/// The elements of an array or dictionary that a key path can go through.
struct ElementTable {
    /// The maximum number of elements of a table; above it a key path points at their array or dictionary.
    static let maxElements = 10_000

    /// The places of equal values, in Swift's names.
    private(set) var places: [FieldForm: [[String]]] = [:]
    /// The common part of the places of equal values.
    private(set) var common: [FieldForm: [String]] = [:]
    /// Whether a step is the key of a dictionary.
    private(set) var hasNames = false
    private var count = 0

    /// Reads the elements, or fails for too many and for a dictionary with keys that are not names.
    init?(of steps: [FieldStep], in model: any StateModel) {
        if !collect(steps[...], of: model, at: []) { return nil }
    }

    private mutating func collect(_ steps: ArraySlice<FieldStep>, of value: Any, at place: [String]) -> Bool {
        guard let step = steps.first, let present = FieldValue.unwrapped(value) else {
            guard let form = FieldForm(ofSimple: value) else { return false }
            places[form, default: []].append(place)
            common[form] = common[form].map { zip($0, place).prefix { $0 == $1 }.map(\.0) } ?? place
            return true
        }
        switch step {
        case .field(let name):
            guard let next = FieldValue.property(name, of: present) else { return false }
            return collect(steps.dropFirst(), of: next, at: place + [name])
        case .element:
            guard let holder = present as? any ElementHolder else { return false }
            count += holder.count
            guard count <= Self.maxElements, let elements = holder.namedElements else { return false }
            if !holder.isOrdered { hasNames = true }
            return elements.allSatisfy { collect(steps.dropFirst(), of: $0.value, at: place + [$0.name]) }
        }
    }
}

/// The elements of one model, each list of them read once.
final class ElementTables {
    private let model: any StateModel
    private var tables: [[FieldStep]: ElementTable?] = [:]

    init(of model: any StateModel) { self.model = model }

    /// The elements that a key path can go through, or nil if they cannot be listed.
    func table(of steps: [FieldStep]) -> ElementTable? {
        if let known = tables[steps] { return known }
        let table = ElementTable(of: steps, in: model)
        tables[steps] = .some(table)
        return table
    }
}

/// A collection with key paths to its elements.
protocol ElementHolder {
    var count: Int { get }
    /// Whether the names of the elements are their indices.
    var isOrdered: Bool { get }
    /// One of the elements, or nil if there is none.
    var anyElement: Any? { get }
    /// The collection's own subscript in the description of a key path, or nil if that is not known.
    var subscriptStep: Substring? { get }
    /// The elements with their names in a document, or nil if a key is not a name.
    var namedElements: [(name: String, value: Any)]? { get }

    func element(_ name: String) -> Any?
}

extension Array: ElementHolder {
    var isOrdered: Bool { true }
    var anyElement: Any? { first }
    var subscriptStep: Substring? { (\Self.[0] as AnyKeyPath).computedStep }
    var namedElements: [(name: String, value: Any)]? { enumerated().map { ("\($0)", $1) } }

    func element(_ name: String) -> Any? { Int(name).flatMap { indices.contains($0) ? self[$0] : nil } }
}

extension Dictionary: ElementHolder {
    var isOrdered: Bool { false }
    var anyElement: Any? { first?.value }
    var subscriptStep: Substring? { keys.first.flatMap { (\Self.[$0] as AnyKeyPath).computedStep } }
    var namedElements: [(name: String, value: Any)]? {
        if let named = self as? [String: Value] { return named.map { ($0, $1) } }
        return (self as? [Int: Value]).map { $0.map { ("\($0)", $1) } }
    }

    func element(_ name: String) -> Any? { ((name as? Key) ?? (Int(name) as? Key)).flatMap { self[$0] } }
}

extension AnyKeyPath {
    /// The code that the only step of a key path runs, as the address in its description.
    fileprivate var computedStep: Substring? {
        debugDescription.split(separator: ".").last.flatMap { $0.hasPrefix("<computed") ? $0 : nil }
    }
}

private protocol OptionalValue {
    /// The wrapped value, if any.
    var content: Any? { get }
}

extension Optional: OptionalValue {
    fileprivate var content: Any? { self }
}
