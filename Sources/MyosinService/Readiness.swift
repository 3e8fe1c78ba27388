internal import Exposition
internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// `/healthz` and `/readyz`: whether the process is alive, and whether it should be sent requests.
///
/// Health looks at nothing but the server's own thread, which answers: a disk or another machine that is out of order is no
/// reason to kill the process.
final class Readiness: Sendable {
    /// Why the service is not ready.
    enum Reason: String, Sendable, CaseIterable {
        /// The store has failed and is being opened anew.
        case recovering
        case readOnly = "read-only"
        case diskFull = "disk-full"
        /// The store cannot be used for another reason.
        case storeUnavailable = "store-unavailable"
        case noQuorum = "no-quorum"
        /// What was stored of a model could not be used, and it has its defaults.
        case quarantinedModel = "quarantined-model"
        /// The service is stopping.
        case draining
    }

    private let state: State
    private let isDraining = Lock(false)

    init(of state: State) { self.state = state }

    var routes: [Route] {
        [
            Route.atOnce(.get, "/healthz") { _, _ in .now(Self.health) },
            Route.atOnce(.get, "/readyz") { [self] _, _ in .now(readiness) },
        ]
    }

    /// Has the metric `myosin_unready` tell what `/readyz` does.
    ///
    /// - Throws: `MetricError` where the program has another metric of this name.
    func show(in registry: Registry) throws(MetricError) {
        let family = try registry.gauge(
            named: "myosin_unready",
            help: "Services that are not ready for this reason, as /readyz tells; 0 for reasons that are none.",
            labels: ["reason"]
        )
        let gauges = Reason.allCases.map { (reason: $0, gauge: family.child($0.rawValue)) }
        let shown = Lock(Set<Reason>())
        registry.addQuickCollector { [weak self] in
            let reasons = Set(self?.reasons.map(\.reason) ?? [])
            // Added to what other services of this registry show; a service that is gone shows nothing.
            shown.withLock { former in
                for (reason, gauge) in gauges where former.contains(reason) != reasons.contains(reason) {
                    gauge.increment(by: reasons.contains(reason) ? 1 : -1)
                }
                former = reasons
            }
        }
    }

    /// Tells from now on that the service is stopping.
    func drain() { isDraining.withLock { $0 = true } }

    private static var health: Response {
        var response = Response.text(status: .ok, "ok")
        response.fields[.cacheControl] = "no-store"
        return response
    }

    private var readiness: Response {
        let reasons = reasons
        var body = JSONObject()
        body["ready"] = .bool(reasons.isEmpty)
        body["reasons"] = .array(
            reasons.map { ["reason": .string($0.reason.rawValue), "detail": .string($0.detail.asSentence)] }
        )
        var fields: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        if !reasons.isEmpty { fields[.retryAfter] = Problem.retrySeconds }
        return Response(
            status: reasons.isEmpty ? .ok : .serviceUnavailable,
            fields: fields,
            body: .bytes(JSONValue.object(body).bytes + [UInt8(ascii: "\n")])
        )
    }

    private var reasons: [(reason: Reason, detail: String)] {
        var reasons: [(reason: Reason, detail: String)] = []
        if isDraining.withLock({ $0 }) { reasons.append((.draining, "The service is stopping")) }
        if let error = state.storeError { reasons.append((Self.reason(error), error.message)) }
        for model in state.modelsInQuarantine {
            let detail =
                "What was stored of \(model) could not be used; it is kept in quarantine, and \(model) has its defaults until it "
                + "is changed"
            reasons.append((.quarantinedModel, detail))
        }
        return reasons
    }

    private static func reason(_ error: StateError) -> Reason {
        switch error.code {
        case .storeFailed, .storeRecovering, .storeNotResponding, .storeConflict: .recovering
        case .storeReadOnly: .readOnly
        case .storeFull: .diskFull
        case .storeNoQuorum: .noQuorum
        default: .storeUnavailable
        }
    }
}
