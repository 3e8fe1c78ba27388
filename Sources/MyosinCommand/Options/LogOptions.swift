internal import ArgumentParser
internal import Logging

/// The flags for the log.
struct LogOptions: ParsableArguments {
    @Option(
        name: .customLong("log.level"),
        help: ArgumentHelp(
            "What to log: trace, debug, info, notice, warning, error or critical. (default: info)",
            valueName: "level"
        ),
        transform: choice
    )
    var level = Logger.Level.info

    @Option(
        name: .customLong("log.format"),
        help: ArgumentHelp("How to log: logfmt or json. (default: logfmt)", valueName: "format"),
        transform: choice
    )
    var format = LogFormat.logfmt

    @Flag(name: .customLong("log.access"), help: "Log a line for each request, without its body.")
    var logsAccess = false
}

/// One of the values of an enumeration, by its name.
func choice<Value: RawRepresentable<String> & CaseIterable>(_ text: String) throws -> Value {
    if let value = Value(rawValue: text) { return value }
    throw ArgumentParser.ValidationError("Expected one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")).")
}
