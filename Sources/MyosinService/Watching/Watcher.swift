internal import Locking
internal import MicroHTTP
internal import Myosin

/// One client that watches: what it is still to be told.
///
/// It costs no thread, timer or task. What waits for a client that is slow is bounded: beyond ``groupsMax`` groups all that waits is
/// merged into one, of each model's latest value.
final class Watcher: Sendable {
    /// How many groups wait for a client before they are merged.
    static let groupsMax = 64
    /// About how much of the beginning is made at a time, in bytes.
    private static let openingBytes = 64 * 1_024

    private struct Core {
        /// What the client gets first: the whole of what it watches, or what it has missed.
        var opening: ArraySlice<WatchGroup.Change> = []
        var openingEvent = "snapshot"
        /// The number of the publication that the beginning shows; nil until it is taken.
        var start: UInt64?
        var hasBegun = false
        var groups: ArraySlice<WatchGroup> = []
        var needsHeartbeat = false
        var isClosing = false
    }

    /// The model that is watched; nil for all.
    let model: String?
    private let core = Lock(Core())

    init(model: String?) { self.model = model }

    /// Begins with some values, as they were when a publication had become visible.
    func begin(_ event: String, _ changes: [WatchGroup.Change], at number: UInt64) {
        core.withLock { core in
            (core.opening, core.openingEvent, core.start) = (changes[...], event, number)
            // What came meanwhile and is shown by them already.
            core.groups = core.groups.filter { $0.number > number }[...]
        }
    }

    /// Has the client told of a group.
    ///
    /// - Returns: whether there is something for it.
    func offer(_ group: WatchGroup) -> Bool {
        core.withLock { core in
            if let start = core.start, group.number <= start { return false }
            guard group.concerns(model) else { return false }
            core.groups.append(group)
            if core.groups.count > Self.groupsMax, let merged = WatchGroup.merging(core.groups.map(relevant)) {
                core.groups = [merged]
            }
            return true
        }
    }

    /// The part of a group that the client watches.
    private func relevant(_ group: WatchGroup) -> WatchGroup {
        guard let model else { return group }
        return WatchGroup(
            number: group.number,
            changes: group.changes.filter { $0.snapshot.model == model },
            removed: group.removed.filter { $0 == model }
        )
    }

    /// Has a comment sent, so that a client that has left is found.
    func beat() { core.withLock { $0.needsHeartbeat = true } }

    /// Ends the stream once all that waits is sent.
    func close() { core.withLock { $0.isClosing = true } }

    /// What is sent next.
    func next() -> ResponseStream.Part {
        let part: (() -> ResponseStream.Part) = core.withLock { core in
            guard let start = core.start else { return { .wait } }
            if !core.hasBegun {
                core.hasBegun = true
                return { .bytes(WatchEvent.retry) }
            }
            if !core.opening.isEmpty { return opening(&core, start) }
            if let group = core.groups.popFirst() {
                if core.groups.isEmpty { core.groups = [] }
                core.needsHeartbeat = false
                if let model, group.removed.contains(model) { core.isClosing = true }
                return { [model] in
                    guard let model else { return .shared(group.text) }
                    return group.text(ofModel: model).map { .shared($0) } ?? .bytes(WatchEvent.heartbeat)
                }
            }
            if core.isClosing { return { .end } }
            guard core.needsHeartbeat else { return { .wait } }
            core.needsHeartbeat = false
            return { .bytes(WatchEvent.heartbeat) }
        }
        // Text is made outside of the lock, which whoever distributes changes takes.
        return part()
    }

    private func opening(_ core: inout Core, _ start: UInt64) -> () -> ResponseStream.Part {
        var count = 0
        var bytes = 0
        while count < core.opening.count, bytes < Self.openingBytes {
            bytes += core.opening[core.opening.startIndex + count].snapshot.document.count + 100
            count += 1
        }
        let piece = core.opening.prefix(count)
        core.opening = core.opening.dropFirst(count)
        let (event, isLast) = (core.openingEvent, core.opening.isEmpty)
        if isLast { core.opening = [] }
        return { .bytes(WatchEvent.text(event, of: piece, number: isLast ? start : nil)) }
    }
}
