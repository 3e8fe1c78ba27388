internal import Logging

/// A change of a model as a subscriber sees it.
///
/// The model's fields are read directly: `change.litres`.
@dynamicMemberLookup
public struct ModelChange<Model: StateModel>: Sendable, Equatable {
    /// A copy of the new value.
    ///
    /// If your model has a field `model`, read it as `change.model.model`.
    public let model: Model
    /// The revision of the new value.
    public let revision: UInt64
    /// The number of changes skipped before this one because the subscriber was slow.
    public let missed: Int

    /// Reads a member of the model.
    public subscript<Member>(dynamicMember path: KeyPath<Model, Member>) -> Member { model[keyPath: path] }
}

/// The changes of models, the current values first, as an asynchronous sequence.
///
/// Each loop has its own subscription, which starts with the loop. It ends when you leave the loop and release its iterator, when
/// the task is cancelled, or when the state is closed.
///
/// A loop needs no `try`. It ends at once if a model is not loaded or the state is closed. The state logs the reason as an error,
/// and ``failure`` returns it.
public struct ModelChanges<Element: Sendable>: AsyncSequence, Sendable {
    private let source: ChangeSource
    private let element: @Sendable (Delivery) -> Element

    init(_ source: ChangeSource, element: @escaping @Sendable (Delivery) -> Element) {
        (self.source, self.element) = (source, element)
    }

    /// The error that ends a loop at once if it begins now, or nil if the loop gets the current values.
    public var failure: StateError? { source.failure }

    /// The iterator of one loop.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let owner: StreamOwner?
        fileprivate let element: @Sendable (Delivery) -> Element

        /// The next change, or nil at the end.
        public mutating func next() async -> Element? { await owner?.stream.next().map(element) }
    }

    /// Begins the subscription of one loop.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(owner: source.begin(), element: element) }
}

/// The values of a field as an asynchronous sequence, the current one first and none twice in a row.
///
/// Its loops begin and end like those of ``ModelChanges``.
public struct ModelValues<Value: Equatable & Sendable>: AsyncSequence, Sendable {
    private let changes: ModelChanges<Value>

    init(_ changes: ModelChanges<Value>) { self.changes = changes }

    /// The error that ends a loop at once if it begins now, or nil if the loop gets the current value.
    public var failure: StateError? { changes.failure }

    /// The iterator of one loop.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var changes: ModelChanges<Value>.AsyncIterator
        fileprivate var last: Value?

        /// The next value that differs from the one before, or nil at the end.
        public mutating func next() async -> Value? {
            while let value = await changes.next() {
                if value == last { continue }
                last = value
                return value
            }
            return nil
        }
    }

    /// Begins the subscription of one loop.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(changes: changes.makeAsyncIterator()) }
}

/// The moments that one loop gets.
protocol ChangeStream: AnyObject, Sendable {
    /// The next moment, or nil at the end.
    func next() async -> Delivery?

    /// Ends the subscription.
    func cancel()
}

/// Ends a subscription when the last copy of its iterator is released.
private final class StreamOwner: Sendable {
    let stream: any ChangeStream

    init(_ stream: any ChangeStream) { self.stream = stream }

    deinit { stream.cancel() }
}

/// The source of the changes of loops.
///
/// It does not refer to the state, which closes itself when its last user releases it.
struct ChangeSource: Sendable {
    let commits: CommitQueue
    let logger: Logger
    /// Finds the models, in the order of the elements.
    let cells: @Sendable () throws(StateError) -> [ModelCell]
    /// Subscribes to them.
    let subscribe: @Sendable ([ModelCell]) throws(StateError) -> any ChangeStream

    var failure: StateError? {
        do throws(StateError) {
            _ = try cells()
            try commits.subscribe { _ in }
            return nil
        } catch {
            return error
        }
    }

    fileprivate func begin() -> StreamOwner? {
        do throws(StateError) {
            return StreamOwner(try subscribe(try cells()))
        } catch {
            logger.error(
                "A loop over changes gets nothing",
                metadata: ["model.name": "\(error.model ?? "")", "error": "\(error)"]
            )
            return nil
        }
    }
}
