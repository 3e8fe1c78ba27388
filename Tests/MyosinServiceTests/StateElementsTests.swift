import Exposition
import HTTPTypes
import Logging
import Myosin
import Primitives
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

/// Counters, labelled elements, and what there is to say of each metric of the state.
@Suite struct StateElementsTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture(.declared, loadsModels: false) }

    private func declare(_ models: [String: String]) throws {
        try fixture.state.declare(
            models.map { name, properties in
                try JSONSchemaDeclaration(
                    name: name,
                    text: Array(#"{"type":"object","properties":\#(properties)}"#.utf8)
                )
            }
        )
    }

    /// The samples of the page that begin with a text.
    private func lines(_ start: String) throws -> [String] {
        try fixture.reply(to: .get("/metrics")).text.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(start) }
    }

    private func put(_ path: String, _ body: String) throws {
        #expect(try fixture.reply(to: .put("/state/\(path)", body)).status == 200)
    }

    // MARK: Counters

    @Test func aFieldCanBeACounter() throws {
        let counter =
            #"{"type":"integer","minimum":0,"default":3,"x-metric-type":"counter","description":"How often."}"#
        try declare(["Pump": #"{"starts":\#(counter)}"#])
        let name = "myosin_state_pump_starts_total"
        let page = try fixture.reply(to: .get("/metrics")).text
        #expect(page.contains("# HELP \(name) How often.\n# TYPE \(name) counter\n\(name) 3\n"))
        for value in ["5", "2", "18446744073709551616"] {
            try put("Pump/starts", value)
            #expect(try lines(name) == ["\(name) \(Double(value)?.formatted ?? "")"])
        }
        let open = try fixture.reply(to: .get("/metrics", (.accept, "application/openmetrics-text;version=1.0.0"))).text
        #expect(open.contains("# TYPE myosin_state_pump_starts counter\n"))
    }

    // MARK: Elements

    private static let ports = """
        {"ports": {"type": "object", "x-metric-label": "interface", "default": {}, "additionalProperties":
          {"type": "object", "properties": {"bytes": {"type": "integer", "minimum": 0, "x-metric-type": "counter"},
             "up": {"type": "boolean"}, "mode": {"type": "string", "enum": ["auto", "off"]}}}}}
        """

    @Test func theMembersOfAMapHaveASeriesEach() throws {
        try declare(["Gate": Self.ports])
        #expect(try lines("myosin_state_gate_") == [])
        try put("Gate/ports", #"{"eth0":{"bytes":7,"up":true,"mode":"auto"},"a\"b":{"up":false}}"#)
        #expect(
            try lines("myosin_state_gate_") == [
                #"myosin_state_gate_ports_bytes_total{interface="eth0"} 7"#,
                #"myosin_state_gate_ports_mode{interface="eth0",myosin_state_gate_ports_mode="auto"} 1"#,
                #"myosin_state_gate_ports_mode{interface="eth0",myosin_state_gate_ports_mode="off"} 0"#,
                #"myosin_state_gate_ports_up{interface="a\"b"} 0"#, #"myosin_state_gate_ports_up{interface="eth0"} 1"#,
            ]
        )
        try put("Gate/ports", #"{"eth1":{"up":true}}"#)
        #expect(try lines("myosin_state_gate_") == [#"myosin_state_gate_ports_up{interface="eth1"} 1"#])
    }

    @Test func aMapOfNumbersHasThemUnderItsOwnName() throws {
        try declare([
            "Air":
                #"{"at":{"type":"object","x-metric-label":"room","default":{"hall":20},"additionalProperties":{"type":"number","x-unit":"celsius"}}}"#
        ])
        #expect(try lines("myosin_state_air_") == [#"myosin_state_air_at_celsius{room="hall"} 20"#])
        try put("Air/at/cellar", "12.5")
        #expect(
            try lines("myosin_state_air_") == [
                #"myosin_state_air_at_celsius{room="cellar"} 12.5"#, #"myosin_state_air_at_celsius{room="hall"} 20"#,
            ]
        )
    }

    @Test(arguments: ["string", "integer"]) func theElementsOfAnArrayHaveTheirKeysAsLabels(type: String) throws {
        let item =
            #"{"type":"object","required":["key"],"properties":{"key":{"type":"\#(type)"},"n":{"type":["number","null"]}}}"#
        try declare(["List": #"{"all":{"type":"array","x-metric-label":"key","default":[],"items":\#(item)}}"#])
        func key(_ number: Int) -> String { type == "string" ? "\"\(number)\"" : "\(number)" }
        // Of two with one key the first counts.
        try put(
            "List/all",
            #"[{"key":\#(key(2)),"n":5},{"key":\#(key(1)),"n":6},{"key":\#(key(2)),"n":7},{"key":\#(key(3)),"n":null}]"#
        )
        #expect(
            try lines("myosin_state_list_")
                == [#"myosin_state_list_all_n{key="1"} 6"#, #"myosin_state_list_all_n{key="2"} 5"#]
        )
        try put("List/all", "[]")
        #expect(try lines("myosin_state_list_") == [])
    }

    @Test func elementsAboveTheCapAreCountedOnce() throws {
        try declare([
            "Many":
                #"{"all":{"type":"object","x-metric-label":"key","default":{},"additionalProperties":{"type":"integer"}}}"#
        ])
        let members = (0..<1_002).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        try put("Many/all", "{\(members)}")
        for value in [1, 2] {
            try put("Many/all/k0", "\(value)")
            #expect(try lines("myosin_state_many_").count == 1_000)
            #expect(
                try lines(#"myosin_metrics_series_dropped_total{family="myosin_state_many"#)
                    == [#"myosin_metrics_series_dropped_total{family="myosin_state_many_all"} 2"#]
            )
        }
    }

    // MARK: Swift models

    struct Gate: StateModel {
        struct Port: Codable, Equatable {
            var name: String
            var bytes: UInt64
        }
        var id: ModelID = "g"
        var starts: UInt32 = 4
        var ports = [Port(name: "eth0", bytes: 9)]
        var rooms = ["hall": 20.5]

        static var schema: JSONValue {
            [
                "properties": [
                    "starts": ["x-metric-type": "counter"],
                    "ports": [
                        "x-metric-label": "name", "items": ["properties": ["bytes": ["x-metric-type": "counter"]]],
                    ], "rooms": ["x-metric-label": "room"],
                ]
            ]
        }
    }

    struct Wrong: StateModel {
        var id: ModelID = "w"
        var starts = 4
        var list = [1]
        var fine = true

        static var schema: JSONValue {
            ["properties": ["starts": ["x-metric-type": "counter"], "list": ["x-metric-label": "name"]]]
        }
    }

    struct Unreadable: StateModel {
        var id: ModelID = "u"
        var starts = 4

        static var schema: JSONValue { ["properties": ["starts": ["x-metric-type": "gage"]]] }
    }

    @Test func typesSayItInTheirSchemas() throws {
        try fixture.state.load(Gate())
        #expect(
            try lines("myosin_state_gate_") == [
                #"myosin_state_gate_ports_bytes_total{name="eth0"} 9"#, #"myosin_state_gate_rooms{room="hall"} 20.5"#,
                "myosin_state_gate_starts_total 4",
            ]
        )
    }

    @Test func whatCannotBeIsLoggedWhenTheModelIsRegistered() throws {
        let log = RecordedLog()
        let state = try State()
        try state.load(Wrong())
        try state.load(Unreadable())
        let gauges = StateGauges(
            of: state,
            schemas: SchemaCache(of: state, ServiceURL(ServiceConfiguration())),
            logger: log.logger
        )
        gauges.refresh()
        gauges.refresh()
        #expect(
            log.texts == [
                #"error A model has no metrics: the schema of Unreadable: /properties/starts/x-metric-type must be one of gauge, counter, got "gage""#,
                #"error A field of a model has no metric: Wrong/starts: x-metric-type is counter, and a counter is never negative; write "minimum": 0 beside it"#,
                #"error A field of a model has no metric: Wrong/list: x-metric-label needs "items" with a schema of objects with properties"#,
            ]
        )
        let page = String(decoding: state.metrics.render(), as: UTF8.self)
        #expect(page.contains("\nmyosin_state_wrong_fine 1\n") && !page.contains("myosin_state_wrong_starts"))
    }

    // MARK: Large enumerations

    @Test func anEnumerationAboveTheCapHasNoMetricAndOneWarning() throws {
        let log = RecordedLog()
        let state = try State(metrics: Registry(maxLabelSets: 3))
        func declare(_ count: Int) throws {
            let values = (0..<count).map { "\"v\($0)\"" }.joined(separator: ",")
            let text =
                #"{"type":"object","properties":{"in":{"type":"object","default":{},"properties":{"mode":{"type":"string","enum":[\#(values)],"default":"v1"}}}}}"#
            try state.declare([try JSONSchemaDeclaration(name: "Large", text: Array(text.utf8))])
        }
        let gauges = StateGauges(
            of: state,
            schemas: SchemaCache(of: state, ServiceURL(ServiceConfiguration())),
            logger: log.logger
        )
        gauges.show()
        func page() -> String { String(decoding: state.metrics.render(), as: UTF8.self) }
        try declare(4)
        for value in ["v1", "v3", "v1"] {
            try state.update(declared: "Large") { $0["in"] = ["mode": .string(value)] }
            #expect(!page().contains("myosin_state_large"))
        }
        #expect(
            log.texts == [
                #"warning A field of a model has no metric: Large/in/mode: its enum has 4 values, and a metric has up to 3 series. Use fewer values, or add "x-metric": false to its schema."#
            ]
        )
        try declare(3)
        #expect(page().contains("\nmyosin_state_large_in_mode{myosin_state_large_in_mode=\"v1\"} 1\n"))
        #expect(log.texts.count == 1)
    }

    // MARK: All models

    @Test func aThousandModelsHaveAllTheirSeries() throws {
        let number = #"{"n":{"type":"integer","default":1}}"#
        try declare(Dictionary(uniqueKeysWithValues: (0..<1_000).map { ("M\($0)", number) }))
        for model in 0..<1_000 { #expect(try fixture.reply(to: .get("/state/M\(model)")).status == 200) }
        let page = try fixture.reply(to: .get("/metrics")).text
        #expect(!page.contains("_other"))
        let dropped = page.split(separator: "\n").filter { $0.hasPrefix("myosin_metrics_series_dropped_total{") }
        #expect(!dropped.isEmpty)
        #expect(dropped.allSatisfy { $0.hasSuffix(" 0") })
        for reason in ["invalid", "storeFull", "storeFailed"] {
            #expect(page.contains("\nmyosin_commit_failures_total{model=\"M999\",reason=\"\(reason)\"} 0\n"))
        }
        let infos = page.split(separator: "\n").filter { $0.hasPrefix("myosin_state_field_info{") }
        #expect(infos.count == 1_000)
    }

    @Test func theInfoOfAFieldFollowsItsDeclaration() throws {
        func infos() throws -> [String] {
            try lines("myosin_state_field_info").map { String($0.dropFirst("myosin_state_field_info".count)) }
        }
        let pump = """
            {"starts": {"type": "integer", "minimum": 0, "x-metric-type": "counter", "default": 0},
             "flow": {"type": "number", "x-unit": "liters", "default": 1}, "on": {"type": "boolean"},
             "in": {"type": "object", "default": {}, "properties": {"a/b": {"type": "integer"}}},
             "mode": {"type": "string", "enum": ["a", "b"], "default": "a"}}
            """
        try declare(["Pump": pump, "Gate": Self.ports])
        #expect(
            try infos() == [
                #"{metric="myosin_state_gate_ports_bytes_total",model="Gate",field="/ports/{interface}/bytes",kind="counter",unit=""} 1"#,
                #"{metric="myosin_state_gate_ports_mode",model="Gate",field="/ports/{interface}/mode",kind="stateset",unit=""} 1"#,
                #"{metric="myosin_state_gate_ports_up",model="Gate",field="/ports/{interface}/up",kind="boolean",unit=""} 1"#,
                #"{metric="myosin_state_pump_flow_liters",model="Pump",field="/flow",kind="number",unit="liters"} 1"#,
                #"{metric="myosin_state_pump_in_a_b",model="Pump",field="/in/a~1b",kind="integer",unit=""} 1"#,
                #"{metric="myosin_state_pump_mode",model="Pump",field="/mode",kind="stateset",unit=""} 1"#,
                #"{metric="myosin_state_pump_on",model="Pump",field="/on",kind="boolean",unit=""} 1"#,
                #"{metric="myosin_state_pump_starts_total",model="Pump",field="/starts",kind="counter",unit=""} 1"#,
            ]
        )
        // Without the other model, and with other kinds and units of the same fields.
        let other = pump.replacing(#" "x-metric-type": "counter","#, with: "")
            .replacing(#""x-unit": "liters", "#, with: "")
            .replacing(#"{"type": "boolean"}"#, with: #"{"type": "boolean", "x-metric": false}"#)
        try declare(["Pump": other])
        #expect(
            try infos() == [
                #"{metric="myosin_state_pump_flow",model="Pump",field="/flow",kind="number",unit=""} 1"#,
                #"{metric="myosin_state_pump_in_a_b",model="Pump",field="/in/a~1b",kind="integer",unit=""} 1"#,
                #"{metric="myosin_state_pump_mode",model="Pump",field="/mode",kind="stateset",unit=""} 1"#,
                #"{metric="myosin_state_pump_starts",model="Pump",field="/starts",kind="integer",unit=""} 1"#,
            ]
        )
    }
}

extension Double {
    /// As a page has a whole number.
    fileprivate var formatted: String { self < 1e15 ? "\(Int(self))" : "\(self)" }
}

extension RecordedLog {
    /// The lines with their levels and errors.
    fileprivate var texts: [String] {
        lines.map { "\($0.level) \($0.message): \($0.metadata["error"].map { "\($0)" } ?? "")" }
    }
}
