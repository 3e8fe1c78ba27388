/// A field of a model as a key path, which becomes a JSON pointer once there is a value of the model.
struct FieldPath: Sendable {
    /// The model of the field.
    let model: any StateModel.Type
    private let path: any AnyKeyPath & Sendable
    private let find: @Sendable (any StateModel, FieldNames, ElementTables) -> String?

    init<Model: StateModel, Value>(_ path: any KeyPath<Model, Value> & Sendable) {
        (self.model, self.path) = (Model.self, path)
        find = { model, names, tables in
            (model as? Model).map { FieldSearch(path, in: $0, named: names, tables).place.pointer }
        }
    }

    /// The pointer of the encoded field, or nil for a key path of another model.
    func pointer(in model: any StateModel, named names: FieldNames, _ tables: ElementTables) -> String? {
        find(model, names, tables)
    }
}

extension FieldPath: Hashable {
    static func == (left: FieldPath, right: FieldPath) -> Bool { left.path == right.path }
    func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

/// Finds the document field for a key path.
///
/// The key path's description names the stored properties, and ``FieldNames`` knows their names in documents. A step that may run
/// code other than the subscripts of `Array` and `Dictionary` ends the search without a place. The model itself is never encoded.
/// A mark in a copy of it distinguishes equal elements; only reflection reads the copy.
private struct FieldSearch<Model: StateModel, Value> {
    /// The maximum number of equal elements that the search distinguishes; for more it points at their common part.
    private let maxEqualElements = ValidationError.maxFaults
    /// The maximum number of elements that are compared with a whole one.
    private static var maxComparisons: Int { 1_000 }

    private let path: KeyPath<Model, Value>
    private let model: Model
    private let keys: FieldNames
    private let tables: ElementTables

    init(_ path: KeyPath<Model, Value>, in model: Model, named keys: FieldNames, _ tables: ElementTables) {
        (self.path, self.model, self.keys, self.tables) = (path, model, keys, tables)
    }

    /// The place of the field, or of the nearest known value around it; empty for the whole model.
    var place: [String] {
        // Values without a size share their place in memory, so the description may name another one.
        guard MemoryLayout<Value>.size > 0, let (steps, isWhole) = storedSteps else { return [] }
        guard let first = steps.firstIndex(where: \.isElement) else {
            if isWhole, !isValue(FieldValue.at(steps.map(\.name), of: model)) { return [] }
            return place(of: steps.map(\.name))
        }
        let found = isWhole ? element(steps, first: first) : steps[..<first].map(\.name)
        return place(of: found)
    }

    /// The place of some names of properties and elements, up to the first one with an uncertain encoded name.
    private func place(of names: [String]) -> [String] {
        var (value, place): (Any, [String]) = (model, [])
        for name in names {
            guard let present = FieldValue.unwrapped(value) else { return place }
            guard let key = present is any ElementHolder ? name : keys.key(of: name, in: present) else { return place }
            place.append(key)
            guard let next = FieldValue.child(name, of: present) else { return place }
            value = next
        }
        return place
    }

    /// The key path in words: `\Tank.inner?.litres`, where `<computed …>` stands for a property with code and for an element.
    private var names: [Substring] {
        path.debugDescription.split(separator: ".").dropFirst().map { $0.prefix { $0 != "?" && $0 != "!" } }
    }

    /// The steps of the key path up to the first that leads nowhere, or nil if a step may run code of the model.
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

    /// The place of an element or of a value in it, in Swift's names.
    private func element(_ steps: [FieldStep], first: Int) -> [String] {
        let container = steps[..<first].map(\.name)
        let value = model[keyPath: path]
        guard let form = FieldForm(ofSimple: value) else { return equalElement(steps) ?? container }
        guard let table = tables.table(of: steps) else { return container }
        // A dictionary without the key has no element either.
        if table.hasNames, FieldValue.unwrapped(value) == nil { return container }
        guard let equals = table.places[form], let only = equals.first else { return container }
        if equals.count == 1 { return only }
        return changedPlace(among: equals, from: form) ?? table.common[form] ?? container
    }

    /// The only element that equals the value, which is a structure or an enumeration.
    private func equalElement(_ steps: [FieldStep]) -> [String]? {
        func isEqual<Element: Equatable>(_ one: Element, _ other: Any) -> Bool { one == other as? Element }
        guard let value = FieldValue.unwrapped(model[keyPath: path]) as? any Equatable, steps.last == .element else {
            return nil
        }
        let names = steps.dropLast().map(\.name)
        guard let holder = FieldValue.at(names, of: model).flatMap(FieldValue.unwrapped) as? any ElementHolder,
            holder.count <= Self.maxComparisons, let elements = holder.namedElements
        else { return nil }
        let equals = elements.filter { isEqual(value, $0.value) }
        return equals.count == 1 ? names + [equals[0].name] : nil
    }

    /// The one of several equal elements that changes in a copy when you write to the key path.
    private func changedPlace(among places: [[String]], from form: FieldForm) -> [String]? {
        // A write through a reference would change a value that other code sees.
        guard let path = path as? WritableKeyPath<Model, Value>, !(path is ReferenceWritableKeyPath<Model, Value>),
            let markable = Value.self as? any Markable.Type, places.count <= maxEqualElements,
            let mark = markable.marks.first(where: { FieldForm(of: $0) != form }) as? Value
        else { return nil }
        var changed = model
        changed[keyPath: path] = mark
        return places.first { place in FieldValue.at(place, of: changed).flatMap { FieldForm(of: $0) } != form }
    }
}
