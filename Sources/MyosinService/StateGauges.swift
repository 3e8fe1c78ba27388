internal import Exposition
internal import Locking
internal import Logging
internal import MicroHTTP
internal import Myosin
internal import StateSchema

/// The metrics that show the state itself: `myosin_state_<model>_<field>[_<unit>]`.
///
/// They are brought up to date when somebody asks for the page, of the models that have changed since: a commit costs nothing
/// more. What a field does not have now, null or a field that is not there, has no series.
final class StateGauges: Sendable {
    /// A metric with what shows it.
    private struct Shown {
        let metric: StateMetric
        let family: Family<Gauge>
        var child: Gauge?
    }

    private struct Model {
        let schema: SchemaNode
        var shown: [Shown]
        var revision: UInt64?
    }

    private struct Page {
        var models: [String: Model] = [:]
        /// The collisions that were logged.
        var told: Set<String> = []
    }

    private let state: State
    private let schemas: ModelSchemas
    private let logger: Logger
    private let page = Lock(Page())
    /// The models that the page has, by the state's count of their changes; a lock of its own, as taking them in is long.
    private let generation = Lock<Int?>(nil)
    /// Takes new models in.
    private let work = SharedWork<Void>()

    init(of state: State, schemas: ModelSchemas, logger: Logger) {
        (self.state, self.schemas, self.logger) = (state, schemas, logger)
    }

    /// Brings the metrics up to date and makes the answer that shows them: at once, or later where models have come or gone,
    /// since taking many in takes a while.
    func answer(_ make: @escaping @Sendable () -> Response) -> Answer {
        if generation.withLock({ $0 }) == state.modelGeneration {
            refresh()
            return .now(make())
        }
        return .later { [self] responder in
            work.run {
                self.refresh()
            } completion: {
                // False when the client has left, who needs no answer.
                _ = responder.send(make())
            }
        }
    }

    /// Brings the metrics up to date.
    func refresh() {
        // Under a lock, so that of two scrapes at once neither undoes what the other one does; nobody else waits for it.
        let collisions = page.withLock { page in
            let present = state.modelGeneration
            let isKnown = generation.withLock { $0 } == present
            let collisions = isKnown ? [] : register(&page)
            generation.withLock { $0 = present }
            for name in page.models.keys { update(name, &page) }
            return collisions
        }
        for collision in collisions {
            logger.error("A field of a model has no metric", metadata: ["error": "\(collision)"])
        }
    }

    /// Registers the metrics of models that are new or other than they were, and takes those of others off.
    ///
    /// - Returns: what could not be registered and was not told yet.
    private func register(_ page: inout Page) -> [String] {
        let names = state.modelNames
        let known = Dictionary(names.compactMap { name in schemas.node(of: name).map { (name, $0) } }) { $1 }
        for (name, model) in page.models where known[name] !== model.schema {
            for shown in model.shown { state.metrics.unregister(shown.metric.name) }
            page.models[name] = nil
        }
        var collisions: [String] = []
        for name in names where page.models[name] == nil {
            guard let node = known[name] else { continue }
            var model = Model(schema: node, shown: [])
            for metric in StateMetric.all(of: name, node) {
                do throws(MetricError) {
                    model.shown.append(Shown(metric: metric, family: try family(of: metric)))
                } catch {
                    let text = "\(name)\(metric.path.pointer): \(error)"
                    if page.told.insert(text).inserted { collisions.append(text) }
                }
            }
            page.models[name] = model
        }
        return collisions
    }

    private func family(of metric: StateMetric) throws(MetricError) -> Family<Gauge> {
        switch metric.kind {
        case .number, .boolean: try state.metrics.makeOptionalGauge(metric.name, help: metric.help)
        // As OpenMetrics has state sets: the label is named as the metric.
        case .choice: try state.metrics.makeGauge(metric.name, help: metric.help, labels: [metric.name])
        }
    }

    private func update(_ name: String, _ page: inout Page) {
        guard var model = page.models[name], let snapshot = state.snapshot(of: name),
            snapshot.revision != model.revision,
            let document = snapshot.value(at: FieldPath(steps: []))
        else { return }
        model.revision = snapshot.revision
        for (index, shown) in model.shown.enumerated() {
            model.shown[index].child = Self.show(document.value(at: shown.metric.path), in: shown)
        }
        page.models[name] = model
    }

    /// Shows a value.
    ///
    /// - Returns: the gauge of a number or boolean, to be kept.
    private static func show(_ value: JSONValue?, in shown: Shown) -> Gauge? {
        switch (shown.metric.kind, value) {
        case (.number, .number(let number)?):
            let gauge = shown.child ?? shown.family.child([])
            // Beyond what a double holds it is an infinity.
            gauge.set(Double(number.description) ?? .nan)
            return gauge
        case (.boolean, .bool(let flag)?):
            let gauge = shown.child ?? shown.family.child([])
            gauge.set(flag ? 1 : 0)
            return gauge
        case (.choice(let choices), .string(let text)?):
            for choice in choices { shown.family.child(choice).set(choice == text ? 1 : 0) }
        case (.choice(let choices), _): for choice in choices { shown.family.remove(choice) }
        default: if shown.child != nil { shown.family.remove([]) }
        }
        return nil
    }
}
