/// A context that waits for the disk.
final class PendingContext: Sendable {
    /// What it checked out or committed.
    let staged: [StagedModel]
    /// What of that is to be written or published.
    let changes: [StagedModel]
    /// For one that empties the store: documents of which copies are kept.
    let clearing: [StoreBatch.SetAside]?
    /// Tells how it ended.
    let flush = Flush()

    init(_ staged: [StagedModel], changes: [StagedModel], clearing: [StoreBatch.SetAside]?) {
        (self.staged, self.changes, self.clearing) = (staged, changes, clearing)
    }

    /// Whether anything of it goes to the store.
    var needsStore: Bool { clearing != nil || changes.contains { $0.isDurable } }
}

extension PendingContext: Hashable {
    static func == (left: PendingContext, right: PendingContext) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
