internal import ArgumentParser
internal import Myosin

/// The flags for the limits of the state.
struct EngineOptions: ParsableArguments {
    @Option(
        name: .customLong("state.quarantine-max"),
        help: ArgumentHelp(
            "Former documents that quarantine keeps; beyond it the oldest go.",
            valueName: "count"
        )
    )
    var maxQuarantined = SQLiteStore.Options().maxQuarantined

    @Option(
        name: .customLong("state.max-document-bytes"),
        help: ArgumentHelp(
            "The longest document of a model, without its id; a longer one gets 413. x-max-bytes in a schema overrides it.",
            valueName: "bytes"
        )
    )
    var maxDocumentBytes = EngineLimits.maxDocumentBytes

    /// - Throws: `ArgumentParser.ValidationError` for a limit that nothing could meet.
    func validate() throws {
        if maxQuarantined < 1 {
            throw ArgumentParser.ValidationError("--state.quarantine-max must be 1 or more, got \(maxQuarantined).")
        }
        if maxDocumentBytes < 1 {
            throw ArgumentParser.ValidationError(
                "--state.max-document-bytes must be 1 or more, got \(maxDocumentBytes)."
            )
        }
    }
}
