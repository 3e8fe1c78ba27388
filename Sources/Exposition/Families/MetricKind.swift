/// What type of metric a family has, and the names that follow from it.
enum MetricKind: Hashable, Sendable {
    case counter
    case gauge
    case summary
    case histogram(upperBounds: [Double])
    case info
    /// The states are those of ``Registry/StateSet/Order``.
    case stateSet(states: [String])

    /// The type as people read it in a message.
    var name: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .summary: "summary"
        case .histogram: "histogram"
        case .info: "info"
        case .stateSet: "state set"
        }
    }

    /// The type with its article.
    var nameWithArticle: String { (name.hasPrefix("i") ? "an " : "a ") + name }

    /// The type in OpenMetrics.
    var openMetricsType: String {
        switch self {
        case .stateSet: "stateset"
        case .counter, .gauge, .summary, .histogram, .info: name
        }
    }

    /// The type in the text formats, which know no info and no state set.
    var textType: String {
        switch self {
        case .info, .stateSet: "gauge"
        case .counter, .gauge, .summary, .histogram: name
        }
    }

    /// What the text formats append to the family's name in its metadata: a type whose family has one sample is named as it.
    var textSuffix: String {
        switch self {
        case .counter: "_total"
        case .info: "_info"
        case .gauge, .summary, .histogram, .stateSet: ""
        }
    }

    /// What the names that no other family may use end in, after the family's name.
    ///
    /// They are the suffixes of the samples in any format, `_created` of OpenMetrics too, so that a registry that is
    /// renderable in one format is so in all.
    var claimedSuffixes: [String] {
        switch self {
        case .counter: ["", "_total", "_created"]
        case .gauge, .stateSet: [""]
        case .summary: ["", "_count", "_sum", "_created"]
        case .histogram: ["", "_bucket", "_count", "_sum", "_created"]
        case .info: ["", "_info"]
        }
    }

    /// Whether OpenMetrics tells when a child was made.
    var hasCreationTime: Bool {
        switch self {
        case .counter, .summary, .histogram: true
        case .gauge, .info, .stateSet: false
        }
    }

    /// The label that the type's samples use themselves, which for a state set is the name of the family.
    func reservedLabel(in family: String) -> String? {
        switch self {
        case .summary: "quantile"
        case .histogram: "le"
        case .stateSet: family
        case .counter, .gauge, .info: nil
        }
    }
}
