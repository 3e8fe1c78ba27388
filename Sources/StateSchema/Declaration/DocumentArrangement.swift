internal import Myosin
internal import Primitives

/// Brings documents into the one form that equal ones share: declared fields in the order of their declaration, others after
/// them in order of their names, numbers in one spelling.
struct DocumentArrangement {
    /// Which fields that are not there get their defaults.
    enum Filling {
        case none
        /// Those that need not be there.
        case optional
        case all
    }

    private let filling: Filling
    /// Whether fields that may not be there are left out.
    private let dropsUnknown: Bool
    /// The defaults of the whole document, which may have values for fields without a default of their own.
    private let defaults: JSONObject
    /// The pointers of the fields that were left out, and of those that got their defaults or have none.
    private(set) var changes = FieldChanges()
    private var list = FaultList()

    /// Numbers that have no such form.
    var faults: [ValidationError.Fault] { list.faults }

    init(filling: Filling, dropsUnknown: Bool = false, defaults: JSONObject = JSONObject()) {
        (self.filling, self.dropsUnknown, self.defaults) = (filling, dropsUnknown, defaults)
    }

    /// Arranges a value.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - place: what is declared of it; nil where nothing is.
    ///   - path: the names on the way to it.
    /// - Returns: the value in that form.
    mutating func arrange(_ value: JSONValue, in place: DocumentPlace?, at path: [String]) -> JSONValue {
        switch value {
        case .object(let object): return .object(arrange(object, in: place, at: path))
        case .array(let elements):
            var result: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                result.append(arrange(element, in: place?.element(index), at: path + ["\(index)"]))
            }
            return .array(result)
        case .number(let number):
            let isInteger = { place?.types.contains(.number) != true }
            if let canonical = number.canonical(isIntegerKept: isInteger) { return .number(canonical) }
            list.note(.init(pointer: path.pointer, detail: "has an exponent that is too large", code: .range))
            return value
        case .null, .bool, .string: return value
        }
    }

    /// Arranges an object.
    mutating func arrange(_ object: JSONObject, in place: DocumentPlace?, at path: [String]) -> JSONObject {
        var result = JSONObject()
        let required = filling == .none ? [] : place?.required ?? []
        for name in place?.fieldNames ?? [] {
            guard let field = place?.declaredField(name) else { continue }
            if let value = object[name] {
                result[name] = arrange(value, in: field, at: path + [name])
            } else if filling == .all || filling == .optional && !required.contains(ExactText(name)),
                let value = field.defaultValue ?? inherited(name, path, required)
            {
                let former = changes
                result[name] = arrange(value, in: field, at: path + [name])
                // The field as a whole, without the fields in it.
                changes = former
                changes.filled.append((path + [name]).pointer)
            } else if filling == .all {
                changes.absent.append((path + [name]).pointer)
            }
        }
        for (name, value) in object.sorted({ $0 }) where result[name] == nil {
            let field = place?.field(name)
            if dropsUnknown, field == nil, place != nil {
                changes.dropped.append((path + [name]).pointer)
            } else {
                result[name] = arrange(value, in: field, at: path + [name])
            }
        }
        return result
    }

    /// What the defaults of the document have for a field that must be there and has no default of its own.
    private func inherited(_ name: String, _ path: [String], _ required: Set<ExactText>) -> JSONValue? {
        required.contains(ExactText(name)) ? JSONValue.object(defaults).field(path + [name]) : nil
    }

    /// An object whose values are arranged already, with its fields in order.
    static func ordered(_ object: JSONObject, in place: DocumentPlace) -> JSONObject {
        var arrangement = DocumentArrangement(filling: .none)
        return arrangement.arrange(object, in: place, at: [])
    }
}
