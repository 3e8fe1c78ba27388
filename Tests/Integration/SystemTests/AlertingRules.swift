import Foundation
import TestSupport

/// The parts of the rules for Prometheus that the tests look at.
struct AlertingRules: Decodable {
    /// A recording rule or an alert.
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

    /// The alerts.
    var alerts: [Rule] { rules.filter { $0.alert != nil } }

    /// The names of the series that are recorded.
    var recorded: [String] { rules.compactMap(\.record) }

    /// The expressions of all rules.
    var expressions: [String] { rules.map(\.expr) }
}
