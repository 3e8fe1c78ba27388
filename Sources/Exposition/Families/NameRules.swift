internal import Primitives

/// The rules for classic names, which every version of Prometheus accepts.
///
/// Source: <https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels>
enum NameRules {
    /// Checks a family's name: letters, digits, `_` and `:`, no digit first.
    ///
    /// - Throws: `invalidName`.
    static func checkMetricName(_ name: String, given: String) throws(MetricError) {
        guard isName(name, isExtra: { $0 == UInt8(ascii: ":") }) else {
            throw MetricError(
                code: .invalidName,
                family: given,
                message: """
                    "\(given)" is no metric name: use ASCII letters, digits, _ and :, no digit first, and more than \
                    a suffix
                    """
            )
        }
    }

    /// Checks the names of a family's labels: letters, digits and `_`, no digit and no `__` first, each name once.
    ///
    /// - Throws: `invalidLabel`.
    static func checkLabelNames(_ names: [String], kind: MetricKind, family: String) throws(MetricError) {
        var seen: Set<String> = []
        for name in names {
            guard isName(name, isExtra: { _ in false }) else {
                throw invalidLabel(name, family, "use ASCII letters, digits and _, and no digit first")
            }
            guard !name.hasPrefix("__") else {
                throw invalidLabel(name, family, "names that begin with __ belong to Prometheus")
            }
            guard name != kind.reservedLabel(in: family) else {
                throw invalidLabel(name, family, "\(kind.nameWithArticle) uses that label itself")
            }
            guard seen.insert(name).inserted else {
                throw invalidLabel(name, family, "give each label once")
            }
        }
    }

    /// Whether a label may have a name, whatever its metric.
    static func isLabelName(_ name: String) -> Bool { isName(name) { _ in false } && !name.hasPrefix("__") }

    /// Checks that a name ends in its unit, which every reader of OpenMetrics demands.
    ///
    /// - Throws: `invalidUnit`.
    static func checkUnit(_ unit: String, of name: String, given: String) throws(MetricError) {
        guard isName(unit, isExtra: { _ in false }) else {
            throw invalidUnit(unit, name, "use ASCII letters, digits and _, and no digit first, as in \(name)_seconds")
        }
        guard name.hasSuffix("_\(unit)") else {
            let suffix = given.hasSuffix(name) ? "" : "_total"
            throw invalidUnit(unit, name, "the name must end in it, as in \(name)_\(unit)\(suffix)")
        }
    }

    private static func invalidUnit(_ unit: String, _ family: String, _ reason: String) -> MetricError {
        MetricError(
            code: .invalidUnit,
            family: family,
            message: "the unit of \(family) cannot be \"\(unit)\": \(reason)"
        )
    }

    private static func invalidLabel(_ name: String, _ family: String, _ reason: String) -> MetricError {
        MetricError(
            code: .invalidLabel,
            family: family,
            message: "\(family) cannot have the label \"\(name)\": \(reason)"
        )
    }

    private static func isName(_ name: String, isExtra: (UInt8) -> Bool) -> Bool {
        guard let first = name.utf8.first, !first.isDigit else { return false }
        return name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || isExtra($0) }
    }
}
