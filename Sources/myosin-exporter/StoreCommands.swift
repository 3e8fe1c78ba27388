import ArgumentParser
import MyosinCommand

/// Copies the state to a file while the service runs.
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the state to a file, also while the service runs."
    )

    @OptionGroup var options: StoreCommandOptions
    @Argument(help: "The path of the copy, where nothing may be.") var file: String

    func run() throws { try options.store.backUp(to: file).print() }
}

/// Puts a copy in the place of the state.
struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a copy in the place of the state, and keep what was there; the service must not run."
    )

    @OptionGroup var options: StoreCommandOptions
    @Argument(help: "The copy, as backup makes it.") var file: String

    func run() throws { try options.store.restore(from: file).print() }
}

/// Shows and removes the former documents that the store keeps.
struct Quarantine: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the former documents that the state keeps, show one, or remove them."
    )

    @OptionGroup var options: StoreCommandOptions
    @Option(help: ArgumentHelp("Print this one as it was stored.", valueName: "number")) var show: Int?
    @Flag(help: "Remove them all, or those of --model.") var clear = false
    @Option(help: ArgumentHelp("The model whose documents are removed.", valueName: "model")) var model: String?

    func validate() throws {
        if model != nil, !clear { throw ValidationError("--model goes with --clear.") }
        if show != nil, clear { throw ValidationError("--show and --clear exclude each other.") }
    }

    func run() throws {
        if let show { return print(try options.store.quarantined(show)) }
        if clear { return print(try options.store.clearQuarantine(model: model)) }
        for line in try options.store.quarantineList() { print(line) }
    }
}
