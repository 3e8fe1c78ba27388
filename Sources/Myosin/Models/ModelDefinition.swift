/// What a model is, apart from its values: its name, its rules, and how its documents are read, checked and changed.
protocol ModelDefinition<Model>: DocumentReading {
    /// Whether writes from outside go to the store.
    var isDurable: Bool { get }
    /// Whether writes from outside must say which revision they change.
    var requiresRevision: Bool { get }
    /// The longest document of the model, in bytes; nil for the state's own limit.
    var maxDocumentBytes: Int? { get }
    /// How much it takes to check a document.
    var cost: CheckCost { get }
    /// The value where none is stored.
    var defaults: Model { get }

    /// Checks a value.
    ///
    /// - Throws: ``ValidationError`` with every fault.
    func check(_ model: Model) throws(ValidationError)

    /// Checks that the document reads back as the same value.
    ///
    /// - Parameters:
    ///   - model: the value.
    ///   - document: its document.
    ///   - comparesValues: whether the result itself must equal the value, in addition to its document.
    /// - Throws: ``ValidationError`` with every place that would be lost or changed.
    func checkRoundTrip(_ model: Model, writtenAs document: [UInt8], comparesValues: Bool) throws(ValidationError)

    /// Checks that a document can be read, as at the next start.
    ///
    /// - Parameter document: the document of a value.
    /// - Throws: ``ValidationError`` with every place that could not be read.
    func checkReads(_ document: [UInt8]) throws(ValidationError)

    /// Prepares a change, without a lock.
    ///
    /// - Parameters:
    ///   - change: what somebody outside wants.
    ///   - published: the value that is visible now; another one may be changed in the end.
    /// - Returns: what makes the new value of the one that is changed.
    /// - Throws: ``ValidationError`` for faults that can be told without that one.
    func prepare(
        _ change: DocumentChange,
        on published: Model
    ) throws(ValidationError) -> @Sendable (Model) throws -> Model
}

extension ModelDefinition {
    /// The model's value, whose `id` is the server's.
    ///
    /// - Throws: ``ValidationError`` when a change gives it another one.
    func keepingIdentity(_ model: Model, of base: Model) throws(ValidationError) -> Model {
        if model.id == base.id { return model }
        let detail = "is the server's and cannot be changed; leave it out, or send \(base.id.json)"
        throw ValidationError("/id", detail, code: .readOnly)
    }
}

/// The definition of a model that is a Swift type.
struct TypeDefinition<Model: StateModel>: ModelDefinition, TypeReading {
    let defaults: Model

    var knownDefaults: Model? { defaults }
    var isDurable: Bool { Model.isDurable }
    var requiresRevision: Bool { Model.requiresRevision }
    var maxDocumentBytes: Int? { Model.maxDocumentBytes }
    /// A type's own rules cannot be counted.
    var cost: CheckCost { CheckCost(once: 0, repeated: 1) }

    func check(_ model: Model) throws(ValidationError) { try model.checkContent(showing: [defaults]) }

    func checkRoundTrip(_ model: Model, writtenAs document: [UInt8], comparesValues: Bool) throws(ValidationError) {
        try RoundTrip.check(model, writtenAs: document, comparesValues: comparesValues)
    }

    func checkReads(_ document: [UInt8]) throws(ValidationError) { _ = try RoundTrip.read(Model.self, document) }

    func prepare(
        _ change: DocumentChange,
        on published: Model
    ) throws(ValidationError) -> @Sendable (Model) throws -> Model {
        switch change {
        case .restoreDefaults:
            return { [defaults] base in
                var model = defaults
                model.id = base.id
                return model
            }
        case .replace(var document):
            let hasIdentity = document["id"] != nil
            // The present one most likely, which takes its place below.
            if !hasIdentity { document["id"] = published.id.json }
            let model = try Model(document: document, showing: [defaults])
            try DocumentSpelling.check(model, readFrom: document)
            return { base in
                var model = model
                if !hasIdentity { model.id = base.id }
                return try keepingIdentity(model, of: base)
            }
        case .merge(let patch):
            return { base in
                try keepingIdentity(try Model.merge(patch, into: try base.document()), of: base)
            }
        case .replaceField(let path, let value):
            return { base in
                var document = JSONValue.object(try base.document())
                // A name that the model's own document has is the one of its key.
                let isKnown = document.value(at: path) != nil
                guard document.put(value, at: path[...]) else {
                    throw ValidationError([.unknown(path.pointer)])
                }
                let model = try DocumentDecoder.decode(Model.self, from: document)
                if case .object(let object) = document { try DocumentSpelling.check(model, readFrom: object) }
                if !isKnown { try DocumentSpelling.checkNames(of: path, in: document, of: model) }
                return try keepingIdentity(model, of: base)
            }
        }
    }
}

extension StateModel {
    /// The model as a JSON object, `id` first.
    ///
    /// - Throws: ``ValidationError`` for values that JSON does not have, for values nested deeper than a reader accepts, or if
    ///   the type does not encode as an object.
    package func document() throws -> JSONObject {
        guard case .object(var object) = try DocumentEncoder.encode(self) else {
            throw ValidationError("", "must be encoded as an object; encode a keyed container")
        }
        if let path = JSONValue.object(object).path(deeperThan: JSONValue.maxDepth) {
            throw ValidationError([.tooDeep(path.pointer)])
        }
        object.moveToFront("id")
        return object
    }

    /// Reads and validates a document.
    ///
    /// - Parameters:
    ///   - document: the document.
    ///   - values: values of the program's own, which show the encoded names of fields.
    /// - Throws: ``ValidationError`` with every fault of the document.
    package init(
        document: JSONObject,
        showing values: @autoclosure () -> [Self] = []
    ) throws(ValidationError) {
        self = try DocumentDecoder.decode(Self.self, from: .object(document))
        try checkContent(showing: values())
    }

    /// Runs ``validate()`` and gives whatever it throws the one form.
    ///
    /// - Parameter values: values of the program's own, which show the encoded names of fields. A refused value is not encoded.
    /// - Throws: ``ValidationError``.
    package func checkContent(showing values: @autoclosure () -> [Self] = []) throws(ValidationError) {
        do {
            try validate()
        } catch let error as ValidationError {
            throw error.located(in: self, showing: values())
        } catch {
            throw ValidationError(refusing: error)
        }
    }
}
