internal import MicroHTTP
internal import Myosin
internal import Primitives

/// What watchers are told in one go: what became visible at one moment, or the latest of what did at several.
final class WatchGroup: Sendable {
    /// A model's value, and how many values before it are not told.
    struct Change: Sendable {
        let snapshot: DocumentSnapshot
        var missed = 0
    }

    /// The publication, or the last of several.
    let id: RevisionTag
    let changes: [Change]
    /// The models that have gone.
    let removed: [String]
    /// The text of the whole group, and of single models; made when the first watcher asks, and kept for the others.
    private let texts = Lock<[String: SharedBody]>([:])

    init(id: RevisionTag, changes: [Change], removed: [String] = []) {
        (self.id, self.changes, self.removed) = (id, changes, removed)
    }

    convenience init(_ publication: Publication) {
        self.init(
            id: RevisionTag(publication.incarnation, publication.number),
            changes: publication.changes.map { Change(snapshot: $0) },
            removed: publication.removed
        )
    }

    /// One group of several, in order: the latest value of each model, with the number of those that it stands for.
    ///
    /// What is told of it is the state at the last moment, as far as it has changed since before the first.
    static func merging(_ groups: some Sequence<WatchGroup>) -> WatchGroup? {
        var latest: [String: (change: Change, order: Int)] = [:]
        var removed: [String: Int] = [:]
        var (id, order): (RevisionTag?, Int) = (nil, 0)
        for group in groups {
            id = group.id
            for name in group.removed {
                order += 1
                (latest[name], removed[name]) = (nil, order)
            }
            for change in group.changes {
                order += 1
                let name = change.snapshot.model
                let before = latest[name].map { $0.change.missed + 1 } ?? 0
                latest[name] = (Change(snapshot: change.snapshot, missed: before + change.missed), order)
            }
        }
        guard let id else { return nil }
        return WatchGroup(
            id: id,
            changes: latest.values.sorted { $0.order < $1.order }.map(\.change),
            // One that has come back is told as a change; that it was gone in between is not.
            removed: removed.keys.filter { latest[$0] == nil }.sorted()
        )
    }

    /// Whether it says something of a model; nil stands for all.
    func concerns(_ model: String?) -> Bool {
        guard let model else { return true }
        return changes.contains { $0.snapshot.model == model } || removed.contains(model)
    }

    /// The events for whoever watches the whole state.
    var text: SharedBody { text(of: "") { WatchEvent.text(of: changes, removed: removed, id: id) } }

    /// The events for whoever watches one model; nil when the group says nothing of it.
    func text(ofModel name: String) -> SharedBody? {
        guard let change = changes.first(where: { $0.snapshot.model == name }) else {
            return removed.contains(name)
                ? text(of: name) { WatchEvent.text(of: [], removed: [name], id: id) } : nil
        }
        return text(of: name) { WatchEvent.text(of: [change], removed: [], id: id) }
    }

    private func text(of name: String, _ make: () -> [UInt8]) -> SharedBody {
        if let text = texts.withLock({ $0[name] }) { return text }
        let text = SharedBody(make())
        texts.withLock { $0[name] = text }
        return text
    }
}
