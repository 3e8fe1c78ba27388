import TestSupport

/// What a storm on a directory has acknowledged, over all its runs, and what was found to be wrong with that.
struct Ledger: Sendable {
    /// A model's last acknowledged commit on disk.
    struct Commit: Sendable {
        let value: Int
        let revision: UInt64
    }

    /// The last acknowledged commit of each model that is kept.
    private(set) var acknowledged: [String: Commit] = [:]
    /// How many commits on disk were acknowledged; one of two models counts once.
    private(set) var commits = 0
    /// The highest revision or publication that was ever told.
    private(set) var highest: UInt64 = 0
    /// What is wrong, a sentence each.
    private(set) var faults: [String] = []

    /// Takes what one process has said until it was killed.
    mutating func take(_ lines: [StormLine]) {
        check(found: lines)
        let highestBefore = highest
        acknowledge(lines)
        var revisions: Set<UInt64> = []
        for line in lines {
            if case .found = line { continue }
            if let revision = line.commitRevision, !revisions.insert(revision).inserted {
                faults.append("A revision comes twice in one run: \(line.text)")
            }
            if let number = line.number, number <= highestBefore {
                faults.append("A number is not above \(highestBefore), which an earlier run has told: \(line.text)")
            }
        }
    }

    /// Takes a part of what a process has said.
    mutating func acknowledge(_ lines: [StormLine]) {
        for line in lines {
            highest = max(highest, line.number ?? 0)
            guard case .durable(let models, let value, let revision) = line else { continue }
            commits += 1
            for model in models.split(separator: "+") {
                acknowledged[String(model)] = Commit(value: value, revision: revision)
            }
        }
    }

    /// Takes what was found by whoever has opened the directory without a storm.
    mutating func take(found lines: [StormLine]) {
        check(found: lines)
        for line in lines { highest = max(highest, line.number ?? 0) }
    }

    /// Takes what has gone wrong otherwise.
    mutating func take(fault: String) { faults.append(fault) }

    private mutating func check(found lines: [StormLine]) {
        var found: [String: Commit] = [:]
        for case .found(let model, let value, let revision) in lines {
            found[model] = Commit(value: value, revision: revision)
            guard let last = acknowledged[model] else { continue }
            if value < last.value || revision < last.revision {
                faults.append("\(model) has lost what was acknowledged: found \(value) at \(revision), not \(last)")
            }
        }
        guard let left = found["Left"], let right = found["Right"] else { return }
        // Before their first commit they have revisions of their own.
        if left.value != right.value || (left.value > 0 && left.revision != right.revision) {
            faults.append("Half of a commit was kept: left \(left), right \(right)")
        }
    }
}
