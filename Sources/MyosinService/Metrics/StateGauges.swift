internal import Exposition
internal import Logging
internal import Myosin
internal import Primitives
internal import StateSchema

/// The metrics that show the state itself: `myosin_state_<model>_<field>[_<unit>]`.
///
/// A collector of the registry brings them up to date before each page, for the models that have changed since: a commit costs
/// nothing more. What a field does not have now, null or a field that is not there, has no series.
final class StateGauges: Sendable {
    /// A metric with what shows it.
    private struct Shown {
        enum Showing {
            /// A gauge that is on the page while the field has a value.
            case gauge(Family<Gauge>, Gauge?)
            case stateSet(StateSet)
        }

        let metric: StateMetric
        var showing: Showing
    }

    private struct Model {
        let schema: JSONSchema
        var shown: [Shown]
        var revision: UInt64?
    }

    private struct Page {
        var models: [String: Model] = [:]
        /// The collisions that were logged.
        var told: Set<String> = []
    }

    private let state: State
    private let schemas: SchemaCache
    private let logger: Logger
    private let page = Lock(Page())
    /// The models that the page has, by the state's count of their changes; a lock of its own, as taking them in is long.
    private let generation = Lock<Int?>(nil)
    /// The number of the last publication that the page shows.
    private let publication = Lock<UInt64?>(nil)
    /// So many bytes of documents are read at once.
    private static let quickBytes = 64 << 10

    init(of state: State, schemas: SchemaCache, logger: Logger) {
        (self.state, self.schemas, self.logger) = (state, schemas, logger)
    }

    /// Has the metrics brought up to date before each page, as long as this object is there.
    func show() {
        state.metrics.addCollector { [weak self] in self?.refresh() }
    }

    /// Whether little is to be done to bring them up to date: no model has come or gone, and the documents that have changed are
    /// short.
    var isCurrent: Bool {
        guard generation.withLock({ $0 }) == state.modelGeneration else { return false }
        return publication.withLock { $0 } == state.publication
            || state.documentBytes(upTo: Self.quickBytes) <= Self.quickBytes
    }

    /// Brings the metrics up to date.
    func refresh() {
        // Under a lock, so that of two scrapes at once neither undoes what the other one does; nobody else waits for it.
        let collisions = page.withLock { page in
            let present = state.modelGeneration
            // What becomes visible from here on is looked at again the next time.
            let shown = state.publication
            let isKnown = generation.withLock { $0 } == present
            let collisions = isKnown ? [] : register(&page)
            generation.withLock { $0 = present }
            for name in page.models.keys { update(name, &page) }
            publication.withLock { $0 = shown }
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
                    model.shown.append(Shown(metric: metric, showing: try showing(metric)))
                } catch {
                    let text = "\(name)\(metric.path.pointer): \(error)"
                    if page.told.insert(text).inserted { collisions.append(text) }
                }
            }
            page.models[name] = model
        }
        return collisions
    }

    private func showing(_ metric: StateMetric) throws(MetricError) -> Shown.Showing {
        switch metric.kind {
        case .number, .boolean:
            .gauge(try state.metrics.makeOptionalGauge(metric.name, help: metric.help, unit: metric.unit), nil)
        case .choice(let states):
            .stateSet(try state.metrics.makeStateSet(metric.name, help: metric.help, states: states))
        }
    }

    private func update(_ name: String, _ page: inout Page) {
        guard var model = page.models[name], let snapshot = state.snapshot(of: name),
            snapshot.revision != model.revision,
            let document = snapshot.value(at: FieldPath(steps: []))
        else { return }
        model.revision = snapshot.revision
        for index in model.shown.indices {
            Self.show(document.value(at: model.shown[index].metric.path), in: &model.shown[index].showing)
        }
        page.models[name] = model
    }

    /// Shows a value, or that there is none.
    private static func show(_ value: JSONValue?, in showing: inout Shown.Showing) {
        switch showing {
        case .stateSet(let states):
            if case .string(let text)? = value { states.set(text) } else { states.set(nil) }
        case .gauge(let family, let kept):
            guard let number = number(value) else {
                if kept != nil { family.remove([]) }
                showing = .gauge(family, nil)
                return
            }
            let gauge = kept ?? family.child([])
            gauge.set(number)
            showing = .gauge(family, gauge)
        }
    }

    private static func number(_ value: JSONValue?) -> Double? {
        switch value {
        // Beyond what a double holds it is an infinity.
        case .number(let number)?: Double(number.description) ?? .nan
        case .bool(let flag)?: flag ? 1 : 0
        default: nil
        }
    }
}
