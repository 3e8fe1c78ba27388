/// A piece of a program's shared state: a value type that the engine keeps, hands out in copies and persists.
///
/// A structure with an `id` and stored properties of `Codable` types needs nothing else:
///
/// ```swift
/// struct User: StateModel {
///     var id = ModelID()
///     var name: String
///     var email: String
/// }
/// ```
///
/// The synthesized `Codable` conformance gives the fields of the document, in order of declaration and with `id`
/// first. Decoding is strict: a field of the wrong type, one that the type does not have, or a missing one that is not
/// optional is an error.
public protocol StateModel: Codable, Sendable, Equatable, CustomStringConvertible {
    /// What tells this instance from others of the same model.
    var id: ModelID { get set }

    /// The name under which the model is stored and served. The type's own name by default.
    ///
    /// It consists of ASCII letters, digits, `_`, `-` and `.`, and begins with a letter.
    static var modelName: String { get }

    /// Whether writes of clients go to the store, true by default; without effect where there is no store.
    ///
    /// Clients are those who know the model by its name only, over HTTP for example. The program itself says it with each commit.
    static var isDurable: Bool { get }

    /// Whether clients must name the revision that they change, false by default.
    static var requiresRevision: Bool { get }

    /// The longest document of this model, in bytes of JSON without the id; nil, the default, for the limit of the state.
    static var maxDocumentBytes: Int? { get }

    /// The version of the fields, from 1. Raise it when they change, so that stored documents are migrated.
    static var schemaVersion: Int { get }

    /// What the model's JSON Schema says beyond what its type tells. Nothing by default.
    ///
    /// The schema is learned from the defaults and ``samples``, which are encoded and decoded. This value is merged into it as a
    /// merge patch (RFC 7396): descriptions and units of fields, and the requirements of ``validate()``,
    ///
    /// ```swift
    /// static var schema: JSONValue {
    ///     ["properties": ["humidity": ["x-unit": "percent", "minimum": 0, "maximum": 100]]]
    /// }
    /// ```
    ///
    /// which it describes to clients; only ``validate()`` enforces them. It also has the types of fields that cannot be learned, because
    /// your own `init(from:)` reads them. A schema that is not an object is ignored.
    static var schema: JSONValue { get }

    /// More values of this model, for cases that the defaults do not show.
    ///
    /// The model's schema is learned from its defaults and these samples. Add one if the defaults have nil or an empty collection
    /// of a type with fields, or only one of several cases of an enumeration:
    ///
    /// ```swift
    /// static var samples: [Self] { [Self(route: [Position(x: 1, y: 2)], mode: .timed(minutes: 5))] }
    /// ```
    ///
    /// Samples must be valid, because clients see them as the `examples` of the schema, without their `id`.
    static var samples: [Self] { get }

    /// Changes a stored document of an older version into one of the present version.
    ///
    /// Afterwards missing fields take their defaults and unknown ones are dropped, also in nested structures. So an added or
    /// dropped field needs no code here; a field with a new name or type does. ``migrated(from:version:defaults:)`` tests it.
    ///
    /// - Parameters:
    ///   - document: the stored fields.
    ///   - version: the version that they were stored with.
    /// - Throws: whatever makes the document unusable; it is kept as it is.
    static func migrate(_ document: inout JSONObject, from version: Int) throws

    /// Checks the content before every commit and on load. Accepts everything by default.
    ///
    /// - Throws: ``ValidationError`` with the fields at fault; any other error refuses the whole model, with the error's
    ///   description.
    func validate() throws
}

extension StateModel {
    /// The type's own name.
    public static var modelName: String { "\(Self.self)" }

    /// True: writes of clients are kept.
    public static var isDurable: Bool { true }

    /// False: clients may replace any revision.
    public static var requiresRevision: Bool { false }

    /// Nil: the limit of the state.
    public static var maxDocumentBytes: Int? { nil }

    /// The first version.
    public static var schemaVersion: Int { 1 }

    /// An empty object: the type tells all.
    public static var schema: JSONValue { [:] }

    /// None: the defaults show all types.
    public static var samples: [Self] { [] }

    /// Leaves the document as it is.
    public static func migrate(_ document: inout JSONObject, from version: Int) throws {}

    /// Accepts every value.
    public func validate() throws {}

    /// A line break and the document as indented JSON, for log messages such as `"User: \(user)"`.
    public var description: String {
        do {
            return "\n" + JSONValue.object(try document()).prettyText
        } catch {
            return "\n\(Self.modelName) that cannot be told as JSON: \(error)"
        }
    }
}
