internal import Logging
internal import Myosin
internal import MyosinService
public import StateSchema

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What a start would do with the models' files and the stored state, found out without a change of anything.
///
/// It takes the same way as a start: the same flags, the same reading of files and of the store, the same decisions about each stored
/// document. It does not listen, so a port that is taken goes unnoticed.
public struct StartCheck: Sendable {
    /// A line for each model, and further ones on the state.
    public let lines: [String]
    /// What a start would warn of.
    public let warnings: [String]
    /// Everything that keeps a program from starting; nil if nothing does.
    public let failure: ModelDirectory.Failure?
    private let writesJSON: Bool

    /// Looks at all that a start would.
    ///
    /// - Parameters:
    ///   - options: the flags of the service.
    ///   - models: the flags that name the models' files.
    /// - Throws: an error for flags that a start would refuse.
    public init(options: ServiceOptions, models: ModelOptions) throws {
        writesJSON = options.log.format == .json
        try ThreadReserve.check()
        _ = try options.makeServiceConfiguration(hasSockets: false)
        let checks = ModelChecks(maxDocumentBytes: options.engine.maxDocumentBytes)
        var (preview, storeError): (SQLiteStore.Preview?, StateError?)
        if let path = options.store.path {
            do throws(StateError) {
                preview = try SQLiteStore.preview(path, options: options.storeOptions)
            } catch {
                storeError = error
            }
        }
        let isNew = preview?.content.documents.isEmpty ?? true
        let (declared, faults) = try models.directory.examine(mayBeEmpty: isNew, checks.faults)
        var report = Report(files: declared.files, faults: faults)
        report.warnings = checks.warnings(declared) + checks.largeChoices(declared)
        if let storeError { report.note(storeError, at: "") }
        report.isStoreKnown = preview != nil
        report.note(leftovers: declared.leftovers)
        for start in ModelStart.all(of: declared.declarations, with: preview?.content, onCorrupt: models.onCorrupt) {
            report.note(start)
        }
        let names = declared.declarations.map(\.name)
        if let preview, let path = options.store.path { report.note(preview, at: path, names) }
        (lines, warnings) = (report.lines + [Report.summary(names.count)] + report.notes, report.warnings)
        failure = report.failure
    }

    /// Prints the lines to standard output and the warnings to standard error.
    ///
    /// - Throws: ``failure`` where a start would fail; then only the warnings are printed.
    public func print() throws {
        for warning in warnings {
            let line =
                writesJSON
                ? LogLine.text(
                    level: .warning,
                    label: "check",
                    message: "A start would warn",
                    metadata: ["warning": "\(warning)"],
                    .json
                )
                : Array("Warning: \(warning.withoutControls)\n".utf8)
            // The report says the rest where standard error cannot be written.
            _ = SystemCall.writeAll(line, to: STDERR_FILENO)
        }
        if let failure { throw failure }
        for line in lines { Swift.print(line.withoutControls) }
    }
}

/// What a check has found so far.
private struct Report {
    let files: [String: String]
    private(set) var faults: [ModelDirectory.Fault]
    var warnings: [String] = []
    var isStoreKnown = false
    private(set) var lines: [String] = []
    private(set) var notes: [String] = []
    /// Whether a fault concerns more than the files.
    private var concernsStart = false

    init(files: [String: String], faults: [ModelDirectory.Fault]) { (self.files, self.faults) = (files, faults) }

    static func summary(_ count: Int) -> String { "\(count) model\(count == 1 ? " is" : "s are") valid." }

    var failure: ModelDirectory.Failure? {
        if faults.isEmpty { return nil }
        let failure =
            concernsStart
            ? ModelDirectory.Failure(faults, heading: "A start would fail") : ModelDirectory.Failure(faults)
        return failure.worded(Advice.sentence)
    }

    mutating func note(_ error: StateError, at file: String) {
        concernsStart = true
        faults.append(.init(file, error))
    }

    mutating func note(leftovers: [String]) {
        notes += leftovers.map { "\($0): passed over, because its name is not that of a model's file" }
    }

    mutating func note(_ start: ModelStart) {
        let file = files[start.model] ?? ""
        let outcome: String
        switch start.kind {
        case .new: outcome = isStoreKnown ? "valid; nothing is stored, so it begins with its defaults" : "valid"
        case .asStored(let version): outcome = "valid; the stored document of version \(version) is used as it is"
        case .migrated(let former, let changes):
            let origin = former.map { "the stored document of version \($0)" } ?? "the file of Python myosin"
            outcome = "valid; \(origin) is migrated\(Self.sentence(changes)), and a copy goes to quarantine"
            warn(of: changes, file)
        case .quarantined(let error):
            outcome = "valid; the stored document goes to quarantine, and it begins with its defaults"
            warnings.append("\(file): \(error.explanation) A start moves it to quarantine.")
        case .refused(let error): return note(error, at: file)
        }
        lines.append("\(start.model): \(outcome)")
    }

    private static func sentence(_ changes: FieldChanges) -> String {
        func list(_ fields: [String]) -> String {
            fields.prefix(10).joined(separator: ", ") + (fields.count > 10 ? ", …" : "")
        }
        let filled = changes.filled.isEmpty ? nil : "\(list(changes.filled)) with defaults"
        let dropped = changes.dropped.isEmpty ? nil : "without \(list(changes.dropped))"
        let all = [filled, dropped].compactMap(\.self)
        return all.isEmpty ? "" : " (\(all.joined(separator: "; ")))"
    }

    private mutating func warn(of changes: FieldChanges, _ file: String) {
        let renames = changes.renames
        if renames.isEmpty { return }
        warnings.append(
            "\(file): fields seem to be renamed: \(renames.description). A migration does not take their values along: they begin with "
                + "their defaults, and quarantine keeps the former document."
        )
    }

    mutating func note(_ preview: SQLiteStore.Preview, at path: String, _ names: [String]) {
        warnings += preview.content.remarks
        switch preview.place {
        case .missing: notes.append("\(path) is missing; a start makes it.")
        case .empty: notes.append("\(path) has no database; a start makes one.")
        case .olderDatabase:
            notes.append("The database of \(path) has tables of an older version; a start upgrades them.")
        case .database: break
        }
        let others = preview.content.documents.filter { $0.revision > 0 && !names.contains($0.model) }.map(\.model)
        if !others.isEmpty {
            let list = others.prefix(20).map(\.quoted).joined(separator: ", ") + (others.count > 20 ? ", …" : "")
            notes.append("No file declares what \(path) has of \(list); a start leaves it as it is.")
        }
        if let holder = preview.holder {
            notes.append("\(path) is in use by \(holder); a start fails until that has stopped.")
        }
    }
}
