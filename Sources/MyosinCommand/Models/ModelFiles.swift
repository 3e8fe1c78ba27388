internal import Exposition
public import Logging
public import Myosin
internal import Primitives
public import StateSchema

/// The models that files declare, as a state has them: read at the start, and again when told to.
public final class ModelFiles: Sendable {
    private let directory: ModelDirectory
    private let onCorrupt: State.OnCorrupt
    private let state: State
    private let logger: Logger
    /// Whether the last reading was taken over, and when one was last.
    private let isSuccessful: Registry.Gauge
    private let successTime: Registry.Gauge
    /// When that was, in seconds since boot, so that it stays right when the wall clock is set.
    private let success = Lock(0.0)
    /// Reads the files anew, one time after the other; what is still to come sees all that is there by then.
    private let work = SharedWork<Void>()

    /// Declares the models.
    ///
    /// - Parameters:
    ///   - directory: where the files are.
    ///   - state: the state that gets the models.
    ///   - onCorrupt: what to do with stored documents that cannot be used.
    ///   - logger: told of each reading.
    /// - Throws: `ModelDirectory.Failure` with everything that is wrong; `StateError` when the store fails.
    public init(
        _ directory: ModelDirectory,
        in state: State,
        onCorrupt: State.OnCorrupt,
        logger: Logger
    ) throws {
        (self.directory, self.state, self.onCorrupt, self.logger) = (directory, state, onCorrupt, logger)
        isSuccessful = try state.metrics.gauge(
            named: "myosin_config_last_reload_successful",
            help: "Whether the models' files were taken over when they were read last."
        )
        successTime = try state.metrics.gauge(
            named: "myosin_config_last_reload_success_timestamp_seconds",
            help: "When the models' files were last taken over, in seconds since 1970."
        )
        try declare()
        let (successTime, success) = (successTime, success)
        state.metrics.addQuickCollector {
            let seconds = BootTime.system.secondsSince1970 + success.withLock { $0 }
            successTime.set((seconds * 1_000).rounded() / 1_000)
        }
    }

    /// Reads the files again, on a thread of its own: all of them are taken over, or none and the reasons are logged.
    public func reload() async {
        await withCheckedContinuation { continuation in
            work.run { [self] in
                readAnew()
            } completion: {
                continuation.resume()
            }
        }
    }

    private func readAnew() {
        do {
            try declare()
        } catch {
            isSuccessful.set(0)
            let failure = error as? ModelDirectory.Failure
            let faults = failure?.faults.map(\.description) ?? ["\(error)"]
            for fault in faults { logger.error("The models cannot be reloaded", metadata: ["error": "\(fault)"]) }
            if failure == nil {
                logger.error("The models stay as they were; send SIGHUP again")
            } else {
                logNextStart()
            }
        }
    }

    /// Says what a start would do with the files that were refused.
    private func logNextStart() {
        // Files that cannot be read, and those that have changed since.
        guard let models = try? directory.read(checks.faults) else { return logger.error("\(Self.startWouldFail)") }
        let starts = state.nextStart(of: models.declarations, onCorrupt: onCorrupt)
        let lost = starts.compactMap { start in
            if case .quarantined = start.kind { start.model } else { nil }
        }
        let isRefused = starts.contains { start in
            // What a start would use, and is refused now, is in memory only.
            if case .refused = start.kind { true } else { false }
        }
        if isRefused {
            logger.error("\(Self.startWouldFail)")
        } else if !lost.isEmpty {
            logger.error(
                """
                The models stay as they were. The next start would move stored documents to quarantine and begin with the defaults. \
                Mend the files and send SIGHUP again, or put the former files back
                """,
                metadata: .models(lost)
            )
        } else {
            logger.error(
                """
                The models stay as they were. The next start would take the files, and values that are in memory only would be lost. \
                Mend the files and send SIGHUP again, or put the former files back
                """
            )
        }
    }

    private static let startWouldFail =
        "The models stay as they were. The next start would fail for the same reasons. Mend the files and send SIGHUP again, "
        + "or put the former files back"

    private func declare() throws {
        let models: ModelDirectory.Models
        do {
            models = try directory.load(into: state, onCorrupt: onCorrupt) { models in
                for warning in checks.warnings(models) { logger.warning("\(warning)") }
                return checks.faults(models)
            }
        } catch let failure as ModelDirectory.Failure {
            throw failure.worded(Advice.sentence)
        }
        isSuccessful.set(1)
        success.withLock { $0 = BootTime.system.now }
        if !models.leftovers.isEmpty {
            logger.notice(
                "Files beside the models are passed over, because their names are not those of models",
                metadata: ["models.leftovers": .list(models.leftovers)]
            )
        }
        if models.declarations.isEmpty {
            logger.notice("No file declares a model yet; write <Model>.schema.json into the directory and send SIGHUP")
        }
        // The last line: a reader of the log that waits for it has all others.
        logger.info("The models are loaded", metadata: .models(models.declarations.map(\.name)))
    }

    private var checks: ModelChecks { ModelChecks(maxDocumentBytes: state.maxDocumentBytes) }
}

extension Logger.Metadata {
    /// How many models there are, and the names of the first ten.
    static func models(_ names: [String]) -> Logger.Metadata {
        ["models.count": .stringConvertible(names.count), "models.names": .list(names)]
    }
}

extension Logger.MetadataValue {
    /// The first ten of some texts, with commas between.
    fileprivate static func list(_ texts: [String]) -> Logger.MetadataValue {
        "\(texts.prefix(10).joined(separator: ","))\(texts.count > 10 ? ",…" : "")"
    }
}
