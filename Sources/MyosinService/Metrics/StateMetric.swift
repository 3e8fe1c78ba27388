internal import Myosin
internal import Primitives
package import StateSchema

/// The metric that shows a field of a model: a number, a boolean, or a string that is one of some.
package struct StateMetric: Sendable {
    /// What the field has.
    package enum Kind: Sendable, Hashable {
        case number
        case boolean
        /// One of these strings.
        case choice([String])
    }

    /// `myosin_state_telemetry_temperature_celsius`.
    package let name: String
    /// What the field means.
    package let help: String
    /// The unit, where the name ends in it.
    package let unit: String?
    package let kind: Kind
    /// The model's name.
    package let model: String
    /// The names on the way to the field.
    package let path: [String]
    /// Where the schema declares the field.
    package let schemaPointer: String

    /// The metrics of a model, in order of its fields.
    ///
    /// Fields inside of arrays and those with free names have none, and neither has `id`. `x-metric: false` hides a field and
    /// what is below it.
    ///
    /// - Parameters:
    ///   - model: the model's name.
    ///   - node: its schema.
    /// - Returns: the metrics; of colliding ones all.
    package static func all(of model: String, _ node: JSONSchema) -> [StateMetric] {
        var metrics: [StateMetric] = []
        collect(DocumentPlace(node), model, [], &metrics)
        return metrics
    }

    private static func collect(
        _ place: DocumentPlace,
        _ model: String,
        _ path: [String],
        _ metrics: inout [StateMetric]
    ) {
        for name in place.fieldNames {
            let way = path + [name]
            guard let field = place.declaredField(name), field.isMetric != false, way != ["id"] else { continue }
            if let kind = kind(of: field) {
                metrics.append(StateMetric(model, way, kind, field))
            } else {
                collect(field, model, way, &metrics)
            }
        }
    }

    private static func kind(of field: DocumentPlace) -> Kind? {
        let types = Set(field.types)
        if types.contains(.number) || types.contains(.integer) { return .number }
        if types.contains(.boolean) { return .boolean }
        let strings = field.strings
        return types.contains(.string) && !strings.isEmpty ? .choice(strings) : nil
    }

    private init(_ model: String, _ path: [String], _ kind: Kind, _ field: DocumentPlace) {
        (self.model, self.path, self.kind) = (model, path, kind)
        schemaPointer = (field.certain.first ?? field.possible.first)?.pointer ?? ""
        let unit = field.unit
        let name = Self.name(model, path, unit)
        self.name = name
        self.unit = unit.flatMap { kind == .number && name.hasSuffix("_\($0)") ? $0 : nil }
        help = field.summary ?? "The field \(path.pointer) of \(model)."
    }

    private static let reservedEndings = ["_count", "_sum", "_total", "_bucket", "_info", "_created"]

    private static func name(_ model: String, _ path: [String], _ unit: String?) -> String {
        var name = (["myosin_state", model] + path).map(snakeCase).joined(separator: "_")
        if let unit, !name.hasSuffix("_" + unit) { name += "_" + unit }
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

extension StateMetric {
    /// Fields of declared models whose metrics would have one name.
    ///
    /// - Parameter models: the declarations with their files.
    /// - Returns: a fault for each of several fields but the first.
    package static func collisions(of models: ModelDirectory.Models) -> [ModelDirectory.Fault] {
        var owners: [String: StateMetric] = [:]
        return models.declarations.flatMap { all(of: $0.name, $0.node) }
            .compactMap { metric in
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
