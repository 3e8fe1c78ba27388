internal import Logging
internal import Myosin
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// How the log is written.
enum LogFormat: String, CaseIterable {
    /// `time=… level=info logger=… msg=Listening address=127.0.0.1:8000`
    case logfmt
    /// `{"time":"…","level":"info","logger":"…","msg":"Listening","address":"127.0.0.1:8000"}`
    case json
}

/// Writes each log entry as one line to standard error, as programs read it.
struct LineLogHandler: LogHandler {
    let label: String
    let format: LogFormat
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, format: LogFormat) { (self.label, self.format) = (label, format) }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
        let pairs =
            [
                ("time", LogLine.time()), ("level", event.level.rawValue), ("logger", label),
                ("msg", event.message.description),
            ] + all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let line = LogLine.text(pairs, format)
        // One call, so that lines of several threads do not mix. What standard error does not take is lost.
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// The text of a log entry.
enum LogLine {
    /// The line with its end.
    static func text(_ pairs: [(key: String, value: String)], _ format: LogFormat) -> [UInt8] {
        var line = ""
        switch format {
        case .logfmt: line = pairs.map { "\($0.key)=\(logfmt($0.value))" }.joined(separator: " ")
        case .json: line = "{" + pairs.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",") + "}"
        }
        return Array("\(line)\n".utf8)
    }

    /// The present time in UTC, to the millisecond (RFC 3339).
    static func time() -> String { time(milliseconds: WallClock.milliseconds) }

    /// A time in seconds since 1970, in the same form; nonsense is shown as the beginning of 1970.
    static func time(_ seconds: Double) -> String {
        time(milliseconds: (0..<253_402_300_800).contains(seconds) ? Int(seconds * 1_000) : 0)
    }

    private static func time(milliseconds: Int) -> String {
        let time = CalendarTime(secondsSince1970: milliseconds / 1_000)
        let date = "\(time.year.padded(to: 4))-\(time.month.padded(to: 2))-\(time.day.padded(to: 2))"
        return "\(date)T\(time.clockText).\((milliseconds % 1_000).padded(to: 3))Z"
    }

    /// A value that readers of logfmt take for one: in quotes where it has spaces, `=`, quotes or control characters.
    private static func logfmt(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3d && $0 != 0x7f }
        return isPlain ? value : quoted(value)
    }

    /// A string as JSON has it, without a character that a terminal would obey.
    private static func quoted(_ value: String) -> String {
        value.quoted.replacing("\u{7f}", with: "\\u007f")
    }
}
