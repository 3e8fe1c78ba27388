internal import Foundation

/// The service with much of something, against itself with little of it.
struct GrowthScenario: Scenario {
    let growth: Growth
    let many: Int
    let few: Int
    let bar: Comparison.Bar

    private var what: String {
        switch growth {
        case .get: "GET, % models"
        case .commit: "commit, % models"
        case .connections: "GET, % connections"
        case .writers: "durable PUT, % writers"
        }
    }

    var name: String {
        let number = many.formatted(.number.locale(Locale(identifier: "en_US")))
        return "\(what.replacing("%", with: number)) against \(few)"
    }

    func compare(_ measuring: Measuring) throws -> Comparison {
        let grown = try Growth.Subject(growth, many)
        let small = try Growth.Subject(growth, few)
        let pairs = try measuring.pairs {
            try grown.figure(measuring.seconds)
        } _: {
            try small.figure(measuring.seconds)
        }
        return Comparison(name: name, unit: growth.unit, peer: "\(few)", pairs: pairs, bar: bar)
    }
}
