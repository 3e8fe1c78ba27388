internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// `GET` of `/state`, of a model and of a field: JSON with its validators.
struct StateReadRoutes: Sendable {
    let state: State
    let schemas: SchemaCache
    let hub: WatchHub
    let configuration: ServiceConfiguration
    let urls: ServiceURL
    let work: LargeWork
    /// What makes the answer to a client another than that to others.
    private static let particular = HTTPFieldNameSet(Preconditions.names + [.prefer])

    var routes: [Route] {
        [
            // The first one, as routes are looked at in their order.
            Route.atOnce(.get, "/state/{model}") { request, parameters in readModel(request, parameters["model"] ?? "")
            },
            Route.atOnce(.get, "/state") { request, _ in
                if WatchRequest.isWatching(request, request.header(.accept)) { return watch(request, nil) }
                let bytes = state.documentBytes(upTo: LargeWork.maxBytesAtOnce)
                return work.answer(to: request, bytes: bytes, .toDecision) { poll($0, nil) ?? .now(readAll($0)) }
            },
            Route.atOnce(.get, "/state/{model}/{field*}") { request, parameters in
                let (model, field) = (parameters["model"] ?? "", FieldPath(parameters["field"] ?? ""))
                if WatchRequest.isWatching(request, request.header(.accept)) {
                    if !state.hasModel(named: model) { return .now(state.unknownModel(model, urls, request).response) }
                    let url = urls.url(["state", model], query: "?watch", for: request)
                    return .now(Problem.unwatchable(url).response)
                }
                // The whole document is read for it.
                let bytes = state.snapshot(of: model)?.document.count ?? 0
                return work.answer(to: request, bytes: bytes, .toDecision) {
                    poll($0, model, field) ?? .now(readField($0, model, field))
                }
            },
        ]
    }

    // MARK: Watching

    private func watch(_ request: borrowing Request, _ model: String?) -> Answer {
        if let problem = Problem.notAcceptable(request, [WatchRequest.type]) { return .now(problem.response) }
        // A stream that has ended, so that there is no Content-Length (RFC 9110, section 8.6).
        if request.method == .head { return .stream(WatchRequest.head, ResponseStream { .end }) }
        do {
            return .stream(WatchRequest.head, try hub.watch(model, after: WatchRequest.lastSeen(request)))
        } catch {
            return .now(Problem(error, configuration).response)
        }
    }

    /// The answer to a request that waits for news (RFC 7240, section 4.3): what it would get then; nil for any other request.
    private func poll(_ request: borrowing Request, _ model: String?, _ field: FieldPath? = nil) -> Answer? {
        guard let seconds = WatchRequest.wait(request), request.method == .get, request.header(.ifNoneMatch) != nil
        else {
            return nil
        }
        let owned = request.owned()
        @Sendable func read() -> Response {
            let request = Request(owned)
            var response: Response
            switch (model, field) {
            case (let model?, let field?): response = readField(request, model, field)
            case (let model?, nil): response = readModelAnew(request, model)
            case (nil, _): response = readAll(request)
            }
            if response.status == .ok || response.status == .notModified {
                response.fields[.preferenceApplied] = "wait=\(seconds)"
            }
            return response
        }
        let response = read()
        if response.status != .notModified || seconds == 0 { return .now(response) }
        return .later { [hub, configuration] responder in
            do throws(WatchHub.Refusal) {
                let number = try hub.wait(for: model, upTo: .seconds(seconds)) {
                    read().status != .notModified
                } answer: {
                    // False when the client has left, who needs no answer.
                    _ = responder.send(read())
                }
                // Its place is another one's then.
                responder.whenClientCloses { hub.endWaiting(number) }
            } catch {
                _ = responder.send(Problem(error, configuration).response)
            }
        }
    }

    // MARK: Reading

    private func readAll(_ request: borrowing Request) -> Response {
        let (publication, snapshots) = state.snapshots()
        let tag = RevisionTag(state.incarnation, publication)
        return respond(request, DocumentSnapshot.object(of: snapshots), .init(tag: tag, time: nil), [:])
    }

    private func readModel(_ request: borrowing Request, _ model: String) -> Answer {
        guard let snapshot = state.snapshot(of: model) else {
            return .now(state.unknownModel(model, urls, request).response)
        }
        let accept = request.header(.accept)
        if WatchRequest.isWatching(request, accept) { return watch(request, model) }
        let takesAnything = accept == nil || accept == "*/*"
        if !takesAnything && Problem.notAcceptable(request) != nil || request.hasHeader(in: Self.particular) {
            return poll(request, model)
                ?? .now(respond(request, snapshot.document, snapshot.validators))
        }
        // Everybody else gets the same response, made once a revision, and again where the clock was set.
        let now = WallClock.coarseSeconds.rounded(.down)
        if let dated = snapshot.revisionCache.object(of: snapshot.revision) as? DatedResponse,
            dated.isRight(at: now, snapshot)
        {
            return .shared(dated.response)
        }
        let validators = snapshot.validators
        let dated = DatedResponse(
            SharedResponse(Self.complete(snapshot.document, validators, validators.fields)),
            lastModified: validators.lastModified,
            at: now
        )
        snapshot.revisionCache.keep(dated, of: snapshot.revision)
        return .shared(dated.response)
    }

    private func readModelAnew(_ request: borrowing Request, _ model: String) -> Response {
        guard let snapshot = state.snapshot(of: model) else { return state.unknownModel(model, urls, request).response }
        return respond(request, snapshot.document, snapshot.validators)
    }

    private func readField(_ request: borrowing Request, _ model: String, _ path: FieldPath) -> Response {
        guard let snapshot = state.snapshot(of: model) else { return state.unknownModel(model, urls, request).response }
        guard let value = snapshot.value(at: path) else {
            return schemas.unknownField(path, of: snapshot, request).response
        }
        return respond(request, value.bytes, snapshot.validators)
    }

    /// A value with its validators, or 304 where the client has it already.
    private func respond(
        _ request: borrowing Request,
        _ json: [UInt8],
        _ validators: Preconditions.Validators,
        _ fields: HTTPFields? = nil
    ) -> Response {
        if let problem = Problem.notAcceptable(request) { return problem.response }
        var response = Self.complete(json, validators, fields ?? validators.fields)
        do {
            switch try Preconditions(of: request, tag: validators.tag).verdict(on: validators, isRead: true) {
            case .met: break
            case .isKnown:
                // Of the body only the length is sent.
                (response.status, response.fields[.contentType]) = (.notModified, nil)
            case let verdict: return (verdict.problem(request.path, at: validators.tag) ?? .internalError).response
            }
        } catch {
            return error.response
        }
        return response
    }

    private static func complete(
        _ json: [UInt8],
        _ validators: Preconditions.Validators,
        _ fields: HTTPFields
    ) -> Response {
        var fields = fields
        fields[.contentType] = "application/json"
        fields[.eTag] = validators.tag.quoted
        fields[.cacheControl] = "no-cache"
        fields[.vary] = "Accept"
        return Response(status: .ok, fields: fields, body: .bytes(json + [UInt8(ascii: "\n")]))
    }
}

/// The answer with one revision of a model, as long as its date is right.
private final class DatedResponse: Sendable {
    let response: SharedResponse
    private let lastModified: Double?
    /// The last second in which the date was compared, in seconds since 1970.
    private let second: Lock<Double>

    init(_ response: SharedResponse, lastModified: Double?, at second: Double) {
        (self.response, self.lastModified) = (response, lastModified?.rounded(.down))
        self.second = Lock(second)
    }

    /// Whether the response has the date that it has to have now: it is compared once a second.
    func isRight(at now: Double, _ snapshot: DocumentSnapshot) -> Bool {
        if second.withLock({ $0 == now }) { return true }
        guard snapshot.validators.lastModified?.rounded(.down) == lastModified else { return false }
        second.withLock { $0 = now }
        return true
    }
}

extension DocumentSnapshot {
    /// The value of a field; nil where there is none.
    func value(at path: FieldPath) -> JSONValue? {
        // The engine has written the document itself.
        (try? JSONValue(parsing: document))?.value(at: path.steps)
    }

    /// Several models as one JSON object.
    static func object(of snapshots: [DocumentSnapshot]) -> [UInt8] {
        var body: [UInt8] = [UInt8(ascii: "{")]
        body.reserveCapacity(snapshots.reduce(2) { $0 + $1.document.count + $1.model.utf8.count + 4 })
        for (index, snapshot) in snapshots.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            // A model's name needs no escaping: it consists of letters, digits, `_`, `-` and `.`.
            body += "\"\(snapshot.model)\":".utf8
            body += snapshot.document
        }
        body.append(UInt8(ascii: "}"))
        return body
    }
}

extension State {
    /// 404 for a model that is not there.
    func unknownModel(
        _ name: String,
        _ urls: ServiceURL,
        _ request: borrowing Request,
        in collection: String = "state"
    ) -> Problem {
        .unknownModel(name, among: modelNames) { urls.url([collection, $0], for: request) }
    }
}
