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
    fileprivate struct Shown {
        enum Showing {
            /// A gauge, or a counter, that is on the page while the field has a value.
            case number(Family<Registry.Gauge, 0>, Registry.Gauge?)
            case stateSet(Registry.StateSet)
            case elements(KeyedSeries)
        }

        let metric: StateMetric
        var showing: Showing
    }

    private struct Model {
        let schema: JSONSchema
        var shown: [Shown] = []
        var revision: UInt64?
    }

    private struct Page {
        var models: [String: Model] = [:]
        /// The refusals that were logged.
        var logged: Set<String> = []
    }

    /// Why a field, or a model, has no metric.
    private struct Refusal {
        var level = Logger.Level.error
        var subject = "A field of a model has no metric"
        let detail: String
    }

    private let state: State
    private let schemas: SchemaCache
    private let logger: Logger
    /// What each metric shows; nil where the program has another metric of this name, which is logged.
    private let fieldInfo: Family<Registry.Info, 5>?
    private let page = Lock(Page())
    /// The models that the page has, by the state's count of their changes; a lock of its own, as taking them in is long.
    private let generation = Lock<Int?>(nil)
    /// The number of the last publication that the page shows.
    private let publication = Lock<UInt64?>(nil)
    /// Whether a metric has a series for each element of a collection.
    private let hasElements = Lock(false)
    /// So many bytes of documents are read at once, and so many where each element may be shown by several metrics.
    private static let (quickBytes, quickBytesOfElements) = (64 << 10, 4 << 10)

    init(of state: State, schemas: SchemaCache, logger: Logger) {
        (self.state, self.schemas, self.logger) = (state, schemas, logger)
        do throws(MetricError) {
            fieldInfo = try state.metrics.info(
                named: "myosin_state_field",
                help: "The field that a metric of the state shows; the value is always 1.",
                labels: ["metric", "model", "field", "kind", "unit"],
                cap: .none
            )
        } catch {
            fieldInfo = nil
            logger.error("The fields of the state have no info", metadata: ["error": "\(error)"])
        }
    }

    // So that the next service of the state can show its fields again.
    deinit {
        for model in page.withLock({ $0.models.values }) { for shown in model.shown { unregister(shown.metric) } }
    }

    /// Has the metrics brought up to date before each page, as long as this object is there.
    func show() {
        state.metrics.addQuickCollector { [weak self] in self?.refresh() }
    }

    /// Whether little is to be done to bring them up to date: no model has come or gone, and the documents that have changed are
    /// short.
    var isCurrent: Bool {
        guard generation.withLock({ $0 }) == state.modelGeneration else { return false }
        let limit = hasElements.withLock { $0 } ? Self.quickBytesOfElements : Self.quickBytes
        return publication.withLock { $0 } == state.publication || state.documentBytes(upTo: limit) <= limit
    }

    /// Brings the metrics up to date.
    func refresh() {
        // Under a lock, so that of two scrapes at once neither undoes what the other one does; nobody else waits for it.
        let refusals = page.withLock { page in
            let present = state.modelGeneration
            // What becomes visible from here on is looked at again the next time.
            let shown = state.publication
            let isKnown = generation.withLock { $0 } == present
            let refusals = isKnown ? [] : register(&page)
            if !isKnown {
                let isAny = page.models.values.contains { $0.shown.contains { $0.metric.elements != nil } }
                hasElements.withLock { $0 = isAny }
            }
            generation.withLock { $0 = present }
            for name in page.models.keys { update(name, &page) }
            publication.withLock { $0 = shown }
            return refusals
        }
        for refusal in refusals {
            logger.log(level: refusal.level, "\(refusal.subject)", metadata: ["error": "\(refusal.detail)"])
        }
    }

    /// Registers the metrics of models that are new or other than they were, and takes those of others off.
    ///
    /// - Returns: what could not be registered and was not logged yet.
    private func register(_ page: inout Page) -> [Refusal] {
        let names = state.modelNames
        let known = Dictionary(names.compactMap { name in schemas.node(of: name).map { (name, $0) } }) { $1 }
        for (name, model) in page.models where known[name] !== model.schema {
            for shown in model.shown { unregister(shown.metric) }
            page.models[name] = nil
        }
        var refusals: [Refusal] = []
        for name in names where page.models[name] == nil {
            guard let node = known[name] else { continue }
            var model = Model(schema: node)
            let (metrics, faults) = StateMetric.derive(name, node)
            refusals += faults.map { Refusal(detail: $0) }
            if let error = schemas.error(of: name) {
                refusals.append(Refusal(subject: "A model has no metrics", detail: "the schema of \(name): \(error)"))
            }
            for metric in metrics {
                do throws(MetricError) {
                    model.shown.append(Shown(metric: metric, showing: try showing(metric)))
                    fieldInfo?.child(metric.facts)
                } catch {
                    refusals.append(refusal(of: metric, error))
                }
            }
            page.models[name] = model
        }
        return refusals.filter { page.logged.insert($0.detail).inserted }
    }

    private func unregister(_ metric: StateMetric) {
        state.metrics.unregister(metric.name)
        fieldInfo?.remove(metric.facts)
    }

    /// Says why a field has no metric; one that has too many values is shown by none on purpose.
    private func refusal(of metric: StateMetric, _ error: MetricError) -> Refusal {
        guard error.code == .tooManyStates, let excess = metric.excess(over: state.metrics.maxLabelSets) else {
            return Refusal(detail: "\(metric.place): \(error)")
        }
        return Refusal(level: .warning, detail: excess)
    }

    private func showing(_ metric: StateMetric) throws(MetricError) -> Shown.Showing {
        let (registry, name, help) = (state.metrics, metric.name, metric.help)
        switch (metric.kind, metric.elements?.label) {
        case (.choice(let states), nil):
            return .stateSet(try registry.makeStateSet(name, help: help, states: states))
        case (.choice(let states), let label?):
            return .elements(try registry.makeKeyedStateSets(name, help: help, states: states, label: label))
        case (_, nil):
            let isCounter = metric.isCounter
            return .number(
                try registry.makeOptionalNumber(name, help: help, unit: metric.unit, isCounter: isCounter),
                nil
            )
        case (_, let label?):
            return .elements(
                try registry.makeKeyedNumbers(
                    name,
                    help: help,
                    unit: metric.unit,
                    isCounter: metric.isCounter,
                    label: label
                )
            )
        }
    }

    private func update(_ name: String, _ page: inout Page) {
        guard var model = page.models[name], let snapshot = state.snapshot(of: name),
            snapshot.revision != model.revision,
            let document = snapshot.value(at: FieldPath(steps: []))
        else { return }
        model.revision = snapshot.revision
        for index in model.shown.indices { model.shown[index].show(document) }
        page.models[name] = model
    }
}

extension StateGauges.Shown {
    /// Shows what a document has, or that it has nothing.
    fileprivate mutating func show(_ document: JSONValue) {
        switch showing {
        case .stateSet(let states):
            if case .string(let text)? = document.value(at: metric.path) { states.set(text) } else { states.set(nil) }
        case .number(let family, let kept):
            guard let number = number(document.value(at: metric.path)) else {
                if kept != nil { family.remove([]) }
                showing = .number(family, nil)
                return
            }
            let gauge = kept ?? family.child([])
            if metric.isCounter {
                showing = .number(family, family.counting(number, in: gauge, []))
            } else {
                gauge.set(number)
                if kept == nil { showing = .number(family, gauge) }
            }
        case .elements(let series):
            let values = metric.elements?.values(in: document) ?? []
            series.show(values.map { ($0.key, value($0.value)) })
        }
    }

    private func value(_ value: JSONValue?) -> KeyedSeries.Value? {
        if case .choice = metric.kind {
            if case .string(let text)? = value { .state(text) } else { nil }
        } else {
            number(value).map { .number($0) }
        }
    }

    private func number(_ value: JSONValue?) -> Double? {
        switch value {
        case .string(let text)? where metric.kind == .time: DateTime(text)?.number
        // Beyond what a double holds it is an infinity.
        case .number(let number)?: Double(number.description) ?? .nan
        case .bool(let flag)?: flag ? 1 : 0
        default: nil
        }
    }
}

extension StateMetric {
    /// The values of the labels of `myosin_state_field_info`.
    fileprivate var facts: InlineArray<5, String> { [pageName, model, path.pointer, kindName, unit ?? ""] }
}
