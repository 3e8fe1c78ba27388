import Foundation

/// The rules of the house for a dashboard, each of which is looked after in every panel, variable and query.
struct DashboardCheck {
    private static let source = Dashboard.DataSource(type: "prometheus", uid: "${datasource}")
    /// The ranges that a query may have: long enough for a rate, or all of the time that is shown.
    private static let ranges: Set = ["$__rate_interval", "$__range"]
    /// The groups that may be named by labels: a heatmap adds all instances, and the kinds of fields only select series.
    private static let groups: Set = ["by (le)", "on (job, instance, metric)"]

    /// What is wrong, each told by a sentence.
    private(set) var faults: [String] = []

    init(_ text: String) throws {
        let dashboard = try Dashboard(parsing: text)
        checkHead(dashboard, text)
        checkPlaces(dashboard.panels)
        let panels = dashboard.allPanels
        if Set(panels.map(\.id)).count < panels.count { faults.append("Two panels have one id.") }
        for panel in panels { check(panel) }
        for (name, expression) in dashboard.expressions { check(expression, of: name) }
        for annotation in dashboard.annotations.list where annotation.datasource != Self.source {
            faults.append("\(annotation.name) has a data source of its own.")
        }
        for variable in dashboard.templating.list { check(variable) }
    }

    private mutating func checkHead(_ dashboard: Dashboard, _ text: String) {
        if dashboard.id != nil || !text.contains(#""id": null"#) { faults.append("The dashboard has a number.") }
        if dashboard.uid != "myosin" { faults.append("The dashboard has another uid.") }
        if !(39...41).contains(dashboard.schemaVersion) { faults.append("The dashboard has another form.") }
        for key in ["__inputs", "__elements", "__requires", "libraryPanel"] where text.contains("\"\(key)\"") {
            faults.append("The dashboard needs \(key).")
        }
        let known: Set = ["myosin", Self.source.uid]
        // Every one of them, also where the tests do not know the object that has it.
        for match in text.matches(of: #/"uid": "([^"]*)"/#) where !known.contains(String(match.1)) {
            faults.append("The data source \(match.1) is fixed.")
        }
        // With several chosen values, Grafana writes all of them: `http://{a,b}/`.
        for match in text.matches(of: #/"url": "([^"]*\$\{?(?:job|instance|model)\b(?!:queryparam)[^"]*)"/#) {
            faults.append("The link \(match.1) leads nowhere where several are chosen.")
        }
    }

    private mutating func checkPlaces(_ panels: [Dashboard.Panel]) {
        var taken: Set<[Int]> = []
        for panel in panels {
            let place = panel.gridPos
            if place.x < 0 || place.w < 1 || place.h < 1 || place.x + place.w > 24 {
                faults.append("\(panel.title ?? "") is beside the grid.")
            }
            for x in place.x..<place.x + max(0, place.w) {
                for y in place.y..<place.y + max(0, place.h) where !taken.insert([x, y]).inserted {
                    faults.append("\(panel.title ?? "") lies on another panel.")
                    return
                }
            }
        }
    }

    private mutating func check(_ panel: Dashboard.Panel) {
        let name = panel.title ?? ""
        if name.isEmpty { faults.append("Panel \(panel.id) has no title.") }
        if panel.type == "row" { return }
        if panel.description ?? "" == "" { faults.append("\(name) has no description.") }
        if panel.fieldConfig?.defaults.unit ?? "" == "" { faults.append("\(name) has no unit.") }
        if panel.datasource != Self.source { faults.append("\(name) has a data source of its own.") }
        let targets = panel.targets ?? []
        if targets.isEmpty { faults.append("\(name) asks for nothing.") }
        if Set(targets.map(\.refId)).count < targets.count { faults.append("Two queries of \(name) have one name.") }
        let renames = panel.transformations?.contains { $0.id == "renameByRegex" } ?? false
        for target in targets {
            if target.datasource != Self.source {
                faults.append("\(name) \(target.refId) has a data source of its own.")
            }
            if target.legendFormat.isEmpty, !renames { faults.append("\(name) shows bare label sets.") }
        }
    }

    private mutating func check(_ variable: Dashboard.Variable) {
        let name = variable.name
        switch variable.type {
        case "datasource": if name != "datasource" { faults.append("The variable \(name) is a second data source.") }
        case "query":
            if variable.datasource != Self.source { faults.append("\(name) has a data source of its own.") }
            if !variable.multi || !variable.includeAll { faults.append("Only one \(name) may be chosen.") }
        default: faults.append("The variable \(name) is of another kind.")
        }
    }

    private mutating func check(_ expression: String, of name: String) {
        for match in expression.matches(of: #/\{([^}]*)\}/#) {
            for matcher in [#"job=~"$job""#, #"instance=~"$instance""#] where !match.1.contains(matcher) {
                faults.append("\(name) asks without \(matcher).")
            }
        }
        let bare = expression.replacing(#/"[^"]*"/#, with: "\"\"")
        for match in bare.matches(of: #/\b(up|(?:myosin|process|scrape|uplink)_\w+)\b(\{?)/#) where match.2.isEmpty {
            faults.append("\(name) asks for every \(match.1).")
        }
        for match in bare.matches(of: #/\[([^\]]*)\]/#) where !Self.ranges.contains(String(match.1)) {
            faults.append("\(name) has a range of its own: \(match.1).")
        }
        // Two clusters may have the same instance. Only labels that the dashboard does not know distinguish them.
        for match in bare.matches(of: #/\b(?:by|on) \([^)]*\)/#) where !Self.groups.contains(String(match.0)) {
            faults.append("\(name) mixes targets: \(match.0).")
        }
        // A mean of nothing is nothing, and not a division by zero.
        if bare.contains(" / "), !bare.contains(" > 0)") { faults.append("\(name) divides by zero.") }
    }
}
