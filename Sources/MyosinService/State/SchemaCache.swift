internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import Primitives
internal import StateSchema

/// The schemas of a state's models: as they are declared, or derived, once, from the types.
final class SchemaCache: Sendable {
    private let state: State
    private let derived = Lock<[String: ModelDerivation]>([:])

    init(of state: State) { self.state = state }

    /// The schema of a model as JSON; nil when no model has the name.
    func schema(of model: String) -> JSONObject? {
        state.declaration(named: model)?.schema ?? derivedSchema(of: model)?.document
    }

    /// The schema of a model; nil when no model has the name.
    func node(of model: String) -> JSONSchema? {
        (state.declaration(named: model) as? JSONSchemaDeclaration)?.node ?? derivedSchema(of: model)?.node
    }

    private func derivedSchema(of model: String) -> ModelDerivation? {
        if let known = derived.withLock({ $0[model] }) { return known }
        // Its schema may be another one next time.
        guard state.declaration(named: model) == nil, let type = state.modelType(named: model) else { return nil }
        let schema = ModelDerivation(of: type)
        derived.withLock { $0[model] = schema }
        return schema
    }

    /// 404 for a field that has no value, with the one that was probably meant.
    func unknownField(_ path: FieldPath, of snapshot: DocumentSnapshot, _ request: borrowing Request) -> Problem {
        let model = snapshot.model
        if let problem = undeclaredField(path, of: model, request) { return problem }
        // Declared, and not there now: below null, or beyond the end of an array.
        var (value, present) = (snapshot.value(at: FieldPath(steps: [])), 0)
        while present < path.steps.count, let next = value?.value(at: path.steps[present...present]) {
            (value, present) = (next, present + 1)
        }
        let place = "\(model)\(path.steps[..<present].pointer)"
        let reason =
            switch value {
            case .array(let elements)?: "has \(elements.count) elements, and the first is 0"
            case .null?: "is null"
            default: "has no \(path.steps[present].quoted) now"
            }
        return Problem(.notFound, "There is no \(model)\(path.steps.pointer): \(place) \(reason).")
    }

    /// Whether a value can be put where a model declares it to be; there is no place behind the end of an array.
    func hasPlace(for path: FieldPath, in snapshot: DocumentSnapshot) -> Bool {
        guard let node = node(of: snapshot.model), let document = snapshot.value(at: FieldPath(steps: [])) else {
            return false
        }
        return path.hasPlace(in: document, of: DocumentPlace(node))
    }

    /// 404 for a field that a model does not declare; nil if it does.
    func undeclaredField(_ path: FieldPath, of model: String, _ request: borrowing Request) -> Problem? {
        guard let node = node(of: model), let undeclared = path.undeclared(in: DocumentPlace(node)) else { return nil }
        let name = path.steps[undeclared.steps]
        let known = path.steps.prefix(undeclared.steps)
        let place = "\(model)\(known.pointer)"
        if undeclared.names.isEmpty { return Problem(.notFound, "\(place) has no fields, so there is no \(name).") }
        let list = undeclared.names.joined(separator: ", ")
        guard let meant = didYouMean(name, among: undeclared.names) else {
            return Problem(.notFound, "\(place) has no field \(name). It has: \(list).")
        }
        let way = (["\(request.authority)/state/\(model)"] + known + [meant]).joined(separator: "/")
        return Problem(.notFound, "\(place) has no field \(name). Did you mean \(meant)? Type curl \(way) to read it.")
    }
}
