/// What a family is, apart from its children and their values.
struct FamilyDescriptor: Sendable {
    /// The name without a suffix: `x` for a counter whose sample is `x_total`.
    let name: String
    let kind: MetricKind
    let help: String
    let labelNames: [String]
    /// The lines that precede the family's samples in text 0.0.4.
    let textMetadata: [UInt8]

    /// Describes a family whose names are known to be valid.
    init(name: String, kind: MetricKind, help: String, labelNames: [String]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labelNames = labelNames
        textMetadata = TextRenderer.metadata(name: name + kind.textSuffix, type: kind.textType, help: help)
    }

    /// Describes a family after checking its names.
    ///
    /// - Throws: `invalidName` or `invalidLabel`.
    init(checkedName given: String, kind: MetricKind, help: String, labelNames: [String]) throws(MetricError) {
        let name = Self.familyName(given, kind: kind)
        try NameRules.checkMetricName(name, given: given)
        try NameRules.checkLabelNames(labelNames, kind: kind, family: given)
        self.init(name: name, kind: kind, help: help, labelNames: labelNames)
    }

    /// The name in text 0.0.4, by which families are sorted.
    var textName: String { name + kind.textSuffix }

    /// Every name that no other family may use.
    var claimedNames: [String] { kind.claimedSuffixes.map { name + $0 } }

    /// Whether a name given by a user means this family.
    func isNamed(_ given: String) -> Bool {
        Self.familyName(given, kind: kind) == name
    }

    /// The name of a family: a counter's may be given with or without `_total`.
    private static func familyName(_ given: String, kind: MetricKind) -> String {
        if case .counter = kind, given.hasSuffix("_total") { return String(given.dropLast("_total".count)) }
        return given
    }
}
