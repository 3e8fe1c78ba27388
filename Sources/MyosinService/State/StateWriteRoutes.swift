internal import HTTPTypes
internal import MicroHTTP
internal import Myosin

/// `PUT`, `PATCH` and `DELETE` of models, fields and the whole state.
///
/// The conditions come before the content (RFC 9110 section 13.2.2), so they are held against what is published first, and
/// against what the write builds on when its turn has come.
struct StateWriteRoutes: Sendable {
    let state: State
    let schemas: SchemaCache
    let urls: ServiceURL

    var routes: [Route] {
        [
            Route(.put, "/state/{model}") { request, parameters in replace(request, parameters["model"] ?? "") },
            Route(.patch, "/state/{model}") { request, parameters in merge(request, parameters["model"] ?? "") },
            Route(.delete, "/state/{model}") { request, parameters in restore(request, parameters["model"] ?? "") },
            Route(.put, "/state/{model}/{field*}") { request, parameters in
                replaceField(request, parameters["model"] ?? "", FieldPath(parameters["field"] ?? ""))
            },
            Route(.patch, "/state") { request, _ in mergeAll(request) },
        ]
    }

    // MARK: One model

    private func replace(_ request: borrowing Request, _ model: String) -> Answer {
        answer { () throws(Problem) in
            let snapshot = try snapshot(of: model, request)
            let place = urls.url(of: request)
            let content = RequestContent(kind: .document, place: place)
            let conditions = try conditions(of: request, snapshot, content)
            let document = try content.object(of: request, changing: model)
            return write(DocumentWrite(model, .replace(document)), conditions, request) {
                "PUT replaces the whole model: send every field, or type curl -X PATCH -d '{…}' \(place) to change some of them."
            }
        }
    }

    private func merge(_ request: borrowing Request, _ model: String) -> Answer {
        answer { () throws(Problem) in
            let snapshot = try snapshot(of: model, request)
            let content = RequestContent(kind: .patch, place: urls.url(of: request))
            let conditions = try conditions(of: request, snapshot, content)
            let patch = try content.object(of: request, changing: model)
            return write(DocumentWrite(model, .merge(patch)), conditions, request)
        }
    }

    private func restore(_ request: borrowing Request, _ model: String) -> Answer {
        answer { () throws(Problem) in
            let conditions = try conditions(of: request, try snapshot(of: model, request), nil)
            return write(DocumentWrite(model, .restoreDefaults), conditions, request)
        }
    }

    private func replaceField(_ request: borrowing Request, _ model: String, _ path: FieldPath) -> Answer {
        answer { () throws(Problem) in
            let snapshot = try snapshot(of: model, request)
            if let problem = schemas.unwritableField(path, of: snapshot, request) { throw problem }
            let content = RequestContent(kind: .value, place: urls.url(of: request))
            let conditions = try conditions(of: request, snapshot, content)
            let value = try content.value(of: request)
            return write(DocumentWrite(model, .replaceField(path.steps, value)), conditions, request, showing: path)
        }
    }

    private func snapshot(of model: String, _ request: borrowing Request) throws(Problem) -> DocumentSnapshot {
        if let snapshot = state.snapshot(of: model) { return snapshot }
        throw state.unknownModel(model, urls, request)
    }

    /// Reads the conditions of a write, and holds them against what is published.
    ///
    /// - Throws: `Problem` also for what comes before them: the type of the answer and of the content.
    private func conditions(
        of request: borrowing Request,
        _ snapshot: DocumentSnapshot,
        _ content: RequestContent?
    ) throws(Problem) -> Preconditions {
        if let problem = Problem.notAcceptable(request) ?? content?.refusal(of: request) { throw problem }
        let conditions = try Preconditions(of: request, tag: snapshot.tag)
        if !conditions.hasMatch, state.requiresRevision(snapshot.model) {
            throw Problem(
                .preconditionRequired,
                "\(snapshot.model) is changed only on condition. Type -H 'If-Match: \(snapshot.tag.quoted)', which is its "
                    + "revision now.",
                fields: .stateRevision(snapshot.tag)
            )
        }
        let verdict = conditions.verdict(on: snapshot.validators, isRead: false)
        if let problem = verdict.problem(snapshot.model, at: snapshot.tag) { throw problem }
        return conditions
    }

    private func write(
        _ write: DocumentWrite,
        _ conditions: Preconditions,
        _ request: borrowing Request,
        showing path: FieldPath = FieldPath(steps: []),
        adviceOnMissing: @escaping @Sendable () -> String? = { nil }
    ) -> Answer {
        let isMinimal = request.prefersMinimal
        let sent = write.isReplacement ? request.body : []
        let incarnation = state.incarnation
        return later([write]) { base in
            let tag = RevisionTag(incarnation, base.revision)
            return conditions.verdict(on: .init(tag: tag, time: base.time), isRead: false) == .met
        } answering: { result in
            switch result {
            case .success(let written):
                return written.documents.first?.response(to: sent, showing: path, isMinimal: isMinimal)
                    ?? Problem.internalError.response
            case .failure(let error):
                let conflict = error.currentRevision.flatMap { current in
                    let tag = RevisionTag(incarnation, current)
                    let verdict = conditions.verdict(on: .init(tag: tag, time: nil), isRead: false)
                    // Where the tags are met, it was the time that was not.
                    return (verdict == .met ? .isNewer : verdict).problem(write.model, at: tag)
                }
                return (conflict ?? Problem(error, adviceOnMissing: adviceOnMissing())).response
            }
        }
    }

    private func later(
        _ writes: [DocumentWrite],
        if isExpected: @escaping @Sendable (DocumentBase) -> Bool,
        answering response: @escaping @Sendable (Result<DocumentsWritten, StateError>) -> Response
    ) -> Answer {
        .later { [state] responder in
            state.write(writes, if: isExpected) { result in
                // False when the client has left: the write has taken effect all the same, as the next GET shows.
                _ = responder.send(response(result))
            }
        }
    }

    // MARK: Several models

    private func mergeAll(_ request: borrowing Request) -> Answer {
        answer { () throws(Problem) in
            let content = RequestContent(kind: .patch, place: urls.url(of: request))
            if let problem = Problem.notAcceptable(request) ?? content.refusal(of: request) { throw problem }
            let tag = state.tag
            let conditions = try Preconditions(of: request, tag: tag)
            @Sendable func verdict(at tag: RevisionTag) -> Preconditions.Verdict {
                conditions.verdict(on: .init(tag: tag, time: nil), isRead: false)
            }
            if let problem = verdict(at: tag).problem("The state", at: tag, "publication") { throw problem }
            let writes = try writes(of: try content.object(of: request, changing: ""), conditions)
            let isMinimal = request.prefersMinimal
            return later(writes) {
                verdict(at: RevisionTag(tag.incarnation, $0.publication)) == .met
            } answering: { [state] result in
                switch result {
                case .success(let written):
                    return written.response(at: RevisionTag(tag.incarnation, written.publication), isMinimal: isMinimal)
                case .failure(let error) where error.code == .conflict:
                    let (tag, verdict) = (state.tag, verdict(at: state.tag))
                    // The tag may have been the one that If-None-Match rules out, and is another one by now.
                    let problem = (verdict == .met ? .isOther(asWeak: false) : verdict)
                        .problem("The state", at: tag, "publication")
                    return (problem ?? Problem(error)).response
                case .failure(let error): return Problem(error).response
                }
            }
        }
    }

    /// The changes that a patch of the state makes.
    ///
    /// - Throws: `Problem` with all faults, of the patch's form and of its content.
    private func writes(of patch: JSONObject, _ conditions: Preconditions) throws(Problem) -> [DocumentWrite] {
        var faults: [ValidationError.Fault] = []
        var writes: [DocumentWrite] = []
        let suggestions = NameSuggestions()
        lazy var names = state.modelNames
        for (model, value) in patch {
            if faults.count >= ValidationError.maxFaults { throw Problem(.invalidState(faults)) }
            let pointer = [model].pointer
            guard state.hasModel(named: model) else {
                let meant = suggestions.name(meantBy: model, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
                faults.append(.init(pointer: pointer, detail: "is not a model\(meant)", code: .unknown))
                continue
            }
            guard case .object(let fields) = value else {
                let advice = value == .null ? "; DELETE /state/\(model) restores its defaults" : ""
                faults.append(
                    .init(pointer: pointer, detail: "must be an object, got \(value.kind)\(advice)", code: .type)
                )
                continue
            }
            writes.append(DocumentWrite(model, .merge(fields)))
        }
        if !faults.isEmpty {
            faults += state.faults(of: writes, upTo: ValidationError.maxFaults - faults.count)
            throw Problem(.invalidState(faults))
        }
        let tag = state.tag
        if !conditions.hasMatch, let model = writes.first(where: { state.requiresRevision($0.model) })?.model {
            throw Problem(
                .preconditionRequired,
                "\(model) is changed only on condition. Type -H 'If-Match: \(tag.quoted)', which is the number of "
                    + "the state's last publication.",
                fields: .stateRevision(tag)
            )
        }
        return writes
    }

    private func answer(_ make: () throws(Problem) -> Answer) -> Answer {
        do throws(Problem) {
            return try make()
        } catch {
            return .now(error.response)
        }
    }
}

extension DocumentWrite {
    /// Whether the document is the one that was sent.
    fileprivate var isReplacement: Bool { if case .replace = change { true } else { false } }
}

extension Request {
    /// Whether the client wants no document in the answer to a write (RFC 7240, section 4.2).
    fileprivate var prefersMinimal: Bool { preferences("return").contains("minimal") }
}

extension DocumentSnapshot {
    /// The answer to a write.
    ///
    /// It has an entity tag only where GET answers byte for byte with what was sent (RFC 9110 section 9.3.4).
    fileprivate func response(to sent: [UInt8], showing path: FieldPath, isMinimal: Bool) -> Response {
        var fields = validators.fields
        let shown = path.steps.isEmpty ? document : (value(at: path) ?? .null).bytes
        var body: [UInt8] = []
        body.reserveCapacity(shown.count + 1)
        body += shown
        body.append(UInt8(ascii: "\n"))
        if body == sent { fields.append(HTTPField(name: .eTag, value: tag.quoted)) }
        return .written(body, fields, isMinimal: isMinimal)
    }
}

extension DocumentsWritten {
    /// The answer to a write of several models: those that it named.
    fileprivate func response(at tag: RevisionTag, isMinimal: Bool) -> Response {
        let body = DocumentSnapshot.object(of: documents) + [UInt8(ascii: "\n")]
        return .written(body, .stateRevision(tag), isMinimal: isMinimal)
    }
}

extension Response {
    fileprivate static func written(_ body: [UInt8], _ fields: HTTPFields, isMinimal: Bool) -> Response {
        var fields = fields
        if isMinimal {
            fields.append(HTTPField(name: .preferenceApplied, value: "return=minimal"))
            return Response(status: .noContent, fields: fields)
        }
        fields.append(HTTPField(name: .contentType, value: "application/json"))
        return Response(status: .ok, fields: fields, body: .bytes(body))
    }
}
