import Foundation
import TestSupport

/// What the tests look at of the dashboard for Grafana.
struct Dashboard: Decodable {
    /// What Grafana asks, and of which kind it is.
    struct DataSource: Decodable, Equatable {
        var type: String
        var uid: String
    }

    struct Target: Decodable {
        var datasource: DataSource?
        var expr: String
        var legendFormat: String
        var refId: String
    }

    /// Where a panel is, in a grid of 24 columns.
    struct Place: Decodable {
        var x: Int
        var y: Int
        var w: Int
        var h: Int
    }

    struct FieldConfig: Decodable {
        struct Defaults: Decodable { var unit: String? }

        /// Properties of one column.
        struct Override: Decodable {
            struct Matcher: Decodable { var options: String }

            struct Property: Decodable {
                var id: String
                /// The addresses of its links; empty for another property.
                var links: [String]

                private enum Key: CodingKey { case id, value }

                init(from decoder: any Decoder) throws {
                    let fields = try decoder.container(keyedBy: Key.self)
                    id = try fields.decode(String.self, forKey: .id)
                    links = id == "links" ? try fields.decode([Link].self, forKey: .value).map(\.url) : []
                }
            }

            var matcher: Matcher
            var properties: [Property]
        }

        var defaults: Defaults
        var overrides: [Override]
    }

    struct Transformation: Decodable {
        /// Of those that rename series.
        struct Options: Decodable { var regex, renamePattern: String? }

        var id: String
        var options: Options
    }

    /// What is shown: some series, or the title of a row.
    struct Panel: Decodable {
        var id: Int
        var type: String
        var title: String?
        var description: String?
        var datasource: DataSource?
        var gridPos: Place
        var targets: [Target]?
        var fieldConfig: FieldConfig?
        var transformations: [Transformation]?
        /// Those of a row that is folded up.
        var panels: [Panel]?
    }

    /// What a visitor may choose.
    struct Variable: Decodable {
        struct Query: Decodable { var query: String }

        var name: String
        var type: String
        var datasource: DataSource?
        var multi: Bool
        var includeAll: Bool
        /// What is asked for; nil where it is the kind of a data source.
        var query: Query?

        private enum Key: CodingKey { case name, type, datasource, multi, includeAll, query }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            name = try fields.decode(String.self, forKey: .name)
            type = try fields.decode(String.self, forKey: .type)
            datasource = try fields.decodeIfPresent(DataSource.self, forKey: .datasource)
            multi = try fields.decode(Bool.self, forKey: .multi)
            includeAll = try fields.decode(Bool.self, forKey: .includeAll)
            query = type == "query" ? try fields.decode(Query.self, forKey: .query) : nil
        }
    }

    struct Annotation: Decodable {
        var name: String
        var datasource: DataSource?
        var expr: String
    }

    struct List<Element: Decodable>: Decodable { var list: [Element] }

    struct Link: Decodable { var url: String }

    var id: Int?
    var uid: String
    var title: String
    var schemaVersion: Int
    var panels: [Panel]
    var templating: List<Variable>
    var annotations: List<Annotation>
    var links: [Link]

    /// Where the dashboard is.
    static let path = repository + "/grafana/dashboards/myosin.json"

    /// Its text.
    static func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The dashboard that is shipped.
    static func shipped() throws -> Dashboard { try Dashboard(parsing: try text()) }

    init(parsing text: String) throws { self = try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8)) }

    /// Rows and panels, also those of rows that are folded up.
    var allPanels: [Panel] { panels.flatMap { [$0] + ($0.panels ?? []) } }

    /// All that Prometheus is asked for, with the name of what asks.
    var expressions: [(name: String, text: String)] {
        allPanels.flatMap { panel in (panel.targets ?? []).map { ("\(panel.title ?? "") \($0.refId)", $0.expr) } }
            + annotations.list.map { ($0.name, $0.expr) }
    }
}
