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
    /// About how much of the beginning is made at a time, in bytes.
    private static let openingBytes = 64 * 1_024

    private struct Backlog {
        /// What the client gets first: the whole of what it watches, or what it has missed.
        var opening: ArraySlice<WatchGroup.Change> = []
        var openingEvent = "snapshot"
        /// The publication that the beginning shows; nil until it is taken.
        var start: RevisionTag?
        var hasBegun = false
        var groups: ArraySlice<WatchGroup> = []
        var needsHeartbeat = false
        var isClosing = false
    }

    /// The model that is watched; nil for all.
    let model: String?
    private let backlog = Lock(Backlog())

    init(model: String?) { self.model = model }

    /// Begins with some values, as they were when a publication had become visible.
    func begin(_ event: String, _ changes: [WatchGroup.Change], at id: RevisionTag) {
        backlog.withLock { backlog in
            (backlog.opening, backlog.openingEvent, backlog.start) = (changes[...], event, id)
            // What came meanwhile and is shown by them already.
            backlog.groups = backlog.groups.filter { $0.id.number > id.number }[...]
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
            guard let start = backlog.start else { return { .wait } }
            if !backlog.hasBegun {
                backlog.hasBegun = true
                return { .bytes(WatchEvent.retry) }
            }
            if !backlog.opening.isEmpty { return opening(&backlog, start) }
            if let group = backlog.groups.popFirst() {
                if backlog.groups.isEmpty { backlog.groups = [] }
                backlog.needsHeartbeat = false
                if let model, group.removed.contains(model) { backlog.isClosing = true }
                return { [model] in
                    guard let model else { return .shared(group.text) }
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

    private func opening(_ backlog: inout Backlog, _ start: RevisionTag) -> () -> ResponseStream.Part {
        var count = 0
        var bytes = 0
        while count < backlog.opening.count, bytes < Self.openingBytes {
            bytes += backlog.opening[backlog.opening.startIndex + count].snapshot.document.count + 100
            count += 1
        }
        let piece = backlog.opening.prefix(count)
        backlog.opening = backlog.opening.dropFirst(count)
        let (event, isLast) = (backlog.openingEvent, backlog.opening.isEmpty)
        if isLast { backlog.opening = [] }
        return { .bytes(WatchEvent.text(event, of: piece, id: isLast ? start : nil)) }
    }
}
