internal import ArgumentParser
internal import Myosin

/// A flag of a command, as the parser describes it.
struct CommandFlag: Sendable, Hashable {
    /// The name without the dashes.
    let name: String
    /// Whether a value follows it; otherwise it is true where it stands.
    let takesValue: Bool
    /// Whether it may be given more than once.
    let isRepeating: Bool
    /// The value where it is not given; nil if it has none then.
    let defaultValue: String?

    /// The variable of the environment that stands for it: `MYOSIN_WEB_LISTEN_ADDRESS` for `web.listen-address`.
    var variable: String { Self.variable(of: name) }

    /// The variable of the environment that stands for the flag of a name.
    static func variable(of name: String) -> String {
        prefix + name.map { $0 == "." || $0 == "-" ? "_" : "\($0)" }.joined().uppercased()
    }

    /// The beginning of all variables.
    static let prefix = "MYOSIN_"

    /// The flags of a command in order of its help, without those that only print something.
    ///
    /// - Parameter command: the command.
    /// - Returns: the flags; none where the parser's description has another form than that of its version 1.
    static func all(of command: any ParsableCommand.Type) -> [CommandFlag] {
        // The parser writes it, so a syntax error would be a fault of the parser.
        let help = try? JSONValue(parsing: Array(command._dumpHelp().utf8))
        guard case .array(let arguments)? = help?["command", "arguments"] else { return [] }
        return arguments.compactMap { CommandFlag($0) }
    }

    private init?(_ description: JSONValue) {
        guard let name = description["preferredName", "name"]?.string, let kind = description["kind"]?.string,
            description["preferredName", "kind"]?.string == "long", kind == "option" || kind == "flag",
            !["help", "version", "print-config"].contains(name)
        else { return nil }
        (self.name, takesValue) = (name, kind == "option")
        isRepeating = description["isRepeating"] == .bool(true)
        let inHelp = description["abstract"]?.string?.firstMatch(of: #/\(default: ([^)]*)\)/#).map { String($0.1) }
        defaultValue = takesValue ? description["defaultValue"]?.string ?? inHelp : "false"
    }
}
