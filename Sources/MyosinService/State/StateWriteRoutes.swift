internal import HTTPTypes
internal import MicroHTTP
internal import Myosin

/// `PUT`, `PATCH` and `DELETE` of a model, and `PUT` of a field.
///
/// The conditions come before the content (RFC 9110 section 13.2.2), so they are held against what is published first, and
/// against what the write builds on when its turn has come.
struct StateWriteRoutes: Sendable {
    let state: State
    let schemas: SchemaCache
    let urls: ServiceURL
    let work: LargeWork
    /// What may keep a write from being taken; most have none of it.
    private static let particular = HTTPFieldNameSet(Preconditions.names + RequestContent.names + [.accept])

    var routes: [Route] {
        [
            route(.put, "/state/{model}", .document) { (request: borrowing Request, target) throws(Problem) in
                try replace(request, target)
            },
            route(.patch, "/state/{model}", .patch) { (request: borrowing Request, target) throws(Problem) in
                try merge(request, target)
            },
            route(.delete, "/state/{model}", nil) { (request: borrowing Request, target) throws(Problem) in
                write(DocumentWrite(target.model, .restoreDefaults), target.conditions, request)
            },
            route(.put, "/state/{model}/{field*}", .value) { (request: borrowing Request, target) throws(Problem) in
                try replaceField(request, target)
            },
        ]
    }

    /// What a write is about, as its header says.
    private struct Target {
        let model: String
        /// Empty for a whole model.
        let field: FieldPath
        let content: RequestContent?
        let conditions: Preconditions
        /// How long the present document is.
        let documentBytes: Int
        /// How much it takes to check another one.
        let cost: CheckCost
    }

    /// A route for a model or a field; what its header decides is decided before the content comes.
    private func route(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ kind: RequestContent.Kind?,
        _ write: @escaping @Sendable (borrowing Request, Target) throws(Problem) -> Answer
    ) -> Route {
        .byHeader(method, path) { request, parameters in
            do throws(Problem) {
                let target = try target(of: request, parameters, kind)
                return .afterBody { [work] request in
                    let bytes = LargeWork.weight(ofBytes: request.body.count + target.documentBytes, target.cost)
                    // Without a closure that would be kept, as most are small.
                    if bytes <= LargeWork.maxBytesAtOnce {
                        return Problem.answer { () throws(Problem) in try write(request, target) }
                    }
                    return work.answer(to: request, bytes: bytes, .toAnswer) { request in
                        Problem.answer { () throws(Problem) in try write(request, target) }
                    }
                }
            } catch {
                return .now(error.response)
            }
        }
    }

    /// Reads the header of a write.
    ///
    /// - Throws: `Problem` where the write is refused whatever its content is.
    private func target(
        of request: borrowing Request,
        _ parameters: PathParameters,
        _ kind: RequestContent.Kind?
    ) throws(Problem) -> Target {
        let model = parameters["model"] ?? ""
        let field = FieldPath(parameters["field"] ?? "")
        guard let (snapshot, requiresRevision, cost) = state.target(named: model) else {
            throw state.unknownModel(model, urls, request)
        }
        // A large document is looked into when the content has come, by another thread.
        let isSmall = snapshot.document.count <= LargeWork.maxBytesAtOnce
        if !field.steps.isEmpty {
            // Before it is looked for, step by step.
            if field.steps.count > JSONValue.maxDepth {
                let detail = "There is no such field of \(model): a document has at most \(JSONValue.maxDepth) levels."
                throw Problem(.notFound, detail)
            }
            let problem = schemas.unwritableField(field, of: snapshot, readsDocument: isSmall, request)
            if let problem { throw problem }
        }
        let content = kind.map { RequestContent(kind: $0, place: urls.place(of: request)) }
        let conditions = try conditions(of: request, snapshot, content, requiresRevision: requiresRevision)
        return Target(
            model: model,
            field: field,
            content: content,
            conditions: conditions,
            documentBytes: snapshot.document.count,
            cost: cost
        )
    }

    // MARK: One model

    private func replace(_ request: borrowing Request, _ target: Target) throws(Problem) -> Answer {
        guard let content = target.content else { throw .internalError }
        let document = try content.object(of: request, changing: target.model)
        return write(DocumentWrite(target.model, .replace(document)), target.conditions, request) {
            "PUT replaces the whole model: send every field, or type curl -X PATCH -d '{…}' \(content.place.url) to change some of "
                + "them."
        }
    }

    private func merge(_ request: borrowing Request, _ target: Target) throws(Problem) -> Answer {
        guard let content = target.content else { throw .internalError }
        let patch = try content.object(of: request, changing: target.model)
        return write(DocumentWrite(target.model, .merge(patch)), target.conditions, request)
    }

    private func replaceField(_ request: borrowing Request, _ target: Target) throws(Problem) -> Answer {
        guard let content = target.content else { throw .internalError }
        if target.documentBytes > LargeWork.maxBytesAtOnce, let snapshot = state.snapshot(of: target.model),
            let problem = schemas.unwritableField(target.field, of: snapshot, readsDocument: true, request)
        {
            throw problem
        }
        let value = try content.value(of: request)
        let change = DocumentWrite(target.model, .replaceField(target.field.steps, value))
        return write(change, target.conditions, request, showing: target.field)
    }

    /// Reads the conditions of a write, and holds them against what is published.
    ///
    /// - Throws: `Problem` also for what comes before them: the type of the answer and of the content.
    private func conditions(
        of request: borrowing Request,
        _ snapshot: DocumentSnapshot,
        _ content: RequestContent?,
        requiresRevision: Bool
    ) throws(Problem) -> Preconditions {
        var conditions = Preconditions.none
        if request.hasHeader(in: Self.particular) {
            if let problem = Problem.notAcceptable(request) ?? content?.refusal(of: request) { throw problem }
            conditions = try Preconditions(of: request, tag: snapshot.tag)
        }
        if requiresRevision, !conditions.hasMatch {
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
        return state.answer(to: [write]) { base in
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
}

extension DocumentWrite {
    /// Whether the document is the one that was sent.
    fileprivate var isReplacement: Bool { if case .replace = change { true } else { false } }
}

extension Request {
    /// Whether the client wants no document in the answer to a write (RFC 7240, section 4.2).
    var prefersMinimal: Bool { preferences("return").contains("minimal") }
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

extension Response {
    static func written(_ body: [UInt8], _ fields: HTTPFields, isMinimal: Bool) -> Response {
        var fields = fields
        if isMinimal {
            fields.append(HTTPField(name: .preferenceApplied, value: "return=minimal"))
            return Response(status: .noContent, fields: fields)
        }
        fields.append(HTTPField(name: .contentType, value: "application/json"))
        return Response(status: .ok, fields: fields, body: .bytes(body))
    }
}

extension State {
    /// Makes changes, and answers when they are durable.
    ///
    /// - Parameters:
    ///   - writes: the changes.
    ///   - isExpected: whether a document is the one that the client means, asked when the turn of the changes has come.
    ///   - response: makes the response to the outcome.
    /// - Returns: the answer.
    func answer(
        to writes: [DocumentWrite],
        if isExpected: @escaping @Sendable (DocumentBase) -> Bool,
        answering response: @escaping @Sendable (Result<DocumentsWritten, StateError>) -> Response
    ) -> Answer {
        .later { responder in
            self.write(writes, if: isExpected) { result in
                // False when the client has left: the write has taken effect all the same, as the next GET shows.
                _ = responder.send(response(result))
            }
        }
    }
}
