import Logging
import MicroHTTP
import Myosin
import StateSchema
import TestSupport
import Testing

@testable import MyosinService

/// A model of the table, and what becomes of it.
struct ShapeRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable () throws -> Void

    /// A model that is served.
    ///
    /// - Parameters:
    ///   - defaults: its defaults.
    ///   - schema: its schema in the notation of ``SchemaNotation``.
    ///   - gauges: the names of its metrics without what begins all of them.
    ///   - unlearned: the pointers of the fields for which the log asks for samples or a schema.
    ///   - advice: what the log advises for them; nil for any advice.
    ///   - openAPI: the schema in the OpenAPI document, where its notation is another one.
    /// - Returns: the row.
    static func served<Model: StateModel>(
        _ defaults: Model,
        _ schema: String,
        gauges: [String] = [],
        unlearned: [String] = [],
        advice: String? = nil,
        openAPI: String? = nil
    ) -> ShapeRow {
        ShapeRow(testDescription: Model.modelName) {
            let shape = try ServedShape(defaults)
            try shape.checkSchema(schema, openAPI: openAPI ?? schema)
            try shape.checkMetrics(gauges)
            shape.checkLog(unlearned, advice)
            for value in [defaults] + Model.samples { try shape.checkRoundTrips(value) }
        }
    }

    /// A model that is refused at `load`.
    ///
    /// - Parameters:
    ///   - defaults: its defaults.
    ///   - sentence: the error.
    /// - Returns: the row.
    static func refused<Model: StateModel>(_ defaults: Model, _ sentence: String) -> ShapeRow {
        ShapeRow(testDescription: Model.modelName) {
            let state = try State(logger: RecordedLog().logger)
            let error = #expect(throws: StateError.self) { try state.load(defaults) }
            #expect(error?.code == .invalid)
            #expect(error?.description == sentence)
        }
    }
}

/// A model of the table, served over a store.
private final class ServedShape<Model: StateModel> {
    private let defaults: Model
    private let state: State
    private let store = ControlledStore()
    private let routes: ServiceRoutes
    private let log = RecordedLog()
    private var name: String { Model.modelName }
    private var path: String { "/state/\(name)" }

    init(_ defaults: Model) throws {
        self.defaults = defaults
        state = try State(cache: .store(store), logger: RecordedLog().logger, limits: .patient)
        try state.load(defaults)
        let configuration = ServiceConfiguration(anonymousAccess: .write, limits: .patient)
        routes = ServiceRoutes(state: state, configuration: configuration, logger: log.logger)
        routes.prepare()
    }

    private func reply(to call: Call) throws -> Reply {
        let listener = Place.loopback.bound
        switch routes.answer(to: Request(call.owned(listener: listener))) {
        case .now(let response): return Reply(response, to: call.method)
        case .later(let begin):
            let answer = LateAnswer()
            begin(answer.makeResponder())
            return Reply(try answer.wait(), to: call.method)
        case .shared(let shared): return Reply(shared.response, to: call.method)
        case .stream(let head, _): return Reply(head, to: call.method)
        }
    }

    func checkSchema(_ expected: String, openAPI: String) throws {
        let found = try JSONValue(parsing: try reply(to: .get("/schema/\(name)")).body)
        #expect(SchemaNotation(whole: found).text(found) == expected)
        let document = try JSONValue(parsing: try reply(to: .get("/openapi.json")).body)
        let component = document.value(at: ["components", "schemas", name])
        #expect(SchemaNotation(whole: document).text(component) == openAPI)
    }

    func checkMetrics(_ expected: [String]) throws {
        let page = try reply(to: .get("/metrics")).text
        try PageCheck.check(page)
        let prefix = "myosin_state_"
        let names = page.split(separator: "\n")
            .filter { $0.hasPrefix("# TYPE \(prefix)") && !$0.hasPrefix("# TYPE \(prefix)field") }
            .compactMap { $0.split(separator: " ").dropFirst(2).first?.dropFirst(prefix.count) }
        let own = names.map { $0.split(separator: "_").dropFirst(name.metricWords).joined(separator: "_") }
        #expect(own == expected)
    }

    func checkLog(_ expected: [String], _ advice: String?) {
        let lines = log.lines.filter {
            $0.message == "A field's type could not be learned, so its schema accepts any JSON"
        }
        #expect(lines.map { $0.metadata["field"]?.description ?? "" } == expected)
        #expect(lines.allSatisfy { $0.metadata["model.name"]?.description == name && $0.metadata["advice"] != nil })
        if let advice { #expect(lines.allSatisfy { $0.metadata["advice"]?.description == advice }) }
        let others = log.lines.filter { $0.level >= .warning && !lines.contains($0) }
        #expect(others.isEmpty)
    }

    /// Commits a value, and has it back over HTTP and over a restart.
    func checkRoundTrips(_ value: Model) throws {
        try state.update(Model.self, cache: true) { model in
            let id = model.id
            model = value
            model.id = id
        }
        let served = try reply(to: .get(path))
        #expect(served.status == 200)
        let schema = ModelDerivation(of: defaults).node
        #expect(schema.accepts(try JSONValue(parsing: served.body)), "\(served.text)")
        let again = try reply(to: .put(path, served.text))
        #expect(again.status == 200, "\(again.text)")
        #expect(try reply(to: .get(path)).text == served.text)
        var document = try JSONValue(parsing: served.body).asObject
        document["id"] = Optional<JSONValue>.none
        #expect(try reply(to: .put(path, JSONValue.object(document).description)).status == 200)
        #expect(try reply(to: .get(path)).text == served.text)
        let restarted = try State(
            cache: .store(ControlledStore(store.kept.documents)),
            logger: RecordedLog().logger,
            limits: .patient
        )
        try restarted.load(defaults)
        #expect(restarted.snapshot(of: name)?.document == state.snapshot(of: name)?.document)
    }
}

extension String {
    /// How many words of a metric's name it makes.
    fileprivate var metricWords: Int {
        var words = 1
        for (one, next) in zip(utf8, utf8.dropFirst()) where next.isCapital && !one.isCapital { words += 1 }
        return words
    }
}

extension UInt8 {
    fileprivate var isCapital: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}
