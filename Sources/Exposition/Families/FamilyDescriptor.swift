/// What a family is, apart from its children and their values.
struct FamilyDescriptor: Sendable {
    /// The name without a suffix: `x` for a counter whose sample is `x_total`.
    let name: String
    let kind: MetricKind
    let help: String
    let unit: String?
    let labelNames: [String]
    let exemplarUse = ExemplarUse()
    /// The lines that precede the family's samples in the text formats.
    let textMetadata: [UInt8]
    /// The lines that precede them in OpenMetrics.
    let openMetricsMetadata: [UInt8]

    /// Describes a family with names that are valid or on no page.
    init(name: String, kind: MetricKind, help: String, unit: String? = nil, labelNames: [String]) {
        self.name = name
        self.kind = kind
        (self.help, self.unit, self.labelNames) = (help, unit, labelNames)
        textMetadata = Self.textMetadata(name + kind.textSuffix, kind.textType, help)
        openMetricsMetadata = Self.openMetricsMetadata(name, kind.openMetricsType, unit, help)
    }

    private static func textMetadata(_ name: String, _ type: String, _ help: String) -> [UInt8] {
        var bytes = Array("# HELP \(name) ".utf8)
        bytes.append(escaping: help, quotes: false)
        bytes += "\n# TYPE \(name) \(type)\n".utf8
        return bytes
    }

    private static func openMetricsMetadata(_ name: String, _ type: String, _ unit: String?, _ help: String) -> [UInt8]
    {
        var bytes = Array("# TYPE \(name) \(type)\n".utf8)
        if let unit { bytes += "# UNIT \(name) \(unit)\n".utf8 }
        bytes += "# HELP \(name) ".utf8
        bytes.append(escaping: help, quotes: true)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// Describes a family after checking its names.
    ///
    /// - Throws: `invalidName`, `invalidUnit` or `invalidLabel`.
    init(
        checkedName given: String,
        kind: MetricKind,
        help: String,
        unit: String?,
        labelNames: [String]
    ) throws(MetricError) {
        let name = Self.familyName(given, kind: kind)
        try NameRules.checkMetricName(name, given: given)
        if let unit { try NameRules.checkUnit(unit, of: name, given: given) }
        // A state set's name is a label too.
        if case .stateSet = kind { try NameRules.checkLabelNames([name], kind: .gauge, family: given) }
        try NameRules.checkLabelNames(labelNames, kind: kind, family: given)
        self.init(name: name, kind: kind, help: help, unit: unit, labelNames: labelNames)
    }

    /// The name in the text formats, by which families are sorted.
    var textName: String { name + kind.textSuffix }

    /// Every name that no other family may use.
    var claimedNames: [String] { kind.claimedSuffixes.map { name + $0 } }

    /// Whether a name is that of the family or of a sample of it, in any format.
    func has(anyOf names: Set<String>) -> Bool { claimedNames.contains { names.contains($0) } }

    /// Whether a name given by a user means this family.
    func isNamed(_ given: String) -> Bool {
        Self.familyName(given, kind: kind) == name
    }

    /// The name of a family: a counter's may be given with or without `_total`.
    static func familyName(_ given: String, kind: MetricKind) -> String {
        if case .counter = kind, given.hasSuffix("_total") { return String(given.dropLast("_total".count)) }
        return given
    }
}
