/// A field of a model as a key path, which becomes a JSON pointer once there is a value of the model.
struct FieldPath: Sendable {
    private let path: any AnyKeyPath & Sendable
    private let find: @Sendable (any StateModel, EncodedFields) -> String?

    init<Model: StateModel, Value>(_ path: any KeyPath<Model, Value> & Sendable) {
        self.path = path
        find = { model, fields in
            (model as? Model).map { FieldSearch(path, in: $0, encodedAs: fields).place.pointer }
        }
    }

    /// The pointer of the field as it is encoded; nil for a key path of another model.
    func pointer(in model: any StateModel, encodedAs fields: EncodedFields) -> String? { find(model, fields) }
}

extension FieldPath: Hashable {
    static func == (left: FieldPath, right: FieldPath) -> Bool { left.path == right.path }
    func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

/// Finds the document field for a key path.
///
/// The key path's description names the stored properties, and ``EncodedFields`` knows their places in the document. A step that
/// may run other code than the subscripts of `Array` and `Dictionary` ends the search without a place. No other value of the model
/// is ever encoded. A mark in a copy of the model distinguishes equal elements; only reflection reads the copy.
private struct FieldSearch<Model: StateModel, Value> {
    /// How many equal elements the search distinguishes; for more it points at what they have in common.
    private let maxEqualElements = ValidationError.maxFaults

    private let path: KeyPath<Model, Value>
    private let model: Model
    private let fields: EncodedFields

    init(_ path: KeyPath<Model, Value>, in model: Model, encodedAs fields: EncodedFields) {
        (self.path, self.model, self.fields) = (path, model, fields)
    }

    /// The place of the field, or of the nearest value around it that is known; empty for the whole model.
    var place: [String] {
        // Values without a size share their place in memory, so the description may name another one.
        guard MemoryLayout<Value>.size > 0, let (steps, isWhole) = storedSteps else { return [] }
        guard let first = steps.firstIndex(where: \.isElement) else {
            if isWhole, !isValue(FieldValue.at(steps.map(\.name), of: model)) { return [] }
            return fields.place(of: steps.map(\.name), in: model)
        }
        let found = isWhole ? element(steps, first: first) : steps[..<first].map(\.name)
        return fields.place(of: found, in: model)
    }

    /// The key path in words: `\Tank.inner?.litres`, where `<computed …>` stands for a property with code and for an element.
    private var names: [Substring] {
        path.debugDescription.split(separator: ".").dropFirst().map { $0.prefix { $0 != "?" && $0 != "!" } }
    }

    /// The steps of the key path up to the first that leads nowhere; nil where one may run code of the model.
    private var storedSteps: (steps: [FieldStep], isWhole: Bool)? {
        var (value, steps): (Any, [FieldStep]) = (model, [])
        for name in names {
            guard let present = FieldValue.unwrapped(value) else { return (steps, false) }
            if name.hasPrefix("<") {
                guard let elements = present as? any ElementHolder else { return nil }
                guard let subscripted = elements.subscriptStep, let any = elements.anyElement else {
                    return (steps, false)
                }
                if subscripted != name { return nil }
                steps.append(.element)
                value = any
            } else {
                guard let next = FieldValue.property(name, of: present) else { return nil }
                steps.append(.field(String(name)))
                value = next
            }
        }
        return steps.isEmpty ? nil : (steps, true)
    }

    private func isValue(_ value: Any?) -> Bool {
        guard let value else { return false }
        return value is Value || FieldValue.unwrapped(value) is Value
    }

    // MARK: Elements

    /// The place of an element, or of what is in it, in Swift's names.
    private func element(_ steps: [FieldStep], first: Int) -> [String] {
        let container = steps[..<first].map(\.name)
        let value = model[keyPath: path]
        guard let form = FieldForm(of: value), let table = fields.elements(at: steps, in: model) else {
            return container
        }
        // A dictionary without the key has no element either.
        if table.hasNames, FieldValue.unwrapped(value) == nil { return container }
        guard let equals = table.places[form], let only = equals.first else { return container }
        if equals.count == 1 { return only }
        return changedPlace(among: equals, from: form) ?? table.common[form] ?? container
    }

    /// The one of some equal elements that changes in a copy when the key path is written to.
    private func changedPlace(among places: [[String]], from form: FieldForm) -> [String]? {
        // Writing through a reference would change what others see.
        guard let path = path as? WritableKeyPath<Model, Value>, !(path is ReferenceWritableKeyPath<Model, Value>),
            let markable = Value.self as? any Markable.Type, places.count <= maxEqualElements,
            let mark = markable.marks.first(where: { FieldForm(of: $0) != form }) as? Value
        else { return nil }
        var changed = model
        changed[keyPath: path] = mark
        return places.first { place in FieldValue.at(place, of: changed).flatMap { FieldForm(of: $0) } != form }
    }
}

/// A simple type with values that mark an element; of two, one differs from any other value.
private protocol Markable {
    static var marks: [Any] { get }
}

extension FixedWidthInteger where Self: Markable { static var marks: [Any] { [Self(0), Self(1)] } }
extension BinaryFloatingPoint where Self: Markable { static var marks: [Any] { [Self(0), Self(1)] } }
extension Int: Markable {}
extension Int8: Markable {}
extension Int16: Markable {}
extension Int32: Markable {}
extension Int64: Markable {}
extension UInt: Markable {}
extension UInt8: Markable {}
extension UInt16: Markable {}
extension UInt32: Markable {}
extension UInt64: Markable {}
extension Double: Markable {}
extension Float: Markable {}
extension Bool: Markable { fileprivate static var marks: [Any] { [false, true] } }
extension String: Markable { fileprivate static var marks: [Any] { ["", "x"] } }
