package import Myosin
internal import Primitives

extension JSONSchema {
    /// What keeps a value from being what the schema describes.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - limit: how many faults are told at most.
    /// - Returns: the faults, each with its place in the value; none if it is valid.
    package func faults(of value: JSONValue, limit: Int = ValidationError.maxFaults) -> [ValidationError.Fault] {
        var check = JSONSchemaValidator(limit: limit, path: [], NameSuggestions())
        check.run(self, on: value)
        return check.faults
    }

    /// Whether a value is what the schema describes.
    package func accepts(_ value: JSONValue) -> Bool {
        JSONSchemaValidator(limit: 0, path: [], NameSuggestions()).accepts(self, value)
    }
}

/// Holds a value against a schema, as JSON Schema 2020-12 has it, and notes every fault.
///
/// With a limit of 0 it only finds out whether there is a fault: describing one takes much longer than finding it.
struct JSONSchemaValidator {
    private let isQuiet: Bool
    private var list: FaultList
    /// Whether the value is not what the schema describes.
    private(set) var hasFault = false
    /// Whether the value is of another kind than those that the schema is about, and not just one that it rules out.
    private(set) var isOfOtherKind = false
    private var path: [String]
    private let start: [String]
    /// Shared with the validators of alternatives.
    private let suggestions: NameSuggestions

    /// - Parameters:
    ///   - limit: how many faults are noted at most; 0 to find out only whether there is one.
    ///   - path: the names on the way to the value.
    ///   - suggestions: finds the names that were probably meant.
    init(limit: Int, path: [String], _ suggestions: NameSuggestions) {
        (isQuiet, list) = (limit == 0, FaultList(limit: limit))
        (self.path, start, self.suggestions) = (path, path, suggestions)
    }

    /// The faults that it has noted.
    var faults: [ValidationError.Fault] { list.faults }

    /// Whether nothing more is noted.
    private var isOver: Bool { isQuiet ? hasFault : list.isFull }

    mutating func run(_ node: JSONSchema, on value: JSONValue) {
        let rules = node.rules
        if isOver { return }
        if rules.isNever { return noteOtherKind("must not be there", .forbidden) }
        if let types = rules.types, !types.contains(where: { $0.has(value) }) {
            return noteOtherKind("must be \(Self.phrase(of: types)), got \(value.mention)", .type)
        }
        checkChoice(rules, value)
        switch value {
        case .number(let number): checkNumber(rules, number)
        case .string(let text): checkText(rules, text)
        case .array(let elements): checkArray(rules, elements)
        case .object(let object): checkObject(rules, object)
        case .null, .bool: break
        }
        if let reference = rules.reference { run(reference, on: value) }
        for part in rules.all { run(part, on: value) }
        checkAlternatives(rules, value)
    }

    private mutating func note(_ detail: @autoclosure () -> String, _ code: ValidationError.Code) {
        hasFault = true
        if isOver { return }
        list.note(.init(pointer: path.pointer, detail: detail(), code: code))
    }

    /// Notes a fault of a field of the value.
    private mutating func note(_ name: String, _ fault: (_ pointer: String) -> ValidationError.Fault) {
        hasFault = true
        if isOver { return }
        list.note(fault((path + [name]).pointer))
    }

    private mutating func noteOtherKind(_ detail: @autoclosure () -> String, _ code: ValidationError.Code) {
        if path.count == start.count { isOfOtherKind = true }
        note(detail(), code)
    }

    private mutating func descend(_ step: String, _ node: JSONSchema, _ value: JSONValue) {
        path.append(step)
        run(node, on: value)
        path.removeLast()
    }

    private static func phrase(of types: [JSONSchema.ValueType]) -> String {
        let phrases = types.map(\.phrase)
        guard let last = phrases.last, phrases.count > 1 else { return phrases.first ?? "nothing" }
        return phrases.dropLast().joined(separator: ", ") + " or " + last
    }

    // MARK: Values

    private mutating func checkChoice(_ rules: JSONSchemaRules, _ value: JSONValue) {
        for choice in rules.values where !choice.canonical.contains(value.canonicalBytes) {
            if choice.values.isEmpty {
                noteOtherKind("must not be there", .forbidden)
                continue
            }
            hasFault = true
            if isOver { return }
            let texts = choice.values.prefix(20).map(\.description) + (choice.values.count > 20 ? ["…"] : [])
            let got = if case .string(let text) = value, text.utf8.count <= 40 { text.quoted } else { value.mention }
            let fault = ValidationError.Fault.choice(path.pointer, among: texts, got: got)
            if choice.values.contains(where: { $0.isOfKind(of: value) }) {
                list.note(fault)
            } else {
                noteOtherKind(fault.detail, fault.code)
            }
        }
    }

    private mutating func checkNumber(_ rules: JSONSchemaRules, _ number: JSONNumber) {
        var got: String { "got \(JSONValue.number(number).mention)" }
        if let minimum = rules.minimum, number < minimum { note("must be at least \(minimum), \(got)", .range) }
        if let maximum = rules.maximum, maximum < number { note("must be at most \(maximum), \(got)", .range) }
        if let bound = rules.exclusiveMinimum, !(bound < number) { note("must be more than \(bound), \(got)", .range) }
        if let bound = rules.exclusiveMaximum, !(number < bound) { note("must be less than \(bound), \(got)", .range) }
        if let step = rules.multipleOf, number.isMultiple(of: step) != true {
            note("must be a multiple of \(step), \(got)", .multiple)
        }
    }

    private mutating func checkText(_ rules: JSONSchemaRules, _ text: String) {
        // Characters are those of Unicode, as RFC 8259 has them, and not what a reader takes for one.
        if rules.lengths.isSet { checkCount(rules.lengths, text.unicodeScalars.count, "character") }
        if let format = rules.format, !format.accepts(text) {
            note("must be \(format.phrase), got \(text.utf8.count <= 40 ? text.quoted : "another string")", .format)
        }
    }

    private mutating func checkCount(_ rule: JSONSchemaRules.CountRule, _ count: Int, _ thing: String) {
        func things(_ count: Int) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
        if let minimum = rule.minimum, count < minimum {
            note("must have at least \(things(minimum)), got \(count)", .count)
        }
        if let maximum = rule.maximum, count > maximum {
            note("must have at most \(things(maximum)), got \(count)", .count)
        }
    }

    private mutating func checkArray(_ rules: JSONSchemaRules, _ elements: [JSONValue]) {
        checkCount(rules.elementCounts, elements.count, "element")
        if rules.hasUniqueElements {
            var seen: [ElementKey: Int] = [:]
            for (index, element) in elements.enumerated() {
                if let first = seen.updateValue(index, forKey: ElementKey(value: element)) {
                    note("must not have an element twice; \(first) and \(index) are equal", .duplicate)
                    break
                }
            }
        }
        for (index, element) in elements.enumerated() where !isOver {
            let isFirst = index < rules.firstElements.count
            guard let node = isFirst ? rules.firstElements[index] : rules.otherElements else { break }
            descend("\(index)", node, element)
        }
    }

    private mutating func checkObject(_ rules: JSONSchemaRules, _ object: JSONObject) {
        checkCount(rules.fieldCounts, object.count, "field")
        // In the order of the declaration, as people read them.
        for (name, property) in rules.properties {
            if let value = object[name] {
                descend(name, property, value)
            } else if rules.required.containsExactly(name) {
                note(name) { .missing($0) }
            }
        }
        for name in rules.required where object[name] == nil && rules.propertiesByName[ExactText(name)] == nil {
            note(name) { .missing($0) }
        }
        guard let others = rules.otherProperties else { return }
        // Those that may be meant, once there is one that is unknown.
        lazy var free = rules.properties.map(\.name).filter { object[$0] == nil }
        for (name, value) in object where rules.propertiesByName[ExactText(name)] == nil {
            if isOver { return }
            if others.rules.isNever {
                let meant = isQuiet ? nil : suggestions.name(meantBy: name, among: free)
                note(name) { .unknown($0, meant: meant) }
            } else {
                descend(name, others, value)
            }
        }
    }

    // MARK: Alternatives

    /// How many faults of an alternative are looked at, so that what is told does not depend on how much is asked for.
    private static let alternativeLimit = ValidationError.maxFaults

    /// Whether a value is what an alternative describes; the faults of alternatives are looked for only where none fits.
    func accepts(_ node: JSONSchema, _ value: JSONValue) -> Bool {
        var check = JSONSchemaValidator(limit: 0, path: [], suggestions)
        check.run(node, on: value)
        return !check.hasFault
    }

    /// The faults of a value by each of some alternatives.
    private func checks(of value: JSONValue, in nodes: [JSONSchema]) -> [JSONSchemaValidator] {
        nodes.map { node in
            var check = JSONSchemaValidator(limit: Self.alternativeLimit, path: path, suggestions)
            check.run(node, on: value)
            return check
        }
    }

    private mutating func checkAlternatives(_ rules: JSONSchemaRules, _ value: JSONValue) {
        if isOver { return }
        if !rules.any.isEmpty, !rules.any.contains(where: { accepts($0, value) }) { noteNone(of: rules.any, value) }
        if !rules.exactlyOne.isEmpty {
            let fitting = rules.exactlyOne.indices.filter { accepts(rules.exactlyOne[$0], value) }
            if fitting.isEmpty { noteNone(of: rules.exactlyOne, value) }
            if fitting.count > 1 {
                let names = fitting.map { Self.name(of: rules.exactlyOne[$0], $0) }.joined(separator: " and ")
                note("must be one of the alternatives, and is \(names) at once", .alternative)
            }
        }
        if let not = rules.not, not.accepts(value) {
            note("must not be \(not.rules.title ?? not.rules.summary ?? "what the schema rules out")", .forbidden)
        }
    }

    /// Tells why none of some alternatives fits: the faults of the only one that is of the value's kind, else all briefly.
    private mutating func noteNone(of nodes: [JSONSchema], _ value: JSONValue) {
        hasFault = true
        if isOver { return }
        let checks = checks(of: value, in: nodes)
        let close = checks.filter { !$0.isOfOtherKind }
        if close.count == 1, let faults = close.first?.faults {
            for fault in faults { list.note(fault) }
            return
        }
        let reasons = zip(nodes, checks).prefix(5).enumerated()
            .map { index, alternative in
                "\(Self.name(of: alternative.0, index)) (\(brief(alternative.1.faults.first)))"
            }
        let detail = "fits no alternative: \(reasons.joined(separator: "; "))\(nodes.count > 5 ? "; …" : "")"
        if close.isEmpty { noteOtherKind(detail, .alternative) } else { note(detail, .alternative) }
    }

    /// A fault of this place or one below it, as it is told inside of another one.
    private func brief(_ fault: ValidationError.Fault?) -> String {
        guard let fault else { return "" }
        let below = String(decoding: fault.pointer.utf8.dropFirst(path.pointer.utf8.count), as: UTF8.self)
        return below.isEmpty ? fault.detail : "\(below) \(fault.detail)"
    }

    private static func name(of node: JSONSchema, _ index: Int) -> String {
        node.rules.title.map(\.quoted) ?? "number \(index + 1)"
    }
}

extension JSONSchemaRules.CountRule {
    fileprivate var isSet: Bool { minimum != nil || maximum != nil }
}

extension JSONValue {
    /// Whether a type has both values.
    fileprivate func isOfKind(of other: JSONValue) -> Bool {
        JSONSchema.ValueType.allCases.contains { $0.has(self) && $0.has(other) }
    }
}
