public import ArgumentParser
internal import Myosin
internal import Primitives

/// The flags that name the store, for the service and for what is done with its files.
public struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("state.path"),
        help: ArgumentHelp(
            "The directory that keeps the state across restarts. MYOSIN_CACHE_BASE_PATH by default.",
            valueName: "directory"
        )
    )
    var pathOption: String?

    @Option(
        name: .customLong("state.group"),
        help: ArgumentHelp(
            "The group, by name or number, that may read and write the files of the state; nobody but their owner by default.",
            valueName: "group"
        )
    )
    var group: String?

    /// Makes the flags for the parser to fill in.
    public init() {}

    /// Refuses a variable that names another directory than it seems to.
    ///
    /// - Throws: `ArgumentParser.ValidationError` when the variable is used and not UTF-8.
    public func validate() throws {
        if pathOption == nil { try ProgramArguments.checkVariable(State.Cache.environmentVariable) }
    }

    /// The directory; nil where neither the flag nor the variable names one.
    var path: String? {
        if let pathOption { return pathOption }
        if case .directory(let path, _) = State.Cache.fromEnvironment { return path }
        return nil
    }

    private var requiredPath: String {
        get throws {
            if let path { return path }
            throw ArgumentParser.ValidationError("--state.path is missing: name the directory that keeps the state.")
        }
    }

    /// Copies the state to a file, also while the service runs.
    ///
    /// - Parameter file: the path of the copy, where nothing may be.
    /// - Returns: what was done, and which models are damaged.
    /// - Throws: `StateError`, or `ArgumentParser.ValidationError` when no directory is named.
    public func backUp(to file: String) throws -> StoreReport {
        let path = try requiredPath
        let (count, damaged) = try SQLiteStore.backUp(path, to: file)
        return StoreReport(
            "\(file) has \(Self.models(count)) of \(path).",
            damaged: damaged,
            in: "\(path) and in the copy",
            advice: "Keep an older copy that has them."
        )
    }

    /// Puts a copy in the place of the state; the service must not run.
    ///
    /// - Parameter file: the copy.
    /// - Returns: a report with the place of the former state and the damaged models.
    /// - Throws: `StateError`, or `ArgumentParser.ValidationError` when no directory is named.
    public func restore(from file: String) throws -> StoreReport {
        let path = try requiredPath
        let (count, damaged, former) = try SQLiteStore.restore(
            file,
            to: path,
            options: SQLiteStore.Options(group: group)
        )
        let kept = former.map { " What was there is kept in \($0)." } ?? ""
        return StoreReport(
            "\(path) has \(Self.models(count)) of \(file).\(kept)",
            damaged: damaged,
            in: "\(file) and now in \(path)",
            advice: "Restore another copy to have them."
        )
    }

    private static func models(_ count: Int) -> String { "\(count) model\(count == 1 ? "" : "s")" }

    /// Lists the former documents that are kept.
    ///
    /// - Returns: a line for each, the oldest first: its number, its model, the version of its fields, its revision, when it was
    ///   committed, and why it is not used.
    /// - Throws: `StateError`, or `ArgumentParser.ValidationError` when no directory is named.
    public func quarantineList() throws -> [String] {
        try SQLiteStore.quarantine(of: try requiredPath)
            .map { kept in
                let document = kept.document
                return
                    "\(kept.number)\t\(document.model.quoted)\tversion \(document.schemaVersion)\trevision \(document.revision)\t"
                    + "\(LogLine.time(document.time))\t\(kept.reason.quoted)"
            }
    }

    /// A former document.
    ///
    /// - Parameter number: its number in the list.
    /// - Returns: the JSON text as it was stored.
    /// - Throws: `StateError`, or `ArgumentParser.ValidationError` when there is none of the number.
    public func quarantined(_ number: Int) throws -> String {
        let found = try SQLiteStore.quarantine(of: try requiredPath).first { $0.number == number }
        if let found { return String(decoding: found.document.text, as: UTF8.self) }
        throw ArgumentParser.ValidationError(
            "Quarantine has no document \(number). Leave --show out to see the numbers."
        )
    }

    /// Removes former documents.
    ///
    /// - Parameter model: the model whose documents go; nil for all.
    /// - Returns: a sentence that says what was done.
    /// - Throws: `StateError`, or `ArgumentParser.ValidationError` when no directory is named.
    public func clearQuarantine(model: String?) throws -> String {
        let count = try SQLiteStore.clearQuarantine(of: try requiredPath, model: model)
        return "\(count) former document\(count == 1 ? " is" : "s are") removed."
    }
}
