import Exposition
import HTTPTypes
import Logging
import Myosin
import Primitives
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

/// The metrics that show the state itself.
@Suite struct StateGaugesTests {
    /// The lines of the page about the state, without those of HELP and TYPE.
    private func lines(_ fixture: Fixture) throws -> [String] {
        try fixture.reply(to: .get("/metrics")).text.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("myosin_state_") && !$0.hasPrefix("myosin_state_field_info{") }
    }

    private static let atFirst = [
        "myosin_state_counter_count_value 0",
        #"myosin_state_device_mode{myosin_state_device_mode="off"} 1"#,
        #"myosin_state_device_mode{myosin_state_device_mode="on"} 0"#,
        "myosin_state_telemetry_humidity 40",
        "myosin_state_telemetry_temperature 20.5",
    ]

    /// A service that has stopped is followed by another one.
    @Test func theNextServiceOfAStateShowsItsFields() throws {
        let (state, log) = (try State(cache: .none), RecordedLog())
        try state.load(Counter())
        for number in 1...3 {
            let routes = ServiceRoutes(state: state, configuration: ServiceConfiguration(), logger: log.logger)
            try state.update(Counter.self) { $0.count = number }
            let page = String(decoding: state.metrics.render(), as: UTF8.self)
            #expect(page.contains("\nmyosin_state_counter_count_value \(number)\n"))
            withExtendedLifetime(routes) {}
        }
        #expect(log.lines.isEmpty, "\(log.lines)")
    }

    @Test(arguments: Way.allCases) func theyFollowTheState(way: Way) throws {
        let fixture = try Fixture(way)
        #expect(try lines(fixture) == Self.atFirst)
        #expect(try fixture.reply(to: .patch("/state/Telemetry", #"{"temperature":-3.25}"#)).status == 200)
        #expect(
            try fixture.reply(to: .patch("/state/Device", #"{"mode":"on","place":{"room":"x","floor":2}}"#)).status
                == 200
        )
        #expect(
            try lines(fixture) == [
                "myosin_state_counter_count_value 0",
                #"myosin_state_device_mode{myosin_state_device_mode="off"} 0"#,
                #"myosin_state_device_mode{myosin_state_device_mode="on"} 1"#,
                "myosin_state_device_place_floor 2", "myosin_state_telemetry_humidity 40",
                "myosin_state_telemetry_temperature -3.25",
            ]
        )
        // What has no value has no series.
        #expect(try fixture.reply(to: .patch("/state/Device", #"{"mode":"off","place":null}"#)).status == 200)
        #expect(try fixture.reply(to: .delete("/state/Telemetry")).status == 200)
        #expect(try lines(fixture) == Self.atFirst)
    }

    @Test func theHelpIsTheFieldsDescription() throws {
        let fixture = try Fixture(.declared, loadsModels: false)
        let text = """
            {"type": "object", "properties": {"temp": {"type": "number", "default": 1, "x-unit": "celsius",
             "description": "How warm\\nit \\"is\\"."}, "on": {"type": "boolean", "default": true}}}
            """
        try fixture.state.declare([try JSONSchemaDeclaration(name: "Air", text: Array(text.utf8))])
        let page = try fixture.reply(to: .get("/metrics")).text
        #expect(
            page.contains(
                """
                # HELP myosin_state_air_on The field /on of Air.
                # TYPE myosin_state_air_on gauge
                myosin_state_air_on 1
                # HELP myosin_state_air_temp_celsius How warm\\nit "is".
                # TYPE myosin_state_air_temp_celsius gauge
                myosin_state_air_temp_celsius 1

                """
            )
        )
    }

    @Test func aDateAndTimeIsShownInSecondsSince1970() throws {
        let fixture = try Fixture(.declared, loadsModels: false)
        let text = """
            {"type": "object", "properties": {"at": {"type": ["string", "null"], "format": "date-time", "default": null},
             "beats": {"type": "object", "default": {}, "x-metric-label": "host",
              "additionalProperties": {"type": "string", "format": "date-time"}}}}
            """
        try fixture.state.declare([try JSONSchemaDeclaration(name: "Heart", text: Array(text.utf8))])
        #expect(try lines(fixture) == [])
        let change =
            #"{"at":"1969-12-31T23:59:58.75Z","beats":{"a":"2026-01-31T13:00:00+01:00","b":"2016-12-31T23:59:60Z"}}"#
        #expect(try fixture.reply(to: .patch("/state/Heart", change)).status == 200)
        #expect(
            try lines(fixture) == [
                "myosin_state_heart_at_timestamp_seconds -1.25",
                #"myosin_state_heart_beats_timestamp_seconds{host="a"} 1769860800"#,
                // A leap second has the number of the second after it.
                #"myosin_state_heart_beats_timestamp_seconds{host="b"} 1483228800"#,
            ]
        )
        let page = try fixture.reply(to: .get("/metrics")).text
        #expect(page.contains(#"field="/at",kind="time",unit="seconds"} 1"#))
        #expect(
            try fixture.reply(to: .patch("/state/Heart", #"{"at":null,"beats":{"a":null,"b":null}}"#)).status == 200
        )
        #expect(try lines(fixture) == [])
    }

    @Test func theyComeAndGoWithTheirModels() throws {
        let fixture = try Fixture(.declared)
        #expect(try lines(fixture) == Self.atFirst)
        try fixture.state.declare(try DeclaredModels.all(["Counter", "Guarded"]))
        #expect(try lines(fixture) == ["myosin_state_counter_count_value 0"])
        let page = try fixture.reply(to: .get("/metrics")).text
        #expect(!page.contains("telemetry") && !page.contains("Telemetry"))
    }

    struct Left: StateModel {
        static let modelName = "left"
        var id: ModelID = "l"
        var a_b = 1
    }
    struct LeftA: StateModel {
        static let modelName = "leftA"
        var id: ModelID = "m"
        var b = 2
    }

    @Test func ofTwoWithOneNameTheFirstIsShownAndTheOtherIsLogged() throws {
        let told = Lock<[String]>([])
        let state = try State()
        try state.load(Left())
        try state.load(LeftA())
        let gauges = StateGauges(
            of: state,
            schemas: SchemaCache(of: state, ServiceURL(ServiceConfiguration())),
            logger: Logger(label: "test") { _ in LastErrors(told: told) }
        )
        gauges.refresh()
        gauges.refresh()
        #expect(String(decoding: state.metrics.render(), as: UTF8.self).contains("\nmyosin_state_left_a_b 1\n"))
        #expect(told.withLock { $0.count } == 1)
        #expect(
            told.withLock { $0.first?.hasPrefix("leftA/b: there is a gauge myosin_state_left_a_b already") } == true
        )
    }

    private struct LastErrors: LogHandler {
        let told: Lock<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { told.withLock { $0.append("\(event.metadata?["error"] ?? "")") } }
    }

    @Test func manyWhoAskWhileModelsComeGetThemAll() async throws {
        let fixture = try Fixture(.socket, loadsModels: false)
        let schemas = try (0..<200)
            .map { number in
                try JSONSchemaDeclaration(
                    name: "M\(number)",
                    text: Array(#"{"type":"object","properties":{"a":{"type":"number","default":\#(number)}}}"#.utf8)
                )
            }
        for count in [50, 100, 200] {
            try fixture.state.declare(Array(schemas.prefix(count)))
            let underway = try (0..<20).map { _ in try fixture.begin(.get("/metrics")) }
            for one in underway {
                let page = try one.reply().text
                let shown = page.split(separator: "\n").filter { $0.hasPrefix("myosin_state_m") }
                #expect(shown.count == count)
            }
        }
    }
}
