package import Myosin
package import Primitives

/// What a schema says of one place in a document: all of its parts that concern the value there.
///
/// Some hold in any case; others belong to alternatives (`anyOf`, `oneOf`), of which it depends on the value which hold.
package struct DocumentPlace: Sendable {
    /// The parts that hold in any case.
    package private(set) var certain: [JSONSchema] = []
    /// The parts of alternatives.
    package private(set) var possible: [JSONSchema] = []

    /// The place of whole documents.
    package init(_ node: JSONSchema) { take(node, isCertain: true) }

    private init(certain: [JSONSchema], possible: [JSONSchema]) {
        for node in certain { take(node, isCertain: true) }
        for node in possible { take(node, isCertain: false) }
    }

    private mutating func take(_ node: JSONSchema, isCertain: Bool) {
        if isCertain { certain.append(node) } else { possible.append(node) }
        let rules = node.rules
        for part in rules.all + [rules.reference].compactMap(\.self) { take(part, isCertain: isCertain) }
        for part in rules.any + rules.exactlyOne { take(part, isCertain: false) }
    }

    // MARK: Below

    /// The names of the fields that are declared for an object here, in order of their declaration.
    package var fieldNames: [String] {
        var seen: Set<ExactText> = []
        return (certain + possible).flatMap { $0.rules.properties.map(\.name) }
            .filter { seen.insert(ExactText($0)).inserted }
    }

    /// The place of a field that is declared by its name; nil for any other.
    package func declaredField(_ name: String) -> DocumentPlace? {
        let place = DocumentPlace(
            certain: certain.compactMap { $0.rules.propertiesByName[ExactText(name)] },
            possible: possible.compactMap { $0.rules.propertiesByName[ExactText(name)] }
        )
        return place.certain.isEmpty && place.possible.isEmpty ? nil : place
    }

    /// The place of a field, declared or one of the others that an object here may have; nil where it may not have it.
    package func field(_ name: String) -> DocumentPlace? {
        if let declared = declaredField(name) { return declared }
        guard mayBe(.object) else { return nil }
        return below(\.otherProperties)
    }

    /// The place of an element; nil where no array may be, or none of that length.
    package func element(_ index: Int) -> DocumentPlace? {
        guard mayBe(.array) else { return nil }
        return below { rules in
            index < rules.firstElements.count ? rules.firstElements[index] : rules.otherElements
        }
    }

    func below(_ part: (JSONSchemaRules) -> JSONSchema?) -> DocumentPlace? {
        let (sure, maybe) = (certain.compactMap { part($0.rules) }, possible.compactMap { part($0.rules) })
        return sure.contains { $0.rules.isNever } ? nil : DocumentPlace(certain: sure, possible: maybe)
    }

    // MARK: What is said of it

    /// Whether a value of a type may stand here, as far as the types alone tell.
    package func mayBe(_ type: JSONSchema.ValueType) -> Bool {
        func allows(_ node: JSONSchema) -> Bool { node.rules.types?.contains(type) ?? !node.rules.isNever }
        return certain.allSatisfy(allows)
    }

    /// Whether `null` may stand here.
    package var acceptsNull: Bool {
        certain.isEmpty ? possible.contains { $0.accepts(.null) } : certain.allSatisfy { $0.accepts(.null) }
    }

    /// The names that an object here must have.
    package var required: Set<ExactText> { certain.flatMap(\.rules.required).exactTexts }

    /// Whether clients may not change what stands here.
    package var isReadOnly: Bool { certain.contains { $0.rules.isReadOnly } }

    /// What stands here where nothing is said.
    package var defaultValue: JSONValue? { certain.lazy.compactMap(\.rules.defaultValue).first }

    /// The unit of a number here.
    package var unit: String? { certain.lazy.compactMap(\.rules.unit).first }

    /// What people are told.
    package var summary: String? { (certain + possible).lazy.compactMap { $0.rules.summary ?? $0.rules.title }.first }

    /// Whether a metric shows what stands here; nil where that is not said.
    package var isMetric: Bool? { certain.lazy.compactMap(\.rules.isMetric).first }
}

extension DocumentPlace {
    /// The types that are named for a value here.
    package var types: [JSONSchema.ValueType] { (certain + possible).flatMap { $0.rules.types ?? [] } }

    /// The strings that are named as the only ones here; of alternatives those of all.
    package var strings: [String] {
        let sure = certain.lazy.compactMap(\.rules.values.first).first.map { [$0] }
        var seen: Set<ExactText> = []
        return (sure ?? possible.compactMap(\.rules.values.first)).flatMap(\.values)
            .compactMap { value in
                if case .string(let text) = value, seen.insert(ExactText(text)).inserted { text } else { nil }
            }
    }
}
