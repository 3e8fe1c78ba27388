package import Myosin
internal import Primitives

extension JSONSchema {
    /// What is done with keywords that are not read.
    package enum UnknownKeywords: Sendable {
        /// They are faults, which is what somebody who writes a schema wants to hear.
        case refused
        /// They are annotations, as JSON Schema has it.
        case ignored
    }

    /// Reads a JSON Schema (draft 2020-12).
    ///
    /// References lead to places of the same document and never back to where they come from. Reached nodes are bounded, so
    /// that no document makes a validation run without end.
    ///
    /// - Parameters:
    ///   - document: the schema.
    ///   - unknown: what is done with keywords that are not read.
    /// - Returns: the schema's node.
    /// - Throws: ``JSONSchemaError`` with every fault.
    package static func read(
        _ document: JSONValue,
        unknown: UnknownKeywords = .refused
    ) throws(JSONSchemaError) -> JSONSchema {
        var reader = JSONSchemaReader(document: document, unknown: unknown)
        let node = reader.node(document, at: [])
        guard reader.faults.isEmpty else { throw JSONSchemaError(reader.faults) }
        return node
    }
}

/// Reads a schema into nodes and notes what is wrong with it.
struct JSONSchemaReader {
    let document: JSONValue
    let unknown: JSONSchema.UnknownKeywords
    private(set) var faults: [JSONSchemaError.Fault] = []
    private var known: [ExactText: JSONSchema] = [:]
    /// The places that are being read, from the top down to here.
    private var underWay: Set<ExactText> = []

    /// How many nodes may be reached from one, each counted as often as it is, and how deep.
    private static let (maxWeight, maxDepth, maxFaults) = (100_000, 200, ValidationError.maxFaults)

    private static let growth =
        "grows beyond \(maxWeight) parts or \(maxDepth) levels once its references are followed"

    init(document: JSONValue, unknown: JSONSchema.UnknownKeywords) {
        (self.document, self.unknown) = (document, unknown)
    }

    mutating func note(_ path: [String], _ detail: String) {
        let fault = JSONSchemaError.Fault(path.pointer, detail)
        if faults.count < Self.maxFaults, !faults.contains(fault) { faults.append(fault) }
    }

    /// The node of a schema.
    ///
    /// - Parameters:
    ///   - schema: the schema.
    ///   - path: the names on the way to it.
    /// - Returns: the node; where something is wrong with it, that is noted and the node says nothing.
    mutating func node(_ schema: JSONValue, at path: [String]) -> JSONSchema {
        let pointer = path.pointer
        let place = ExactText(pointer)
        if let node = known[place] { return node }
        // Before the stack is at its end: a chain of references can be as long as the document.
        guard underWay.count < Self.maxDepth else {
            note(path, Self.growth)
            return JSONSchema(JSONSchemaRules(), at: pointer)
        }
        underWay.insert(place)
        var rules = JSONSchemaRules()
        switch schema {
        case .bool(let accepts): rules.isNever = !accepts
        case .object(let keywords):
            for (name, argument) in keywords { read(name, argument, into: &rules, at: path) }
            measure(&rules, at: path)
        default: note(path, "must be a schema, which is an object, true or false, got \(schema.kind)")
        }
        underWay.remove(place)
        let node = JSONSchema(rules, at: pointer)
        known[place] = node
        return node
    }

    private mutating func measure(_ rules: inout JSONSchemaRules, at path: [String]) {
        for node in rules.nodes {
            let (weight, isOver) = rules.weight.addingReportingOverflow(node.rules.weight)
            rules.weight = isOver ? .max : weight
            rules.depth = max(rules.depth, node.rules.depth + 1)
        }
        guard rules.weight > Self.maxWeight || rules.depth > Self.maxDepth else { return }
        note(path, Self.growth)
        // Said once, and not of everything above it too; and what is freed one inside of the other must not be many either.
        rules = JSONSchemaRules()
    }

    // MARK: Keywords

    private mutating func read(
        _ name: String,
        _ argument: JSONValue,
        into rules: inout JSONSchemaRules,
        at path: [String]
    ) {
        let place = path + [name]
        guard JSONSchemaKeywords.known.contains(name) else {
            if unknown == .refused { note(place, JSONSchemaKeywords.refusal(of: name)) }
            return
        }
        if JSONSchemaKeywords.atTop.contains(name), !path.isEmpty {
            return note(place, "stands at the top of a schema only, since it concerns the whole")
        }
        if readShape(name, argument, into: &rules, at: place) || readBound(name, argument, into: &rules, at: place) {
            return
        }
        switch name {
        case "$schema": checkDialect(argument, at: place)
        case "$id", "$comment": _ = text(argument, at: place)
        case "title": rules.title = text(argument, at: place)
        case "description": rules.summary = text(argument, at: place)
        case "default": rules.defaultValue = argument
        case "const": rules.values.append(.init([argument]))
        case "enum": if let values = list(argument, at: place) { rules.values.append(.init(values)) }
        case "examples": rules.examples = list(argument, at: place) ?? []
        case "type": rules.types = types(argument, at: place)
        case "format": rules.format = format(argument, at: place)
        case "required": rules.required = names(argument, at: place)
        case "uniqueItems": rules.hasUniqueElements = flag(argument, at: place) ?? false
        case "readOnly": rules.isReadOnly = flag(argument, at: place) ?? false
        case "x-unit": rules.unit = unit(argument, at: place)
        case "x-metric": rules.isMetric = flag(argument, at: place)
        case "x-metric-type": rules.metricType = metricType(argument, at: place)
        case "x-metric-label": rules.metricLabel = metricLabel(argument, at: place)
        case "x-durable", "x-require-if-match": _ = flag(argument, at: place)
        case "x-max-bytes":
            if let bytes = count(argument, at: place), bytes == 0 { note(place, "must be at least 1") }
        case "x-version":
            if let version = count(argument, at: place), version == 0 { note(place, "must be at least 1") }
        default: break
        }
    }

    /// Reads a keyword that holds schemas.
    private mutating func readShape(
        _ name: String,
        _ argument: JSONValue,
        into rules: inout JSONSchemaRules,
        at place: [String]
    ) -> Bool {
        switch name {
        case "properties": rules.properties = namedNodes(argument, at: place)
        case "$defs": _ = namedNodes(argument, at: place)
        case "additionalProperties": rules.otherProperties = node(argument, at: place)
        case "items": rules.otherElements = node(argument, at: place)
        case "prefixItems": rules.firstElements = nodes(argument, at: place)
        case "allOf": rules.all = nodes(argument, at: place)
        case "anyOf": rules.any = nodes(argument, at: place)
        case "oneOf": rules.exactlyOne = nodes(argument, at: place)
        case "not": rules.not = node(argument, at: place)
        case "$ref": rules.reference = target(argument, at: place)
        default: return false
        }
        return true
    }

    /// Reads a keyword that holds a number.
    private mutating func readBound(
        _ name: String,
        _ argument: JSONValue,
        into rules: inout JSONSchemaRules,
        at place: [String]
    ) -> Bool {
        switch name {
        case "minimum": rules.minimum = number(argument, at: place)
        case "maximum": rules.maximum = number(argument, at: place)
        case "exclusiveMinimum": rules.exclusiveMinimum = number(argument, at: place)
        case "exclusiveMaximum": rules.exclusiveMaximum = number(argument, at: place)
        case "multipleOf":
            rules.multipleOf = number(argument, at: place)
            if let step = rules.multipleOf, JSONNumber(0).isMultiple(of: step) == nil {
                note(place, "must be a number above 0 of at most 18 digits, got \(argument.mention)")
            }
        case "minLength": rules.lengths.minimum = count(argument, at: place)
        case "maxLength": rules.lengths.maximum = count(argument, at: place)
        case "minItems": rules.elementCounts.minimum = count(argument, at: place)
        case "maxItems": rules.elementCounts.maximum = count(argument, at: place)
        case "minProperties": rules.fieldCounts.minimum = count(argument, at: place)
        case "maxProperties": rules.fieldCounts.maximum = count(argument, at: place)
        default: return false
        }
        return true
    }

    private mutating func namedNodes(_ argument: JSONValue, at place: [String]) -> [(name: String, node: JSONSchema)] {
        guard case .object(let schemas) = argument else {
            note(place, "must be an object of schemas, got \(argument.kind)")
            return []
        }
        var result: [(name: String, node: JSONSchema)] = []
        for (name, schema) in schemas { result.append((name, node(schema, at: place + [name]))) }
        return result
    }

    private mutating func nodes(_ argument: JSONValue, at place: [String]) -> [JSONSchema] {
        guard case .array(let schemas) = argument, !schemas.isEmpty else {
            note(place, "must be an array of schemas with at least one, got \(argument == [] ? "none" : argument.kind)")
            return []
        }
        var result: [JSONSchema] = []
        for (index, schema) in schemas.enumerated() { result.append(node(schema, at: place + ["\(index)"])) }
        return result
    }

    /// The node that a reference names.
    private mutating func target(_ argument: JSONValue, at place: [String]) -> JSONSchema? {
        guard let reference = text(argument, at: place) else { return nil }
        guard let path = LocalReference(reference)?.steps else {
            note(place, "must name a place in this document, such as #/$defs/name, got \(reference.quoted)")
            return nil
        }
        guard let schema = document.value(at: path) else {
            note(place, "names \(reference), which is not in this document")
            return nil
        }
        if underWay.contains(ExactText(path.pointer)) {
            note(place, "leads back to where it stands; a schema cannot contain itself here")
            return nil
        }
        return node(schema, at: path)
    }
}

extension JSONSchemaRules {
    /// All nodes that are reached from here in one step.
    var nodes: [JSONSchema] {
        properties.map(\.node) + [otherProperties, otherElements, reference, not].compactMap(\.self) + firstElements
            + all
            + any + exactlyOne
    }
}
