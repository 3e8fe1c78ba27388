import Myosin
import TestSupport
import Testing

/// A model that refuses to be validated or encoded when it is told to.
protocol Fragile: StateModel {
    var number: Int { get set }
    var trouble: Trouble { get set }
}

/// What is wrong with a fragile model.
enum Trouble: String, Codable, CaseIterable { case none, validating, encoding }

struct Left: Fragile {
    var id: ModelID = 1, number = 0, trouble = Trouble.none

    func validate() throws { try checkTrouble() }
    func encode(to encoder: any Encoder) throws { try encodeFields(to: encoder) }
}

struct Right: Fragile {
    var id: ModelID = 2, number = 0, trouble = Trouble.none

    func validate() throws { try checkTrouble() }
    func encode(to encoder: any Encoder) throws { try encodeFields(to: encoder) }
}

/// What the tests throw that is none of the engine's errors.
struct ForeignError: Error {}

private enum FragileKey: String, CodingKey { case id, number, trouble }

extension Fragile {
    fileprivate func checkTrouble() throws { if trouble == .validating { throw ForeignError() } }

    fileprivate func encodeFields(to encoder: any Encoder) throws {
        if trouble == .encoding { throw ForeignError() }
        var container = encoder.container(keyedBy: FragileKey.self)
        try container.encode(id, forKey: .id)
        try container.encode(number, forKey: .number)
        try container.encode(trouble, forKey: .trouble)
    }
}

/// One way in which a call can fail, and the call.
struct AtomicityCase: Sendable, CustomTestStringConvertible {
    enum Step: CaseIterable {
        case closureBeforeCommit, closureBetweenCommits, validate, encode, storeCommit, storeClear
    }
    enum Call: CaseIterable { case with, update, queued, queuedUpdate, reset }
    enum Fault: CaseIterable { case full, readOnly, foreign }

    var step: Step
    var call: Call
    /// How many tries fail before the cause is gone.
    var failures: Int
    var hasTwoModels: Bool
    var isCached: Bool
    /// What the store throws, where it is the store that fails.
    var fault: Fault

    /// Every combination that makes sense.
    static let all: [AtomicityCase] = Step.allCases
        .flatMap { step in
            Call.allCases.flatMap { call in
                [1, 3]
                    .flatMap { failures in
                        [false, true]
                            .flatMap { hasTwoModels in
                                [false, true]
                                    .flatMap { isCached in
                                        Fault.allCases.map { fault in
                                            AtomicityCase(
                                                step: step,
                                                call: call,
                                                failures: failures,
                                                hasTwoModels: hasTwoModels,
                                                isCached: isCached,
                                                fault: fault
                                            )
                                        }
                                    }
                            }
                    }
            }
        }
        .filter(\.makesSense)

    private var makesSense: Bool {
        let isOfTheStore = step == .storeCommit || step == .storeClear
        // Where the store is not what fails, one of its faults stands for all.
        guard isOfTheStore || fault == .full else { return false }
        if (call == .reset) != (step == .storeClear) { return false }
        switch step {
        case .storeClear: return isCached && hasTwoModels
        case .storeCommit: return isCached && !(call == .queuedUpdate && hasTwoModels)
        // Only a context can do something between two commits.
        case .closureBetweenCommits: return hasTwoModels && (call == .with || call == .queued)
        default: return !(call == .queuedUpdate && hasTwoModels)
        }
    }

    /// What the store throws.
    var storeError: any Error {
        switch fault {
        case .full: StateError(.storeFull, "The disk is full.")
        case .readOnly: StateError(.storeReadOnly, "The store is read-only.")
        case .foreign: ForeignError()
        }
    }

    /// Whether the store has to be opened anew after the failure.
    var isStoreReopened: Bool { (step == .storeCommit || step == .storeClear) && fault != .full }

    /// Whether an error refuses a call since the store is being opened anew.
    func isRefusal(_ error: any Error) -> Bool {
        (error as? StateError)?.code == (fault == .readOnly ? .storeReadOnly : .storeRecovering)
    }

    /// Whether an error is the one that the call must throw.
    func isExpected(_ error: any Error) -> Bool {
        let code = (error as? StateError)?.code
        switch (step, fault) {
        case (.closureBeforeCommit, _), (.closureBetweenCommits, _): return error is ForeignError
        case (.validate, _), (.encode, _): return code == .invalid
        case (_, .full): return code == .storeFull
        case (_, .readOnly): return code == .storeReadOnly
        case (_, .foreign): return code == .storeFailed && (error as? StateError)?.underlying is ForeignError
        }
    }

    /// Changes both models, or Left only, to a number; it fails when there is trouble.
    func perform(on state: State, number: Int, isTroubled: Bool) async throws {
        let change = Change(of: self, to: number, isTroubled: isTroubled)
        switch (call, hasTwoModels) {
        case (.with, false): try state.blocking.with(Left.self, perform: change.commit)
        case (.with, true): try state.blocking.with(Left.self, Right.self, perform: change.commit)
        case (.queued, false): try await state.with(Left.self, wait: patience, perform: change.commit)
        case (.queued, true): try await state.with(Left.self, Right.self, wait: patience, perform: change.commit)
        case (.update, false):
            try state.blocking.update(Left.self, cache: isCached) { try change.apply(to: &$0, isLast: true) }
        case (.update, true):
            try state.blocking.update(Left.self, Right.self, cache: isCached) {
                try change.apply(to: &$0.0, isLast: false)
                try change.apply(to: &$0.1, isLast: true)
            }
        case (.queuedUpdate, _):
            try await state.update(Left.self, cache: isCached, wait: patience) {
                try change.apply(to: &$0, isLast: true)
            }
        case (.reset, _): try state.blocking.reset()
        }
    }

    var testDescription: String {
        "\(step), \(call), \(failures) times, \(hasTwoModels ? "two models" : "one model")"
            + (isCached ? ", cached" : "") + (step == .storeCommit || step == .storeClear ? ", \(fault)" : "")
    }
}

/// What a call does in its closure.
private struct Change: Sendable {
    private let attempt: AtomicityCase
    private let number: Int
    private let isTroubled: Bool

    init(of attempt: AtomicityCase, to number: Int, isTroubled: Bool) {
        (self.attempt, self.number, self.isTroubled) = (attempt, number, isTroubled)
    }

    /// Changes one model; the last one is the one in which trouble shows.
    func apply<Model: Fragile>(to model: inout Model, isLast: Bool) throws {
        model.number = number
        guard isTroubled, isLast else { return }
        switch attempt.step {
        case .closureBeforeCommit, .closureBetweenCommits: throw ForeignError()
        case .validate: model.trouble = .validating
        case .encode: model.trouble = .encoding
        case .storeCommit, .storeClear: break
        }
    }

    @Sendable func commit(_ context: Context) throws {
        if isTroubled, attempt.step == .closureBeforeCommit { throw ForeignError() }
        try commit(Left.self, isLast: !attempt.hasTwoModels, context)
        if attempt.hasTwoModels { try commit(Right.self, isLast: true, context) }
    }

    private func commit<Model: Fragile>(_ type: Model.Type, isLast: Bool, _ context: Context) throws {
        var checkout = try context.checkout(type)
        try apply(to: &checkout.model, isLast: isLast)
        try context.commit(checkout, cache: attempt.isCached)
    }
}
