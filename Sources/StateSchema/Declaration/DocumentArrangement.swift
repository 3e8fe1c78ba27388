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
    /// The defaults of the whole document, which may have values for fields without their own default.
    private let defaults: JSONObject
    private var dropped = FieldPatterns()
    private var filled = FieldPatterns()
    private var absent = FieldPatterns()
    /// The steps of the present path that are positions or free names, each with its pattern.
    private var freeSteps: [(place: Int, pattern: String)] = []
    /// Whether a default is being arranged: it counts as a whole, without the fields in it.
    private var isInsideDefault = false
    private var list = FaultList()

    /// The fields that were left out, that got their defaults, or that have none.
    var changes: FieldChanges {
        FieldChanges(dropped: dropped.pointers, filled: filled.pointers, absent: absent.pointers)
    }

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
            freeSteps.append((path.count, "{index}"))
            defer { freeSteps.removeLast() }
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
                let wasInside = isInsideDefault
                isInsideDefault = true
                result[name] = arrange(value, in: field, at: path + [name])
                isInsideDefault = wasInside
                note(path + [name], in: \.filled)
            } else if filling == .all {
                note(path + [name], in: \.absent)
            }
        }
        for (name, value) in object.sorted({ $0 }) where result[name] == nil {
            let field = place?.field(name)
            if dropsUnknown, field == nil, place != nil {
                note(path + [name], in: \.dropped)
            } else {
                freeSteps.append((path.count, "{name}"))
                result[name] = arrange(value, in: field, at: path + [name])
                freeSteps.removeLast()
            }
        }
        return result
    }

    private mutating func note(_ path: [String], in fields: WritableKeyPath<Self, FieldPatterns>) {
        if isInsideDefault { return }
        var path = path
        for step in freeSteps { path[step.place] = step.pattern }
        self[keyPath: fields].note(path)
    }

    /// The value in the document's defaults for a required field without its own default.
    private func inherited(_ name: String, _ path: [String], _ required: Set<ExactText>) -> JSONValue? {
        required.contains(ExactText(name)) ? JSONValue.object(defaults).field(path + [name]) : nil
    }

    /// An object whose values are arranged already, with its fields in order.
    static func ordered(_ object: JSONObject, in place: DocumentPlace) -> JSONObject {
        var arrangement = DocumentArrangement(filling: .none)
        return arrangement.arrange(object, in: place, at: [])
    }
}
