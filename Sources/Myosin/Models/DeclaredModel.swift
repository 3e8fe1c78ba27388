/// The value of a model that is declared when the program runs, by a JSON Schema: a document instead of fields of a type.
///
/// A state knows such models by their names: ``State/checkout(declared:)``, ``State/update(declared:cache:_:)``,
/// ``State/subscribe(declared:maxBuffered:_:)``. What their documents may contain is checked at each commit.
public struct DeclaredModel: StateModel {
    /// The fields of the document, `id` among them.
    public var fields: JSONObject

    /// Makes a value.
    ///
    /// - Parameter fields: the fields of the document.
    public init(fields: JSONObject) { self.fields = fields }

    /// What tells this instance from others: the field `id`.
    public var id: ModelID {
        get { fields["id"].flatMap(ModelID.init) ?? ModelID("") }
        set { fields["id"] = newValue.json }
    }

    /// Reads any object.
    ///
    /// - Throws: ``ValidationError`` for anything else.
    public init(from decoder: any Decoder) throws {
        let value = try JSONValue(from: decoder)
        guard case .object(let fields) = value else {
            throw ValidationError("", "must be an object, got \(value.mention)", code: .type)
        }
        self.init(fields: fields)
    }

    /// Writes the object as it is.
    public func encode(to encoder: any Encoder) throws { try JSONValue.object(fields).encode(to: encoder) }

    /// Reads and writes a field of the document; nil where there is none.
    public subscript(name: String) -> JSONValue? {
        get { fields[name] }
        set { fields[name] = newValue }
    }
}
