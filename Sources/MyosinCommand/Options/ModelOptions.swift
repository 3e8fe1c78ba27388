public import ArgumentParser
public import Myosin
public import StateSchema

/// The flags that name the models of an executable that has none of its own.
public struct ModelOptions: ParsableArguments {
    @Option(
        name: .customLong("state.models"),
        help: ArgumentHelp(
            "A directory whose files <Model>.schema.json declare the models as JSON Schemas. May be given more than once.",
            valueName: "directory"
        )
    )
    var paths: [String] = []

    @Option(
        name: .customLong("state.on-corrupt"),
        help: ArgumentHelp(
            "What to do when a stored document is damaged or not valid: fail, or use-defaults, which keeps the document in "
                + "quarantine and begins with the model's defaults. (default: fail)",
            valueName: "action"
        ),
        transform: choice
    )
    var corruptAction = CorruptAction.fail

    enum CorruptAction: String, CaseIterable {
        case fail
        case useDefaults = "use-defaults"
    }

    /// What to do with stored documents that cannot be used.
    public var onCorrupt: State.OnCorrupt { corruptAction == .fail ? .fail : .useDefaults }

    /// Makes the flags for the parser to fill in.
    public init() {}

    /// The directories.
    ///
    /// - Throws: `ArgumentParser.ValidationError` when none is named.
    public var directory: ModelDirectory {
        get throws {
            if !paths.isEmpty { return ModelDirectory(paths) }
            throw ArgumentParser.ValidationError(
                "--state.models is missing: name a directory whose files <Model>.schema.json declare the models."
            )
        }
    }
}
