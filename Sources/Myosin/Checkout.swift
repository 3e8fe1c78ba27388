/// A copy of a model, with the revision it was taken at.
///
/// The model's fields are read and written directly: `user.name = "cS"`. The copy is yours; the state changes when
/// the copy is committed, and only if the model has not moved on since.
@dynamicMemberLookup
public struct Checkout<Model: StateModel>: Sendable {
    /// The copy itself.
    public var checkedOut: Model
    /// The revision at which the copy was taken.
    public let checkedOutRevision: UInt64

    init(_ model: Model, revision: UInt64) { (checkedOut, checkedOutRevision) = (model, revision) }

    /// Reads a member of the model.
    public subscript<Member>(dynamicMember path: KeyPath<Model, Member>) -> Member { checkedOut[keyPath: path] }

    /// Reads and writes a member of the model.
    public subscript<Member>(dynamicMember path: WritableKeyPath<Model, Member>) -> Member {
        get { checkedOut[keyPath: path] }
        set { checkedOut[keyPath: path] = newValue }
    }
}

extension Checkout: Equatable, CustomStringConvertible {
    /// A line break and the document as indented JSON, for log messages such as `"User: \(user)"`.
    public var description: String { checkedOut.description }
}
