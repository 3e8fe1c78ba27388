internal import Myosin
internal import Primitives
package import StateSchema

/// The metric that shows a field of a model: a number, a boolean, a date and time, or a string with an `enum`.
package struct StateMetric: Sendable {
    /// What the field has.
    package enum Kind: Sendable, Hashable {
        case number
        case boolean
        /// A date and time as text; the metric shows the seconds since 1970.
        case time
        /// One of these strings.
        case choice([String])
    }

    /// The collection whose elements have the field, each with a series of its own.
    package struct Elements: Sendable {
        /// The name of the label with the elements' keys, which for an array is the name of the field that has the key.
        package let label: String
        /// Whether the keys are the names in an object, rather than fields of an array's elements.
        let isMap: Bool
        /// The names on the way to the collection.
        let collection: [String]
        /// The names on the way from an element to the field.
        let field: [String]
    }

    /// The family's name, `myosin_state_telemetry_temperature_celsius`; a counter's without `_total`.
    package let name: String
    /// What the field means.
    package let help: String
    /// The unit, where the name ends in it.
    package let unit: String?
    package let kind: Kind
    /// Whether the field is a counter, by `x-metric-type`.
    package let isCounter: Bool
    /// Whether the field is a whole number.
    let isInteger: Bool
    /// The model's name.
    package let model: String
    /// The names on the way to the field; of an element the label in braces.
    package let path: [String]
    /// The collection that the field is in; nil where there is one field.
    package let elements: Elements?
    /// Where the schema declares the field.
    package let schemaPointer: String

    /// The name on the page in the text formats, by which Prometheus knows it.
    var pageName: String { isCounter ? name + "_total" : name }

    /// What the metric is, in one word.
    var kindName: String {
        switch kind {
        case .number: isCounter ? "counter" : isInteger ? "integer" : "number"
        case .boolean: "boolean"
        case .time: "time"
        case .choice: "stateset"
        }
    }

    /// The metrics of a model, in order of its fields.
    ///
    /// Fields inside of arrays and those with free names have one only by `x-metric-label`, and `id` has none. `x-metric: false`
    /// hides a field and what is below it.
    ///
    /// - Parameters:
    ///   - model: the model's name.
    ///   - node: its schema.
    /// - Returns: the metrics; of colliding ones all.
    package static func all(of model: String, _ node: JSONSchema) -> [StateMetric] {
        derive(model, node).metrics
    }

    /// The metrics with the faults of their keywords, for a schema that has not been checked yet.
    static func derive(_ model: String, _ node: JSONSchema) -> (metrics: [StateMetric], faults: [String]) {
        var collector = Collector(model: model)
        collector.collect(DocumentPlace(node), [])
        return (collector.metrics, collector.faults)
    }

    /// Walks a schema.
    private struct Collector {
        let model: String
        var metrics: [StateMetric] = []
        var faults: [String] = []

        mutating func collect(_ place: DocumentPlace, _ path: [String], of elements: Elements? = nil) {
            for name in place.fieldNames {
                let way = path + [name]
                // The key is the label already.
                let isKey = elements.map { !$0.isMap && $0.field.isEmpty && $0.label == name } ?? false
                guard let field = place.declaredField(name), way != ["id"], !isKey else { continue }
                add(field, way, elements.map { $0.below(name) })
            }
        }

        private mutating func add(_ field: DocumentPlace, _ path: [String], _ elements: Elements?) {
            if field.isMetric == false { return }
            let found = field.metricFaults
            faults += found.map { "\(model)\(path.pointer): \($0.keyword) \($0.detail)" }
            if let label = field.metricLabel {
                guard found.isEmpty, let inner = field.elements else { return }
                guard elements == nil else {
                    faults.append(
                        "\(model)\(path.pointer): x-metric-label has no effect inside of another one; take it out"
                    )
                    return
                }
                add(
                    inner,
                    toElementsOf: Elements(label: label, isMap: field.isMap, collection: path, field: [])
                )
            } else if let kind = StateMetric.kind(of: field) {
                // A metric of another type than its author wants is worse than none.
                if found.isEmpty { metrics.append(StateMetric(model, path, kind, field, elements)) }
            } else {
                collect(field, path, of: elements)
            }
        }

        private mutating func add(_ element: DocumentPlace, toElementsOf elements: Elements) {
            add(element, elements.collection + ["{\(elements.label)}"], elements)
        }
    }

    private static func kind(of field: DocumentPlace) -> Kind? {
        let types = Set(field.types)
        if types.contains(.number) || types.contains(.integer) { return .number }
        if types.contains(.boolean) { return .boolean }
        let strings = field.strings
        if types.contains(.string), !strings.isEmpty { return .choice(strings) }
        return field.isTime ? .time : nil
    }

    private init(_ model: String, _ path: [String], _ kind: Kind, _ field: DocumentPlace, _ elements: Elements?) {
        (self.model, self.path, self.kind, self.elements) = (model, path, kind, elements)
        isCounter = field.metricType == .counter
        isInteger = kind == .number && !field.types.contains(.number)
        schemaPointer = (field.certain.first ?? field.possible.first)?.pointer ?? ""
        let unit = kind == .time ? "seconds" : field.unit
        let name = Self.name(model, elements.map { $0.collection + $0.field } ?? path, kind, unit, isCounter)
        self.name = name
        let hasUnit = kind == .number || kind == .time
        self.unit = unit.flatMap { hasUnit && name.hasSuffix("_\($0)") ? $0 : nil }
        help = field.summary ?? "The field \(path.pointer) of \(model)."
    }

    private static let reservedEndings = ["_count", "_sum", "_total", "_bucket", "_info", "_created"]

    private static func name(
        _ model: String,
        _ path: [String],
        _ kind: Kind,
        _ unit: String?,
        _ isCounter: Bool
    ) -> String {
        var name = (["myosin_state", model] + path).map(snakeCase).joined(separator: "_")
        // As Prometheus advises, `started_at_timestamp_seconds` and `start_time_seconds`.
        if kind == .time, !["_time", "_timestamp"].contains(where: name.hasSuffix) { name += "_timestamp" }
        // The page appends it again, behind the unit.
        if isCounter, name.hasSuffix("_total") { name = String(name.dropLast("_total".count)) }
        if let unit, !name.hasSuffix("_" + unit) { name += "_" + unit }
        if isCounter { return name }
        return reservedEndings.contains { name.hasSuffix($0) } ? name + "_value" : name
    }

    /// `CamelCase` as `camel_case`, `HTTPServer` as `http_server`; every character that a metric's name cannot have as `_`.
    private static func snakeCase(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            guard byte.isLetter || byte.isDigit else {
                // Bytes that continue a character are part of its one `_`.
                if byte & 0xC0 != 0x80 { result.append(UInt8(ascii: "_")) }
                continue
            }
            if byte.isCapital, index > 0 {
                let (former, next) = (bytes[index - 1], index + 1 < bytes.count ? bytes[index + 1] : 0)
                let beginsWord =
                    former.isSmallLetter || former.isDigit
                    || former.isCapital && next.isSmallLetter
                if beginsWord { result.append(UInt8(ascii: "_")) }
            }
            result.append(byte.isLetter ? byte | 0x20 : byte)
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension StateMetric.Elements {
    /// The elements as a field further down sees them.
    fileprivate func below(_ name: String) -> Self {
        Self(label: label, isMap: isMap, collection: collection, field: field + [name])
    }

    /// The elements that a document has now, with their keys and the values of the field, in their order.
    func values(in document: JSONValue) -> [(key: String, value: JSONValue?)] {
        switch document.value(at: collection) {
        case .object(let members)? where isMap: members.map { ($0, $1.value(at: field)) }
        case .array(let elements)? where !isMap:
            elements.compactMap { element in
                switch element.value(at: CollectionOfOne(label)) {
                case .string(let key)?: (key, element.value(at: field))
                case .number(let key)?:
                    (key.canonical { true }?.description ?? key.description, element.value(at: field))
                default: nil
                }
            }
        default: []
        }
    }
}

extension StateMetric {
    /// The model and the field, for messages.
    var place: String { "\(model)\(path.pointer)" }

    /// Says that a field has too many values for a metric; nil if it has not.
    ///
    /// - Parameter maxSeries: how many series a metric may have.
    /// - Returns: the sentence, with the advice.
    package func excess(over maxSeries: Int) -> String? {
        guard case .choice(let values) = kind, values.count > maxSeries else { return nil }
        return
            "\(place): its enum has \(values.count) values, and a metric has up to \(maxSeries) series. Use fewer values, or add "
            + "\"x-metric\": false to its schema."
    }

    /// Fields of declared models whose metrics would have one name.
    ///
    /// - Parameter models: the declarations with their files.
    /// - Returns: a fault for each of several fields but the first.
    package static func collisions(of models: ModelDirectory.Models) -> [ModelDirectory.Fault] {
        var owners: [String: StateMetric] = [:]
        return models.declarations.flatMap { all(of: $0.name, $0.node) }
            .compactMap { metric in
                if case .choice = metric.kind, metric.elements?.label == metric.name {
                    return ModelDirectory.Fault(
                        models.files[metric.model] ?? metric.model,
                        metric.schemaPointer,
                        "has the metric \(metric.name), whose states have the label of this name; take another one as x-metric-label"
                    )
                }
                guard let other = owners.updateValue(metric, forKey: metric.name) else { return nil }
                return ModelDirectory.Fault(
                    models.files[metric.model] ?? metric.model,
                    metric.schemaPointer,
                    "has the metric \(metric.name), which \(other.model)\(other.path.pointer) has too; rename one, or hide one with "
                        + "\"x-metric\": false"
                )
            }
    }
}
