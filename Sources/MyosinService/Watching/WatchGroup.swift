internal import MicroHTTP
internal import Myosin
internal import Primitives

/// Events that watchers receive together: those of a publication, of several merged, or of the state when they begin.
final class WatchGroup: Sendable {
    /// A model's value, and how many values before it are left out.
    struct Change: Sendable {
        let snapshot: DocumentSnapshot
        var missed = 0
    }

    /// A part of the text of the group.
    struct Piece: Sendable {
        let text: SharedBody
        /// The number of the change that the next piece begins with; nil for the last piece.
        let next: Int?
    }

    /// About how much text is made at a time, in bytes: the server's thread makes it.
    private static let pieceBytes = 64 * 1_024

    /// The name of the events.
    let event: String
    /// The publication, or the last of several.
    let id: RevisionTag
    let changes: [Change]
    /// The models that have gone.
    let removed: [String]
    /// Whether several watchers may be told, for whom texts are kept once the first one has asked.
    private let isShared: Bool
    /// The pieces, by the number of the change that they begin with.
    private let pieces = Lock<[Int: Piece]>([:])
    /// The texts of single models.
    private let texts = Lock<[String: SharedBody]>([:])

    /// Makes a group for one watcher.
    init(_ event: String = "change", id: RevisionTag, changes: [Change], removed: [String] = []) {
        (self.event, self.id, self.changes, self.removed, isShared) = (event, id, changes, removed, false)
    }

    /// Makes a group for all watchers.
    init(_ publication: Publication) {
        event = "change"
        id = RevisionTag(publication.incarnation, publication.number)
        changes = publication.changes.map { Change(snapshot: $0) }
        removed = publication.removed
        isShared = true
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

    /// A piece of the events for those who watch the whole state.
    ///
    /// - Parameter start: the number of the change that it begins with.
    /// - Returns: the piece; models that have gone are in the first one.
    func piece(from start: Int) -> Piece {
        if let piece = pieces.withLock({ $0[start] }) { return piece }
        var (end, bytes) = (start, 0)
        while end < changes.count, bytes < Self.pieceBytes {
            bytes += changes[end].snapshot.document.count + 100
            end += 1
        }
        let isLast = end == changes.count
        let text = WatchEvent.text(
            event,
            of: changes[start..<end],
            removed: start == 0 ? removed : [],
            id: isLast ? id : nil
        )
        let piece = Piece(text: SharedBody(text), next: isLast ? nil : end)
        if isShared { pieces.withLock { $0[start] = piece } }
        return piece
    }

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
