package import Myosin

/// A model that a storm counts up, with a note that makes its row longer and shorter.
package protocol StormModel: StateModel {
    /// How often it was committed, in all runs on a directory.
    var value: Int { get set }
    /// Something to fill pages with.
    var note: String { get set }
}

/// The models of a storm: what a child process commits until it is killed, and what a test looks for afterwards.
package enum Storm {
    /// Each of these belongs to one thread.
    package struct First: StormModel { package var id: ModelID = 1, value = 0, note = "" }
    /// Another one.
    package struct Second: StormModel { package var id: ModelID = 2, value = 0, note = "" }
    /// Another one.
    package struct Third: StormModel { package var id: ModelID = 3, value = 0, note = "" }
    /// Another one.
    package struct Fourth: StormModel { package var id: ModelID = 4, value = 0, note = "" }

    /// Has the value of ``Right``, always.
    package struct Left: StormModel { package var id: ModelID = 5, value = 0, note = "" }
    /// Has the value of ``Left``, always.
    package struct Right: StormModel { package var id: ModelID = 6, value = 0, note = "" }

    /// Is committed in memory only, so each process begins it anew.
    package struct Passing: StormModel {
        package var id: ModelID = 7, value = 0, note = ""

        /// As every process begins it.
        package init() {}
    }

    /// The models with a thread of their own.
    package static let singles: [any StormModel.Type] = [First.self, Second.self, Third.self, Fourth.self]

    /// How many threads of a storm commit on disk: one a model of ``singles``, and one for ``Left`` and ``Right``.
    package static var threadCount: Int { singles.count + 1 }

    /// How many commits on disk each thread of a storm makes; nil where it goes on until it is killed.
    ///
    /// Where they end early, those in memory go on, with numbers far above any that the store has seen.
    package static func durableCommitsOfAThread(seed: UInt64) -> Int? { seed % 4 == 3 ? Int(seed % 10) + 1 : nil }

    /// Loads the models that are kept.
    ///
    /// - Returns: a line for each about what the store had.
    /// - Throws: when the state can't load them.
    package static func load(into state: State) throws -> [StormLine] {
        let defaults: [any StormModel] = [First(), Second(), Third(), Fourth(), Left(), Right()]
        return try defaults.map { try load($0, into: state) }
    }

    /// What the store in a directory has.
    ///
    /// - Returns: a line for each model.
    /// - Throws: when it can't be opened.
    package static func found(in directory: String) throws -> [StormLine] {
        let state = try State(cache: .directory(directory), limits: .patient)
        defer { state.close() }
        return try load(into: state)
    }

    private static func load<Model: StormModel>(_ defaults: Model, into state: State) throws -> StormLine {
        let checkout = try state.load(defaults)
        return .found(Model.modelName, value: checkout.value, revision: checkout.checkedOutRevision)
    }
}
