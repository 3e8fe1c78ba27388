internal import Exposition
internal import Primitives

/// A copy of a model, with the revision it was taken at.
///
/// The model's fields are read and written directly: `user.name = "cS"`. The copy is yours; the state changes when
/// the copy is committed, and only if the model has not moved on since.
@dynamicMemberLookup
public struct Checkout<Model: StateModel>: Sendable {
    /// The copy itself.
    ///
    /// If your model has a field `model`, read it as `checkout.model.model`.
    public var model: Model
    /// The revision at which the copy was taken.
    public let checkedOutRevision: UInt64

    /// Where in a context it was taken; nil outside of contexts.
    @usableFromInline let origin: CheckoutOrigin?

    @inlinable init(_ model: Model, revision: UInt64, origin: CheckoutOrigin? = nil) {
        (self.model, checkedOutRevision, self.origin) = (model, revision, origin)
    }

    /// A copy of what a model has published.
    @inlinable init(of published: AnyVersion) {
        self.init(published.typed(as: Model.self).model, revision: published.revision)
    }

    /// Reads a member of the model.
    public subscript<Member>(dynamicMember path: KeyPath<Model, Member>) -> Member { model[keyPath: path] }

    /// Reads and writes a member of the model.
    public subscript<Member>(dynamicMember path: WritableKeyPath<Model, Member>) -> Member {
        get { model[keyPath: path] }
        set { model[keyPath: path] = newValue }
    }
}

/// Where in a context a checkout was taken, so that of two checkouts none overwrites what the other has committed.
@usableFromInline struct CheckoutOrigin: Sendable {
    /// The context, among those that had the model.
    let context: UInt64
    /// The checkout's number in the context, from 1.
    let number: Int
    /// The number of the checkout whose commit it shows; nil before the first.
    let shows: Int?
}

extension Checkout: Equatable, CustomStringConvertible {
    /// Whether two checkouts have the same value at the same revision.
    public static func == (left: Checkout, right: Checkout) -> Bool {
        left.checkedOutRevision == right.checkedOutRevision && left.model == right.model
    }

    /// A line break and the document as indented JSON, for log messages such as `"User: \(user)"`.
    public var description: String { model.description }
}

/// A checkout under way of what a model has published, which is timed.
@usableFromInline struct TimedCheckout {
    private let stopwatch = Stopwatch()
    private let cell: ModelCell
    @usableFromInline let version: AnyVersion

    init(of cell: ModelCell) { (self.cell, version) = (cell, cell.published) }

    /// Notes that the copy is made.
    @usableFromInline func end() { cell.metrics.checkout.observe(stopwatch) }
}
