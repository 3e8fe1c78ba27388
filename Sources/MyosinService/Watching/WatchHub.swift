internal import MicroHTTP
internal import Myosin
internal import Primitives

/// Tells all who watch a state over HTTP of what becomes visible.
///
/// A commit only puts its publication aside, whatever the number of watchers; one thread for all of them distributes what is
/// there, sends heartbeats and ends the waiting of long polls. It is started by the first who watches. What waits for that thread
/// is bounded like what waits for a client: beyond ``maxInbox`` publications it is merged.
///
/// Why nobody misses anything: a watcher is on the list before its first values are taken, at one moment between two
/// publications; it leaves out what is older than those. The observer is told of publications in their order, with the engine's
/// lock held, and the thread passes them on in that order.
final class WatchHub: Sendable {
    /// How many publications wait to be distributed before they are merged.
    static let maxInbox = 1_024
    private struct Watching {
        let watcher: Watcher
        let stream: ResponseStream
        /// The second, among those between two heartbeats, in which it gets its own.
        let slot: Int
    }

    /// A client that gets its beginning from the thread, as there may be many models.
    private struct Newcomer {
        let watcher: Watcher
        let stream: ResponseStream
        /// The id of the last group that it has seen.
        let lastSeen: RevisionTag?
    }

    /// A request that is answered when there is news, or at its deadline.
    private struct Poll {
        let model: String?
        let deadline: SuspendingClock.Instant
        let answer: @Sendable () -> Void
    }

    private struct Audience {
        var inbox: [WatchGroup] = []
        /// Those who watch all models, and have no beginning yet.
        var newcomers: [Newcomer] = []
        var watching: [ObjectIdentifier: Watching] = [:]
        var polls: [UInt64: Poll] = [:]
        var pollCount: UInt64 = 0
        /// Whole seconds since the thread has begun.
        var second = 0
        var nextBeat = SuspendingClock.now
        /// Whether somebody has come since the thread has looked for how long it may wait.
        var hasJoined = false
        var thread: WorkerThread?
        var isClosing = false

        var count: Int { watching.count + polls.count }

        mutating func takePolls(where isTaken: (Poll) -> Bool) -> [Poll] {
            let taken = polls.filter { isTaken($0.value) }
            for number in taken.keys { polls[number] = nil }
            return Array(taken.values)
        }

        /// The heartbeats and deadlines whose time has come.
        mutating func due(beatingEvery heartbeatSeconds: Int) -> Work? {
            let now = SuspendingClock.now
            var beating: [Watching] = []
            if now >= nextBeat {
                second += 1
                nextBeat = now + .seconds(1)
                beating = watching.values.filter { $0.slot == second % heartbeatSeconds }
            }
            let late = takePolls { $0.deadline <= now }
            return beating.isEmpty && late.isEmpty ? nil : .beat(beating, late)
        }
    }

    private let state: State
    private let maxWatchers: Int
    /// A comment is sent to each watcher once in so many seconds.
    private let heartbeatSeconds: Int
    private let audience = Monitor(Audience())
    private let observer = Lock<PublicationObserver?>(nil)

    init(of state: State, maxWatchers: Int, heartbeatSeconds: Int) {
        (self.state, self.maxWatchers, self.heartbeatSeconds) = (state, maxWatchers, heartbeatSeconds)
    }

    /// Why somebody cannot watch.
    enum Refusal: Error {
        case tooMany(Int)
        case noThread
        case closing
    }

    /// How many clients watch now, or wait for an answer.
    var count: Int { audience.withLock { $0.count } }

    // MARK: Watching

    /// Makes the stream of a client that watches.
    ///
    /// - Parameters:
    ///   - model: the model; nil for all.
    ///   - lastSeen: the id of the last group that the client has seen; nil when it begins.
    /// - Returns: the stream.
    /// - Throws: ``Refusal``.
    func watch(_ model: String?, after lastSeen: RevisionTag?) throws(Refusal) -> ResponseStream {
        let watcher = Watcher(model: model)
        let identity = ObjectIdentifier(watcher)
        let stream = ResponseStream {
            watcher.next()
        } ended: { [weak self] in
            self?.audience.withLock { _ = $0.watching.removeValue(forKey: identity) }
        } clientClosed: {
            // Sending it shows whether the client is still there.
            watcher.beat()
        }
        try join { audience in
            let slot = Int.random(in: 0..<heartbeatSeconds)
            audience.watching[identity] = Watching(watcher: watcher, stream: stream, slot: slot)
            if model == nil {
                audience.newcomers.append(Newcomer(watcher: watcher, stream: stream, lastSeen: lastSeen))
            }
        }
        if model != nil { begin(watcher, after: lastSeen, with: present(model)) }
        return stream
    }

    /// Begins with what is there now, which is the same for all of them.
    private func beginAll(_ newcomers: [Newcomer]) {
        if newcomers.isEmpty { return }
        let present = present(nil)
        for one in newcomers {
            begin(one.watcher, after: one.lastSeen, with: present)
            one.stream.wake()
        }
    }

    private func begin(
        _ watcher: Watcher,
        after lastSeen: RevisionTag?,
        with present: (publication: UInt64, documents: [DocumentSnapshot])
    ) {
        let (publication, shown) = present
        let id = RevisionTag(state.incarnation, publication)
        // A number of another incarnation counts something else, one of an earlier process knows nothing of values that were only in
        // memory, and a future one is none of ours. A client that missed a removal gets a full snapshot instead.
        if let lastSeen, lastSeen.incarnation == id.incarnation, lastSeen.number <= publication,
            lastSeen.number > state.firstPublication, lastSeen.number >= state.lastRemoval
        {
            let missed = shown.filter { $0.publication > lastSeen.number }.sorted { $0.publication < $1.publication }
            watcher.begin(WatchGroup(id: id, changes: missed.map { .init(snapshot: $0) }))
        } else {
            watcher.begin(WatchGroup("snapshot", id: id, changes: shown.map { .init(snapshot: $0) }))
        }
        // It has gone since the request was looked at.
        if watcher.model != nil, shown.isEmpty { watcher.close() }
    }

    /// What is there now of what is watched, and the number of a publication: what they show of it, and of those before.
    private func present(_ model: String?) -> (publication: UInt64, documents: [DocumentSnapshot]) {
        guard let model else { return state.snapshots() }
        let before = state.publication
        // What has become visible in between is shown as well.
        let snapshot = state.snapshot(of: model)
        return (max(before, snapshot?.publication ?? 0), snapshot.map { [$0] } ?? [])
    }

    // MARK: Long polls

    /// Waits for news of a model, or of any.
    ///
    /// - Parameters:
    ///   - model: the model; nil for all.
    ///   - duration: how long to wait at most.
    ///   - isNews: whether there is news already; looked at once the request is on the list.
    ///   - answer: called once, on any thread, when there is news or the time is over.
    /// - Returns: a number for ``endWaiting(_:)``.
    /// - Throws: ``Refusal``.
    @discardableResult
    func wait(
        for model: String?,
        upTo duration: Duration,
        unless isNews: () -> Bool,
        answer: @escaping @Sendable () -> Void
    ) throws(Refusal) -> UInt64 {
        var number: UInt64 = 0
        try join { audience in
            audience.pollCount += 1
            number = audience.pollCount
            audience.polls[number] = Poll(model: model, deadline: SuspendingClock.now + duration, answer: answer)
        }
        if isNews() { endWaiting(number) }
        return number
    }

    /// Answers a request at once if it still waits.
    func endWaiting(_ number: UInt64) {
        let poll = audience.withLock { audience in audience.polls.removeValue(forKey: number) }
        poll?.answer()
    }

    // MARK: The thread

    private func join(_ add: (inout Audience) -> Void) throws(Refusal) {
        let refusal: Refusal? = audience.withLock { audience in
            if audience.isClosing { return .closing }
            if audience.count >= maxWatchers { return .tooMany(audience.count) }
            if audience.thread == nil {
                do {
                    audience.thread = try WorkerThread { [self] in distribute() }
                } catch {
                    return .noThread
                }
            }
            add(&audience)
            audience.hasJoined = true
            return nil
        }
        if let refusal { throw refusal }
        audience.notifyOne()
        observe()
    }

    /// Is told of publications from now on.
    private func observe() {
        observer.withLock { observer in
            guard observer == nil else { return }
            let new = PublicationObserver { [audience] publication in
                let isFirst = audience.withLock { audience in
                    if audience.count == 0 { return false }
                    audience.inbox.append(WatchGroup(publication))
                    if audience.inbox.count > Self.maxInbox, let merged = WatchGroup.merging(audience.inbox) {
                        audience.inbox = [merged]
                    }
                    return audience.inbox.count == 1
                }
                if isFirst { audience.notifyOne() }
            }
            observer = new
            state.add(new)
        }
    }

    private enum Work {
        case tell([Newcomer], [WatchGroup], [Watching], [Poll])
        case beat([Watching], [Poll])
        case end([Watching], [Poll])
    }

    private func distribute() {
        while true {
            switch nextWork() {
            case .tell(let newcomers, let groups, let watching, let polls):
                beginAll(newcomers)
                for one in watching {
                    // One wake for all that is new to it.
                    if groups.reduce(false, { one.watcher.offer($1) || $0 }) { one.stream.wake() }
                }
                for poll in polls { poll.answer() }
            case .beat(let watching, let polls):
                for one in watching {
                    one.watcher.beat()
                    one.stream.wake()
                }
                for poll in polls { poll.answer() }
            case .end(let watching, let polls):
                for one in watching {
                    one.watcher.close()
                    one.stream.wake()
                }
                for poll in polls { poll.answer() }
                return
            }
        }
    }

    /// Waits for publications, the next heartbeat, a deadline or the end.
    private func nextWork() -> Work {
        while true {
            let pause = audience.withLock { audience -> Duration? in
                audience.hasJoined = false
                if audience.count == 0 { return nil }
                // Deadlines are kept to a tenth of a second.
                return audience.polls.isEmpty ? max(.zero, audience.nextBeat - .now) : .milliseconds(100)
            }
            let work: Work?? = audience.wait(upTo: pause) { audience -> Work?? in
                if audience.isClosing {
                    return .some(.end(Array(audience.watching.values), audience.takePolls { _ in true }))
                }
                // Those who have left already need no beginning.
                let newcomers = audience.newcomers.filter { audience.watching[ObjectIdentifier($0.watcher)] != nil }
                audience.newcomers = []
                if audience.inbox.isEmpty, newcomers.isEmpty { return audience.hasJoined ? .some(nil) : nil }
                let groups = audience.inbox
                audience.inbox = []
                let polls = audience.takePolls { poll in groups.contains { $0.concerns(poll.model) } }
                return .some(.tell(newcomers, groups, Array(audience.watching.values), polls))
            }
            if let work = work ?? audience.withLock({ $0.due(beatingEvery: heartbeatSeconds) }) { return work }
        }
    }

    /// Ends all streams and answers all who wait; nobody is let in any more.
    func close() {
        let thread = audience.withLock { audience in
            audience.isClosing = true
            return audience.thread
        }
        audience.notifyAll()
        thread?.join()
        let former = observer.withLock { observer in
            defer { observer = nil }
            return observer
        }
        if let former { state.remove(former) }
    }
}
