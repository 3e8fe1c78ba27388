internal import Myosin
internal import Primitives

/// The type of the metric that shows a number: the values of `x-metric-type`.
package enum MetricType: String, CaseIterable, Sendable {
    case gauge, counter
}

/// The keywords `x-metric-type` and `x-metric-label` of a place, and their faults there.
extension DocumentPlace {
    /// Whether a metric shows what stands here as a counter or as a gauge; nil where that is not said.
    package var metricType: MetricType? { certain.lazy.compactMap(\.rules.metricType).first }

    /// The label that distinguishes the elements of a collection here; nil if they have no metrics.
    package var metricLabel: String? { certain.lazy.compactMap(\.rules.metricLabel).first }

    /// The place of all elements of an array, or of all members of an object with free names.
    package var elements: DocumentPlace? {
        isMap ? below(\.otherProperties) : below(\.otherElements)
    }

    /// Whether an object with free names stands here, rather than an array.
    package var isMap: Bool { types.contains(.object) }

    /// Whether a number stands here, and nothing else but null.
    package var isNumber: Bool { isOnly([.number, .integer]) }

    /// Whether only a date and time as text, or null, may stand here.
    package var isTime: Bool {
        isOnly([.string]) && certain.contains { $0.rules.format == .dateTime }
    }

    private func isOnly(_ allowed: Set<JSONSchema.ValueType>) -> Bool {
        let types = Set(types).subtracting([.null])
        return !types.isEmpty && types.isSubset(of: allowed)
    }

    /// The faults of keywords that would have no effect here, or another one than meant.
    ///
    /// - Returns: the keywords, each with its fault.
    package var metricFaults: [(keyword: String, detail: String)] {
        var faults: [(keyword: String, detail: String)] = []
        if let detail = metricTypeFault { faults.append(("x-metric-type", detail)) }
        if let detail = metricLabelFault { faults.append(("x-metric-label", detail)) }
        return faults
    }

    private var metricTypeFault: String? {
        switch metricType {
        case nil: return nil
        case .gauge:
            return isOnly([.number, .integer, .boolean]) || isTime
                ? nil : "is for numbers, booleans and date-times; the type here is none of these"
        case .counter:
            guard isNumber else { return "is counter, which is for numbers; write \"type\": \"integer\" or \"number\"" }
            let isNeverNegative = certain.contains { node in
                [node.rules.minimum, node.rules.exclusiveMinimum].contains { $0.map { $0 >= JSONNumber(0) } ?? false }
            }
            if unit == "total" { return "is counter, whose name ends in total already; take \"x-unit\": \"total\" out" }
            return isNeverNegative ? nil : "is counter, and a counter is never negative; write \"minimum\": 0 beside it"
        }
    }

    private var metricLabelFault: String? {
        guard let metricLabel else { return nil }
        if isOnly([.object]) { return mapFault }
        if isOnly([.array]) { return arrayFault(metricLabel) }
        return "is for objects with free names and arrays of objects; the type here is neither"
    }

    private var mapFault: String? {
        if !fieldNames.isEmpty {
            return "is for objects whose names are free; move the properties out of this object, or take the label out"
        }
        guard let elements, elements.hasMetrics else {
            return
                "needs \"additionalProperties\" with a schema of numbers, booleans, date-times, enumerated strings or objects of "
                + "these; one level of free names is supported"
        }
        return nil
    }

    private func arrayFault(_ key: String) -> String? {
        guard let elements, elements.isOnly([.object]), !elements.fieldNames.isEmpty else {
            return "needs \"items\" with a schema of objects with properties"
        }
        guard elements.required.contains(ExactText(key)),
            elements.declaredField(key)?.isOnly([.string, .integer]) == true
        else {
            return "must name a required property of the elements that is a string or an integer, got \(key.quoted)"
        }
        return nil
    }

    /// Whether metrics can show what stands here, or fields of it.
    private var hasMetrics: Bool {
        isOnly([.number, .integer, .boolean]) || isOnly([.string]) && !strings.isEmpty
            || isOnly([.object]) && !fieldNames.isEmpty || isTime
    }
}
