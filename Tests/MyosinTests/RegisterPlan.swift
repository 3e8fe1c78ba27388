import Myosin
import Primitives
import TestSupport

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A model of one number.
protocol Register: StateModel {
    var number: Int { get set }
}

/// One step of a thread in a test with random contexts on registers: what it reads and commits, and how.
struct RegisterPlan: Sendable {
    enum How { case reader, context, queuedContext, contextThatThrows, reset }
    enum Value {
        case unique(Int)
        case oneMore, theSame
    }

    /// The error of a closure that throws after its commits.
    struct Thrown: Error {}

    struct Alpha: Register { var id: ModelID = 1, number = 0 }
    struct Beta: Register { var id: ModelID = 2, number = 0 }
    struct Gamma: Register { var id: ModelID = 3, number = 0 }

    static let types: [any Register.Type] = [Alpha.self, Beta.self, Gamma.self]

    let how: How
    /// The models of the context, by index, in the order in which it uses them.
    let models: [Int]
    let reads: Set<Int>
    let writes: Set<Int>
    let durable: Set<Int>
    let value: Value
    /// How often the thread lets others go first, before the context and within it.
    let pauses: (before: Int, within: Int)

    /// Makes a random step; its unique value is made of the step's own number.
    init(number: Int, _ generator: inout SeededRandom) {
        func some(_ models: [Int], percent: Int) -> Set<Int> { Set(models.filter { _ in generator.chance(percent) }) }
        let draw = Int.random(in: 0..<100, using: &generator)
        how =
            switch draw {
            case ..<30: .reader
            case ..<75: .context
            case ..<88: .queuedContext
            case ..<97: .contextThatThrows
            default: .reset
            }
        let count = how == .reader ? 1 : Int.random(in: 1...Self.types.count, using: &generator)
        models = Array(Self.types.indices.shuffled(using: &generator).prefix(count))
        reads = how == .reader ? Set(models) : some(models, percent: 60)
        writes = some(models, percent: 50)
        durable = generator.chance(30) ? writes : some(models, percent: 40)
        value = generator.chance(60) ? .unique(number * 1_000) : generator.chance(70) ? .oneMore : .theSame
        pauses = (Int.random(in: 0...3, using: &generator), generator.chance(50) ? 0 : 2)
    }

    /// Does the step.
    ///
    /// - Returns: what it found and left; nil when it has thrown an error of its own and so left nothing.
    /// - Throws: ``StateError``.
    func perform(on state: State) throws -> Registers.Operation? {
        pause(pauses.before)
        do {
            switch how {
            case .reader: return try look(at: Self.types[models[0]], in: state)
            case .context, .contextThatThrows: return try inContext(of: state)
            case .queuedContext: return try inQueuedContext(of: state)
            case .reset:
                try state.reset()
                return Registers.Operation(writes: [0: 0, 1: 0, 2: 0], note: "reset")
            }
        } catch is Thrown {
            return nil
        }
    }

    private func look<Model: Register>(at type: Model.Type, in state: State) throws -> Registers.Operation {
        Registers.Operation(reads: [models[0]: try state.checkout(type).number], note: "reader")
    }

    private func inContext(of state: State) throws -> Registers.Operation {
        let types = models.map { Self.types[$0] }
        switch types.count {
        case 1: return try state.with(types[0], perform: run)
        case 2: return try state.with(types[0], types[1], perform: run)
        default: return try state.with(types[0], types[1], types[2], perform: run)
        }
    }

    private func inQueuedContext(of state: State) throws -> Registers.Operation {
        try waiting {
            let types = models.map { Self.types[$0] }
            switch types.count {
            case 1: return try await state.with(types[0], wait: patience, perform: run)
            case 2: return try await state.with(types[0], types[1], wait: patience, perform: run)
            default: return try await state.with(types[0], types[1], types[2], wait: patience, perform: run)
            }
        }
    }

    @Sendable private func run(_ context: Context) throws -> Registers.Operation {
        var operation = Registers.Operation()
        for index in models {
            try use(Self.types[index], index, context, &operation)
            pause(pauses.within)
        }
        if how == .contextThatThrows { throw Thrown() }
        return operation
    }

    private func use<Model: Register>(
        _ type: Model.Type,
        _ index: Int,
        _ context: Context,
        _ operation: inout Registers.Operation
    ) throws {
        guard reads.contains(index) || writes.contains(index) else { return }
        var checkout = try context.checkout(type)
        let found = checkout.number
        if reads.contains(index) { operation.reads[index] = found }
        guard writes.contains(index) else { return }
        switch value {
        case .unique(let number): checkout.number = number
        case .oneMore: checkout.number += 1
        case .theSame: break
        }
        // A value that depends on the one before is a read of it.
        if case .unique = value {} else { operation.reads[index] = found }
        try context.commit(checkout, cache: durable.contains(index))
        operation.writes[index] = checkout.number
        operation.note += durable.contains(index) ? "\(index) durable " : ""
    }

    private func pause(_ times: Int) {
        for _ in 0..<times { sched_yield() }
    }
}
