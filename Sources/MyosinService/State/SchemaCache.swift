internal import HTTPTypes
internal import Logging
internal import MicroHTTP
internal import Myosin
internal import Primitives
internal import StateSchema

/// The schemas of a state's models: as they are declared, or derived, once, from the types.
final class SchemaCache: Sendable {
    private let state: State
    private let urls: ServiceURL
    private let logger: Logger?
    private let derived = Lock<[String: ModelDerivation]>([:])

    /// - Parameters:
    ///   - state: the state.
    ///   - urls: the URLs in the messages of unknown fields.
    ///   - logger: the logger for the fields that could not be learned, once per model.
    init(of state: State, _ urls: ServiceURL, logger: Logger? = nil) {
        (self.state, self.urls, self.logger) = (state, urls, logger)
    }

    /// The schema of a model as JSON; nil when no model has the name.
    func schema(of model: String) -> JSONObject? {
        state.declaration(named: model)?.schema ?? derivedSchema(of: model)?.document
    }

    /// The schema of a model; nil when no model has the name.
    func node(of model: String) -> JSONSchema? {
        (state.declaration(named: model) as? JSONSchemaDeclaration)?.node ?? derivedSchema(of: model)?.node
    }

    /// Why the schema that a type says of itself cannot be read; nil if it can.
    func error(of model: String) -> JSONSchemaError? { derivedSchema(of: model)?.error }

    private func derivedSchema(of model: String) -> ModelDerivation? {
        if let known = derived.withLock({ $0[model] }) { return known }
        // Its schema may be another one next time.
        guard let defaults = state.defaults(ofType: model) else { return nil }
        let schema = ModelDerivation(of: defaults)
        // Two threads may have learned it at once.
        let isNew = derived.withLock { $0.updateValue(schema, forKey: model) == nil }
        if isNew { log(schema.unlearned, of: model) }
        return schema
    }

    private static let maxLogged = 20

    private func log(_ fields: [UnlearnedField], of model: String) {
        for field in fields.prefix(Self.maxLogged) {
            logger?
                .warning(
                    "A field's type could not be learned, so its schema accepts any JSON",
                    metadata: [
                        "model.name": "\(model)", "field": "\(field.pointer)", "advice": "\(field.advice(for: model))",
                    ]
                )
        }
        guard fields.count > Self.maxLogged else { return }
        logger?
            .warning(
                "Further fields' types could not be learned",
                metadata: ["model.name": "\(model)", "count": "\(fields.count - Self.maxLogged)"]
            )
    }

    /// 404 for a field that has no value, with the one that was probably meant.
    func unknownField(_ path: FieldPath, of snapshot: DocumentSnapshot, _ request: borrowing Request) -> Problem {
        let place = node(of: snapshot.model).map { DocumentPlace($0) }
        return place.flatMap { undeclaredField(path, in: $0, of: snapshot.model, request) }
            ?? Self.absentField(path, of: snapshot)
    }

    /// 404 for a field where no value can be put: one that the model does not declare, or that has no place in the document now,
    /// as behind the end of an array; nil if a value can.
    ///
    /// The schema is looked up once, as the model may go, or get another one, at any time.
    ///
    /// - Parameters:
    ///   - path: the field.
    ///   - snapshot: the present document.
    ///   - readsDocument: whether the document is looked into, for which it is parsed.
    ///   - request: the request.
    /// - Returns: the refusal.
    func unwritableField(
        _ path: FieldPath,
        of snapshot: DocumentSnapshot,
        readsDocument: Bool,
        _ request: borrowing Request
    ) -> Problem? {
        guard let node = node(of: snapshot.model) else { return state.unknownModel(snapshot.model, urls, request) }
        let place = DocumentPlace(node)
        if let problem = undeclaredField(path, in: place, of: snapshot.model, request) { return problem }
        guard readsDocument else { return nil }
        guard let document = snapshot.value(at: FieldPath(steps: [])) else {
            return state.unknownModel(snapshot.model, urls, request)
        }
        return path.hasPlace(in: document, of: place) ? nil : Self.absentField(path, of: snapshot)
    }

    /// Why a document does not have a field: it is below null, or beyond the end of an array.
    private static func absentField(_ path: FieldPath, of snapshot: DocumentSnapshot) -> Problem {
        var (value, present) = (snapshot.value(at: FieldPath(steps: [])), 0)
        while present < path.steps.count, let next = value?.value(at: path.steps[present...present]) {
            (value, present) = (next, present + 1)
        }
        let place = "\(snapshot.model)\(path.steps[..<present].pointer)"
        let reason =
            switch value {
            case .array(let elements)?: "has \(elements.count) elements, and the first is 0"
            case .null?: "is null"
            default: "has no \((path.steps.dropFirst(present).first ?? "").quoted) now"
            }
        return Problem(.notFound, "There is no \(snapshot.model)\(path.steps.pointer): \(place) \(reason).")
    }

    /// 404 for a field that a model does not declare; nil if it does.
    private func undeclaredField(
        _ path: FieldPath,
        in document: DocumentPlace,
        of model: String,
        _ request: borrowing Request
    ) -> Problem? {
        guard let undeclared = path.undeclared(in: document) else { return nil }
        let name = path.steps[undeclared.steps]
        let known = path.steps.prefix(undeclared.steps)
        let place = "\(model)\(known.pointer)"
        if undeclared.names.isEmpty { return Problem(.notFound, "\(place) has no fields, so there is no \(name).") }
        let list = undeclared.names.shortList
        guard let meant = didYouMean(name, among: undeclared.names) else {
            return Problem(.notFound, "\(place) has no field \(name). It has: \(list).")
        }
        // A path cannot name every field.
        guard meant != ".", meant != "..", !meant.contains("/"), !meant.contains("\0") else {
            return Problem(.notFound, "\(place) has no field \(name). Did you mean \(meant.quoted)?")
        }
        let url = urls.url(["state", model] + known + [meant], for: request)
        return Problem(.notFound, "\(place) has no field \(name). Did you mean \(meant)? Type curl \(url) to read it.")
    }
}

extension UnlearnedField {
    /// The advice that makes the field learnable.
    fileprivate func advice(for model: String) -> String {
        switch reason {
        case .noValue: "add a sample with a value there to \(model).samples, or describe the field in \(model).schema"
        case .noEarlyValue:
            "the defaults and samples are so long that only their first values count, and those have no value there; "
                + "add a sample with a value there to \(model).samples, or describe the field in \(model).schema"
        case .severalTypes: "its init(from:) tries several types; describe the field in \(model).schema"
        case .tooLarge: "the schema has become too large; describe the field in \(model).schema"
        }
    }
}
