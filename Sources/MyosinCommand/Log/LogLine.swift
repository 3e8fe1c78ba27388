internal import Logging
internal import Myosin
internal import Primitives

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
        LogWriter.log.write(
            LogLine.text(level: event.level, label: label, message: event.message.description, metadata: all, format)
        )
    }
}

/// The text of a log entry.
enum LogLine {
    /// The line with its end, and its priority in front of it for the journal.
    static func text(
        level: Logger.Level,
        label: String,
        message: String,
        metadata: Logger.Metadata,
        _ format: LogFormat,
        isForJournal: Bool = JournalStream.isStandardError
    ) -> [UInt8] {
        let first: [(key: String, value: Logger.MetadataValue)] = [
            ("time", .string(time())), ("level", .string(level.rawValue)), ("logger", .string(label)),
            ("msg", .string(message)),
        ]
        let pairs = first + metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let line =
            switch format {
            case .logfmt: pairs.map { "\($0.key.withoutControls)=\(logfmt(plain($0.value)))" }.joined(separator: " ")
            case .json: object(pairs)
            }
        return Array("\(isForJournal ? JournalStream.prefix(level) : "")\(line)\n".utf8)
    }

    /// The line that stands where lines were dropped.
    static func gap(_ count: Int, label: String, _ format: LogFormat) -> [UInt8] {
        text(
            level: .warning,
            label: label,
            message: "Log lines were dropped",
            metadata: ["log.droppedLines": .stringConvertible(count)],
            format
        )
    }

    /// The present time in UTC, to the millisecond (RFC 3339).
    private static func time() -> String { time(milliseconds: WallClock.milliseconds) }

    /// A time in seconds since 1970, in the same form; nonsense is shown as the beginning of 1970.
    static func time(_ seconds: Double) -> String {
        time(milliseconds: (0..<CalendarTime.range.upperBound).contains(seconds) ? Int(seconds * 1_000) : 0)
    }

    private static func time(milliseconds: Int) -> String {
        let time = CalendarTime(secondsSince1970: milliseconds / 1_000)
        return "\(time.dateText)T\(time.clockText).\((milliseconds % 1_000).padded(to: 3))Z"
    }

    /// A value as text; a list with commas between.
    private static func plain(_ value: Logger.MetadataValue) -> String {
        if case .array(let values) = value { values.map(plain).joined(separator: ",") } else { "\(value)" }
    }

    /// A value that readers of logfmt take for one: in quotes where it has spaces, `=`, quotes or control characters.
    private static func logfmt(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3d }
        return isPlain && !value.hasControls ? value : quoted(value)
    }

    private static func object(_ pairs: [(key: String, value: Logger.MetadataValue)]) -> String {
        "{" + pairs.map { "\(quoted($0.key)):\(json($0.value))" }.joined(separator: ",") + "}"
    }

    /// A value as JSON; what was given as a number or a boolean is one, and text stays text.
    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let number as any BinaryInteger): "\(number)"
        case .stringConvertible(let number as Double) where number.isFinite: "\(number)"
        case .stringConvertible(let isTrue as Bool): "\(isTrue)"
        case .stringConvertible(let other): quoted("\(other)")
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let values): object(values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        }
    }

    /// A string as JSON has it, without a character that a terminal would obey.
    private static func quoted(_ value: String) -> String { value.quoted.withoutControls }
}

extension String {
    /// The text with each character that a terminal would obey as a JSON escape: control characters, line ends and what turns
    /// the direction of writing.
    var withoutControls: String {
        guard hasControls else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.isControl {
                text += "\\u\(scalar.value.padded(to: 4, radix: 16))"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    fileprivate var hasControls: Bool {
        // Most texts are ASCII without any.
        !utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } && unicodeScalars.contains { $0.isControl }
    }
}

extension Unicode.Scalar {
    /// Whether it is of C0 or C1, DEL, another end of a line, or a mark, an embedding, an override or an isolate of UAX #9.
    fileprivate var isControl: Bool {
        switch value {
        case 0..<0x20, 0x7f...0x9f, 0x61c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
