internal import MicroHTTP
internal import Myosin
internal import Primitives

/// One client that watches: what it is still to be told.
///
/// It costs no thread, timer or task. What waits for a client that is slow is bounded: beyond ``maxGroups`` groups all that waits is
/// merged into one, of each model's latest value.
final class Watcher: Sendable {
    /// How many groups wait for a client before they are merged.
    static let maxGroups = 64

    private struct Backlog {
        /// The publication that the beginning shows; nil until it is taken.
        var start: RevisionTag?
        var hasBegun = false
        /// The group that is being told to a client that watches all models, and the change that the next piece begins with.
        var current: (group: WatchGroup, next: Int)?
        var groups: ArraySlice<WatchGroup> = []
        var needsHeartbeat = false
        var isClosing = false
    }

    /// The model that is watched; nil for all.
    let model: String?
    private let backlog = Lock(Backlog())

    init(model: String?) { self.model = model }

    /// Begins with a group: the whole of what it watches, or what it has missed.
    func begin(_ opening: WatchGroup) {
        backlog.withLock { backlog in
            backlog.start = opening.id
            if !opening.changes.isEmpty { backlog.current = (opening, 0) }
            // What came meanwhile and is shown by it already.
            backlog.groups = backlog.groups.filter { $0.id.number > opening.id.number }[...]
        }
    }

    /// Has the client told of a group.
    ///
    /// - Returns: whether there is something for it.
    func offer(_ group: WatchGroup) -> Bool {
        backlog.withLock { backlog in
            if let start = backlog.start, group.id.number <= start.number { return false }
            guard group.concerns(model) else { return false }
            backlog.groups.append(group)
            if backlog.groups.count > Self.maxGroups, let merged = WatchGroup.merging(backlog.groups.map(relevant)) {
                backlog.groups = [merged]
            }
            return true
        }
    }

    /// The part of a group that the client watches.
    private func relevant(_ group: WatchGroup) -> WatchGroup {
        guard let model else { return group }
        return WatchGroup(
            id: group.id,
            changes: group.changes.filter { $0.snapshot.model == model },
            removed: group.removed.filter { $0 == model }
        )
    }

    /// Has a comment sent, so that a client that has left is found.
    func beat() { backlog.withLock { $0.needsHeartbeat = true } }

    /// Ends the stream once all that waits is sent.
    func close() { backlog.withLock { $0.isClosing = true } }

    /// What is sent next.
    func next() -> ResponseStream.Part {
        let part: (() -> ResponseStream.Part) = backlog.withLock { backlog in
            guard backlog.start != nil else { return { [isClosing = backlog.isClosing] in isClosing ? .end : .wait } }
            if !backlog.hasBegun {
                backlog.hasBegun = true
                return { .bytes(WatchEvent.retry) }
            }
            if let (group, next) = backlog.current { return { [self] in piece(of: group, from: next) } }
            if let group = backlog.groups.popFirst() {
                if backlog.groups.isEmpty { backlog.groups = [] }
                backlog.needsHeartbeat = false
                if let model, group.removed.contains(model) { backlog.isClosing = true }
                return { [self] in
                    guard let model else { return piece(of: group, from: 0) }
                    return group.text(ofModel: model).map { .shared($0) } ?? .bytes(WatchEvent.heartbeat)
                }
            }
            if backlog.isClosing { return { .end } }
            guard backlog.needsHeartbeat else { return { .wait } }
            backlog.needsHeartbeat = false
            return { .bytes(WatchEvent.heartbeat) }
        }
        // Text is made outside of the lock, which whoever distributes changes takes.
        return part()
    }

    /// A piece of a group; only the server's thread asks for it, so it is the one after that which was asked for before.
    private func piece(of group: WatchGroup, from start: Int) -> ResponseStream.Part {
        let piece = group.piece(from: start)
        backlog.withLock { $0.current = piece.next.map { (group, $0) } }
        return .shared(piece.text)
    }
}
