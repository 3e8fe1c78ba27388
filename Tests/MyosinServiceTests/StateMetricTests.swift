import Foundation
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

@Suite struct StateMetricTests {
    private func metrics(_ model: String, _ properties: String) throws -> [String] {
        let text = #"{"type":"object","properties":\#(properties)}"#
        let declaration = try JSONSchemaDeclaration(name: model, text: Array(text.utf8))
        return StateMetric.all(of: model, declaration.node).map { "\($0.name) \($0.kind)" }
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

    @Test func metricsOfOneNameAreRefused() throws {
        let directory = try TemporaryDirectory()
        let models = [
            "pump-a": #"{"type":"object","properties":{"b":{"type":"number"}}}"#,
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
                "/pump-a.schema.json: /properties/b has the metric myosin_state_pump_a_b, which Pump/a/b has too; \(advice)"
            ]
        )
    }
}
