import Foundation
import TestSupport

/// The rules for Prometheus, as the tests look at them.
struct AlertingRules: Decodable {
    /// What is computed, or when somebody is to be told.
    struct Rule: Decodable {
        var record: String?
        var alert: String?
        var expr: String
        var `for`: String?
        var labels: [String: String]?
        var annotations: [String: String]?
    }

    struct Group: Decodable {
        var name: String
        var rules: [Rule]
    }

    var groups: [Group]

    /// The rules that are shipped.
    static func shipped() throws -> AlertingRules {
        try YAMLFile.read("docker/prometheus/rules.yml", as: AlertingRules.self)
    }

    private var rules: [Rule] { groups.flatMap(\.rules) }

    /// Those that tell somebody.
    var alerts: [Rule] { rules.filter { $0.alert != nil } }

    /// The names of the series that are recorded.
    var recorded: [String] { rules.compactMap(\.record) }

    /// What all of them ask for.
    var expressions: [String] { rules.map(\.expr) }
}
