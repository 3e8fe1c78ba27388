/// A context that waits for the disk.
final class PendingContext: Sendable {
    /// What it checked out or committed.
    let staged: [StagedModel]
    /// What of that is to be written or published.
    let changes: [StagedModel]
    /// What goes to the store with it, beside what it has committed.
    let extra: StoreBatch?
    /// Tells how it ended.
    let flush = Flush()

    init(_ staged: [StagedModel], changes: [StagedModel], extra: StoreBatch?) {
        (self.staged, self.changes, self.extra) = (staged, changes, extra)
    }

    /// Whether it empties the store.
    var isClearing: Bool { extra?.isClearing ?? false }

    /// Whether anything of it goes to the store.
    var needsStore: Bool { Self.needsStore(changes, extra) }

    /// Whether anything of a context would go to the store.
    static func needsStore(_ changes: [StagedModel], _ extra: StoreBatch?) -> Bool {
        extra?.isEmpty == false || changes.contains { $0.isDurable }
    }
}

extension PendingContext: Hashable {
    static func == (left: PendingContext, right: PendingContext) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
