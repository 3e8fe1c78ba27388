internal import HTTPTypes
internal import MicroHTTP
internal import Myosin

/// `/state` and `/state/{model}`: the models as JSON documents.
struct StateRoutes: Sendable {
    let state: State

    var routes: [Route] {
        [
            Route(.get, "/state") { request, _ in .now(getAll(request)) },
            Route(.get, "/state/{model}") { request, parameters in .now(get(request, parameters["model"] ?? "")) },
            Route(.put, "/state/{model}") { request, parameters in put(request, parameters["model"] ?? "") },
        ]
    }

    // MARK: Reading

    private func getAll(_ request: borrowing Request) -> Response {
        let (publication, snapshots) = state.snapshots()
        var body: [UInt8] = [UInt8(ascii: "{")]
        for (index, snapshot) in snapshots.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            // A model's name needs no escaping: it consists of letters, digits, `_`, `-` and `.`.
            body += "\"\(snapshot.model)\":".utf8
            body += snapshot.document
        }
        body += "}\n".utf8
        return document(body, tag: publication, fields: [:], request)
    }

    private func get(_ request: borrowing Request, _ model: String) -> Response {
        guard let snapshot = state.snapshot(of: model) else { return unknown(model, request) }
        return document(
            snapshot.document + [UInt8(ascii: "\n")],
            tag: snapshot.revision,
            fields: snapshot.fields,
            request
        )
    }

    /// A document with its validators, or 304 where the client has it already.
    private func document(
        _ body: [UInt8],
        tag: UInt64,
        fields: HTTPFields,
        _ request: borrowing Request
    ) -> Response {
        var fields = fields
        fields[.eTag] = "\"\(tag)\""
        fields[.cacheControl] = "no-cache"
        if let known = request.header(.ifNoneMatch) {
            guard let known = EntityTagList(known) else { return Self.badTags("If-None-Match", known, tag).response }
            if known.contains(tag, isStrong: false) { return Response(status: .notModified, fields: fields) }
        }
        fields[.contentType] = "application/json"
        return Response(status: .ok, fields: fields, body: .bytes(body))
    }

    // MARK: Writing

    private func put(_ request: borrowing Request, _ model: String) -> Answer {
        guard let current = state.snapshot(of: model) else { return .now(unknown(model, request)) }
        if let problem = Self.wrongMediaType(request) { return .now(problem.response) }
        let condition: @Sendable (UInt64) -> Bool
        switch Self.condition(request, model, current.revision) {
        case .success(let isExpected): condition = isExpected
        case .failure(let refusal): return .now(refusal.problem.response)
        }
        let document: JSONObject
        switch parse(request, model) {
        case .success(let object): document = object
        case .failure(let refusal): return .now(refusal.problem.response)
        }
        return .later { [state] responder in
            state.replaceDocument(of: model, with: document, ifRevision: condition) { result in
                let response =
                    switch result {
                    case .success(let snapshot): snapshot.written
                    case .failure(let error): Problem(error).response
                    }
                // False when the client has left: the write has taken effect all the same, as the next GET shows.
                _ = responder.send(response)
            }
        }
    }

    private struct Refusal: Error { let problem: Problem }

    private func parse(_ request: borrowing Request, _ model: String) -> Result<JSONObject, Refusal> {
        let command =
            "Type curl -X PUT -d '{…}' \(request.authority)/state/\(model) with the fields as {\"name\": value, …}."
        do {
            let value = try JSONValue(parsing: request.body)
            if case .object(let object) = value { return .success(object) }
            let fault = ValidationError.Fault(pointer: "", detail: "must be an object, got \(value.kind)")
            let detail =
                "\(model) was not changed: the body must be an object with the model's fields. \(command)"
            return .failure(Refusal(problem: Problem(.unprocessableContent, detail, faults: [fault])))
        } catch {
            if Self.looksLikeForm(request) {
                let detail = "The body is a form, not JSON. \(command)"
                return .failure(Refusal(problem: Problem(.unsupportedMediaType, detail, fields: Self.acceptsJSON)))
            }
            return .failure(Refusal(problem: Problem(.badRequest, "The body is not JSON: it \(error).")))
        }
    }

    private static let acceptsJSON: HTTPFields = [.accept: "application/json"]

    /// `curl -d` says that it sends a form, whatever it sends, so that type is taken where the body is JSON.
    private static func wrongMediaType(_ request: borrowing Request) -> Problem? {
        guard let field = request.header(.contentType) else { return nil }
        let type = String(field.prefix { $0 != ";" }).trimmed.lowercased()
        switch type {
        case "application/json", "application/x-www-form-urlencoded", "": return nil
        default:
            let isPatch = type == "application/merge-patch+json" || type == "application/json-patch+json"
            if !isPatch, type.hasPrefix("application/"), type.hasSuffix("+json") { return nil }
            let reason = isPatch ? ", but PUT takes the whole document, not a patch" : ""
            return Problem(
                .unsupportedMediaType,
                "The body's type is \(type)\(reason). "
                    + "Send JSON: -H 'Content-Type: application/json', or leave the type out.",
                fields: acceptsJSON
            )
        }
    }

    private static func looksLikeForm(_ request: borrowing Request) -> Bool {
        guard let type = request.header(.contentType), type.lowercased().contains("form") else { return false }
        let name = request.body.prefix { $0 != UInt8(ascii: "=") }
        return !name.isEmpty && name.count < request.body.count
            && name.allSatisfy { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "\"") }
    }

    /// What the request's conditions say of a model's revision.
    ///
    /// They come before the content (RFC 9110 section 13.2.2), so they are held against the published revision first,
    /// and against the one that the write builds on when its turn has come.
    private static func condition(
        _ request: borrowing Request,
        _ model: String,
        _ current: UInt64
    ) -> Result<@Sendable (UInt64) -> Bool, Refusal> {
        var (expected, excluded): (EntityTagList?, EntityTagList?) = (nil, nil)
        if let value = request.header(.ifMatch) {
            guard let list = EntityTagList(value) else {
                return .failure(Refusal(problem: badTags("If-Match", value, current)))
            }
            expected = list
        }
        if let value = request.header(.ifNoneMatch) {
            guard let list = EntityTagList(value) else {
                return .failure(Refusal(problem: badTags("If-None-Match", value, current)))
            }
            excluded = list
        }
        if let expected, !expected.contains(current, isStrong: true) {
            let isWeak = expected.contains(current, isStrong: false)
            return .failure(
                Refusal(
                    problem: precondition(
                        model,
                        current,
                        isWeak
                            ? ", but a weak tag never matches in If-Match. Type -H 'If-Match: \"\(current)\"'."
                            : ", which is not the one expected. Read it again and repeat the change."
                    )
                )
            )
        }
        if let excluded, excluded.contains(current, isStrong: false) {
            let advice = ", which If-None-Match rules out. Leave that field out to replace it."
            return .failure(Refusal(problem: precondition(model, current, advice)))
        }
        return .success { [expected, excluded] revision in
            expected?.contains(revision, isStrong: true) != false
                && excluded?.contains(revision, isStrong: false) != true
        }
    }

    private static func precondition(_ model: String, _ current: UInt64, _ advice: String) -> Problem {
        Problem(.preconditionFailed, "\(model) is at revision \(current)\(advice)", fields: .stateRevision(current))
    }

    private static func badTags(_ field: String, _ value: String, _ current: UInt64) -> Problem {
        let tag = value.allSatisfy(\.isNumber) && !value.isEmpty ? value : "\(current)"
        return Problem(
            .badRequest,
            "\(field): \(value) is not an entity tag in quotes. Type -H '\(field): \"\(tag)\"'."
        )
    }

    private func unknown(_ model: String, _ request: borrowing Request) -> Response {
        Problem.unknownModel(model, among: state.modelNames, at: "\(request.authority)/state").response
    }
}

extension DocumentSnapshot {
    fileprivate var fields: HTTPFields {
        var fields: HTTPFields = [.stateRevision: "\(revision)"]
        fields[.lastModified] = HTTPDate.text(time)
        return fields
    }

    /// The answer to a write.
    ///
    /// It has no ETag, since the body was not stored byte for byte (RFC 9110 section 9.3.4).
    fileprivate var written: Response {
        var fields = fields
        fields[.contentType] = "application/json"
        return Response(status: .ok, fields: fields, body: .bytes(document + [UInt8(ascii: "\n")]))
    }
}
