/// Work that takes too long for whoever asks for it: a thread of its own does it, once for all who ask before it begins.
///
/// Who asks while it is being done gets the outcome of the next time, which has seen all that was there when it was asked for.
package final class SharedWork<Outcome: Sendable>: Sendable {
    private struct Line {
        var waiting: [@Sendable (Outcome) -> Void] = []
        var hasThread = false
    }

    private let line = Lock(Line())

    /// Makes work that nobody has asked for.
    package init() {}

    /// Has the work done.
    ///
    /// - Parameters:
    ///   - work: what to do, the same for all.
    ///   - completion: gets the outcome, on the thread that does the work.
    package func run(_ work: @escaping @Sendable () -> Outcome, completion: @escaping @Sendable (Outcome) -> Void) {
        let needsThread = line.withLock { line in
            line.waiting.append(completion)
            defer { line.hasThread = true }
            return !line.hasThread
        }
        guard needsThread else { return }
        do {
            _ = try WorkerThread { [self] in serve(work) }
        } catch {
            // Without a thread the caller's own has to do.
            serve(work)
        }
    }

    private func serve(_ work: () -> Outcome) {
        while true {
            let completions = line.withLock { line in
                defer { line.waiting = [] }
                if line.waiting.isEmpty { line.hasThread = false }
                return line.waiting
            }
            if completions.isEmpty { return }
            let outcome = work()
            for completion in completions { completion(outcome) }
        }
    }
}
