import Foundation
import Myosin
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

@Suite struct StateMetricTests {
    private func all(_ model: String, _ properties: String) throws -> [StateMetric] {
        let text = #"{"type":"object","properties":\#(properties)}"#
        let declaration = try JSONSchemaDeclaration(name: model, text: Array(text.utf8))
        return StateMetric.all(of: model, declaration.node)
    }

    private func metrics(_ model: String, _ properties: String) throws -> [String] {
        try all(model, properties).map { "\($0.name) \($0.kind)" }
    }

    @Test func numbersBooleansAndChoicesHaveOneAndNothingElse() throws {
        #expect(
            try metrics(
                "Telemetry",
                """
                {"temperature": {"type": "number", "x-unit": "celsius"}, "online": {"type": "boolean"},
                 "mode": {"type": "string", "enum": ["off", "on"]}, "name": {"type": "string"},
                 "maybe": {"type": ["integer", "null"]}, "hidden": {"type": "number", "x-metric": false},
                 "list": {"type": "array", "items": {"type": "number"}},
                 "free": {"type": "object", "additionalProperties": {"type": "number"}},
                 "power": {"type": "object", "properties": {"volts": {"type": "number"}, "inner": {"type": "object",
                   "properties": {"amps": {"type": "number", "x-unit": "amperes"}}}}},
                 "secret": {"type": "object", "x-metric": false, "properties": {"a": {"type": "number"}}}}
                """
            ) == [
                "myosin_state_telemetry_temperature_celsius number", "myosin_state_telemetry_online boolean",
                #"myosin_state_telemetry_mode choice(["off", "on"])"#, "myosin_state_telemetry_maybe number",
                "myosin_state_telemetry_power_volts number", "myosin_state_telemetry_power_inner_amps_amperes number",
            ]
        )
    }

    @Test(arguments: [
        ("Pump", "flowRate", nil, "myosin_state_pump_flow_rate"),
        ("HTTPServer", "openFDs", nil, "myosin_state_http_server_open_f_ds"),
        ("A2B.c-d", "x.y z", nil, "myosin_state_a2_b_c_d_x_y_z"),
        ("Pump", "größe", nil, "myosin_state_pump_gr__e"),
        ("Pump", "uptime_seconds", "seconds", "myosin_state_pump_uptime_seconds"),
        ("Pump", "starts_total", nil, "myosin_state_pump_starts_total_value"),
        ("Pump", "count", nil, "myosin_state_pump_count_value"),
        ("Pump", "sum", "bytes", "myosin_state_pump_sum_bytes"),
        ("Pump", "device", "info", "myosin_state_pump_device_info_value"),
    ])
    func theNameIsMadeOfModelFieldAndUnit(_ model: String, _ field: String, _ unit: String?, _ expected: String) throws
    {
        let unit = unit.map { #","x-unit":"\#($0)""# } ?? ""
        #expect(try metrics(model, #"{"\#(field)":{"type":"number"\#(unit)}}"#) == ["\(expected) number"])
    }

    @Test(arguments: [
        ("startedAt", "myosin_state_pump_started_at_timestamp_seconds"),
        ("start_time", "myosin_state_pump_start_time_seconds"),
        ("last_timestamp", "myosin_state_pump_last_timestamp_seconds"),
        ("timestamp_seconds", "myosin_state_pump_timestamp_seconds_timestamp_seconds"),
        ("start_total", "myosin_state_pump_start_total_timestamp_seconds"),
    ])
    func aDateAndTimeIsNamedAsPrometheusAdvises(_ field: String, _ expected: String) throws {
        let metrics = try all("Pump", #"{"\#(field)":{"type":["string","null"],"format":"date-time"}}"#)
        #expect(metrics.map(\.name) == [expected])
        #expect(metrics.map(\.unit) == ["seconds"])
        #expect(metrics.map(\.kindName) == ["time"])
    }

    @Test func onlyATextThatIsADateAndTimeIsShownAsOne() throws {
        #expect(
            try metrics(
                "Pump",
                """
                {"day": {"type": "string", "format": "date"}, "free": {"type": ["string", "integer"], "format": "date-time"},
                 "either": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string"}]},
                 "hidden": {"type": "string", "format": "date-time", "x-metric": false},
                 "one": {"type": "string", "format": "date-time", "enum": ["2026-01-31T12:00:00Z"]}}
                """
            ) == [
                "myosin_state_pump_free number", #"myosin_state_pump_one choice(["2026-01-31T12:00:00Z"])"#,
            ]
        )
    }

    @Test(arguments: [
        ("starts", nil, "myosin_state_pump_starts_total"), ("starts_total", nil, "myosin_state_pump_starts_total"),
        ("startsTotal", nil, "myosin_state_pump_starts_total"),
        ("energy", "joules", "myosin_state_pump_energy_joules_total"),
        ("energy_total", "joules", "myosin_state_pump_energy_joules_total"),
        ("count", nil, "myosin_state_pump_count_total"),
    ])
    func aCounterEndsInTotalOnce(_ field: String, _ unit: String?, _ expected: String) throws {
        let unit = unit.map { #","x-unit":"\#($0)""# } ?? ""
        let field = #"{"\#(field)":{"type":"integer","minimum":0,"x-metric-type":"counter"\#(unit)}}"#
        #expect(try all("Pump", field).map { "\($0.pageName) \($0.kindName)" } == ["\(expected) counter"])
    }

    @Test func alternativesHaveTheValuesOfAll() throws {
        let field = #"{"mode":{"type":"string","anyOf":[{"enum":["a","b"]},{"const":"c"},{"const":"a"}]}}"#
        #expect(try metrics("Pump", field) == [#"myosin_state_pump_mode choice(["a", "b", "c"])"#])
    }

    @Test func elementsShareAFamilyWithTheirKeysAsALabel() throws {
        let inner = """
            {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"},
              "bytes": {"type": "integer", "minimum": 0, "x-metric-type": "counter", "x-unit": "bytes"},
              "up": {"type": "boolean"}, "mode": {"type": "string", "enum": ["a"]}, "hidden": {"type": "number", "x-metric": false},
              "power": {"type": "object", "properties": {"volts": {"type": "number"}}},
              "free": {"type": "object", "additionalProperties": {"type": "number"}}}}
            """
        let found = try all(
            "Gate",
            """
            {"ports": {"type": "object", "x-metric-label": "interface", "additionalProperties": \(inner)},
             "list": {"type": "array", "x-metric-label": "name", "items": \(inner)},
             "plain": {"type": "object", "x-metric-label": "of", "additionalProperties": {"type": "number", "x-unit": "celsius"}},
             "no": {"type": "object", "x-metric": false, "x-metric-label": "of", "additionalProperties": {"type": "number"}}}
            """
        )
        #expect(
            found.map { "\($0.pageName) \($0.elements?.label ?? "-") \($0.path.pointer) \($0.kindName)" } == [
                "myosin_state_gate_ports_bytes_total interface /ports/{interface}/bytes counter",
                "myosin_state_gate_ports_up interface /ports/{interface}/up boolean",
                "myosin_state_gate_ports_mode interface /ports/{interface}/mode stateset",
                "myosin_state_gate_ports_power_volts interface /ports/{interface}/power/volts number",
                "myosin_state_gate_list_bytes_total name /list/{name}/bytes counter",
                "myosin_state_gate_list_up name /list/{name}/up boolean",
                "myosin_state_gate_list_mode name /list/{name}/mode stateset",
                "myosin_state_gate_list_power_volts name /list/{name}/power/volts number",
                "myosin_state_gate_plain_celsius of /plain/{of} number",
            ]
        )
    }

    @Test func metricsOfOneNameAreRefused() throws {
        let directory = try TemporaryDirectory()
        let models = [
            "pump-a": #"{"type":"object","properties":{"b":{"type":"number"}}}"#,
            "counter":
                #"{"type":"object","properties":{"a":{"type":"integer","minimum":0,"x-metric-type":"counter"}}}"#,
            "Counter": #"{"type":"object","properties":{"a":{"type":"number"}}}"#,
            "Pump":
                #"{"type":"object","properties":{"aB":{"type":"number","x-metric":false},"a":{"type":"object","properties":{"b":{"type":"boolean"}}}}}"#,
        ]
        for (name, schema) in models {
            try schema.write(toFile: "\(directory.path)/\(name).schema.json", atomically: true, encoding: .utf8)
        }
        let advice = #"rename one, or hide one with "x-metric": false"#
        let failure = #expect(throws: ModelDirectory.Failure.self) {
            try ModelDirectory([directory.path]).read(StateMetric.collisions)
        }
        #expect(
            failure?.faults.map { "\($0)".replacing(directory.path, with: "") } == [
                "/counter.schema.json: /properties/a has the metric myosin_state_counter_a, which Counter/a has too; \(advice)",
                "/pump-a.schema.json: /properties/b has the metric myosin_state_pump_a_b, which Pump/a/b has too; \(advice)",
            ]
        )
    }
}
