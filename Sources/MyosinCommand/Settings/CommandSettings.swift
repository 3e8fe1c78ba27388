internal import ArgumentParser
internal import Myosin
internal import Primitives

/// The values of a command's flags, each from the command line, a variable of the environment, or the flag's default.
///
/// A subcommand takes variables only for flags that the service has too: no variable makes it do something else.
struct CommandSettings: Sendable {
    /// Where the value of a flag comes from.
    enum Source: Sendable, Hashable, CustomStringConvertible {
        case commandLine
        case variable(String)
        case standard

        var description: String {
            switch self {
            case .commandLine: "command line"
            case .variable(let name): name
            case .standard: "default"
            }
        }
    }

    /// A flag with its values.
    struct Setting: Sendable, Hashable {
        let flag: CommandFlag
        /// Several only of a flag that may be repeated.
        let values: [String]
        let source: Source
    }

    /// A variable that stands for no flag.
    struct UnknownVariable: Sendable, Hashable {
        let name: String
        /// The variable that is probably meant.
        let suggestion: String?
    }

    /// All of them, in order of the help.
    let settings: [Setting]
    /// The arguments of the process, and how many of them name the command.
    private let given: [String]
    private let depth: Int
    /// The arguments for which variables stand.
    private let inserted: [(variable: String, arguments: [String])]
    /// Variables with names like those of settings that stand for no flag.
    let unknownVariables: [UnknownVariable]

    /// Those of the command that this process runs; nil before it is known.
    static let current = Lock<CommandSettings?>(nil)

    /// The first parts of flags whose variables are this program's, so that a name with a typing error is noticed.
    private static let groups = ["WEB", "STATE", "LOG"]

    /// Finds the settings.
    ///
    /// - Parameters:
    ///   - root: the command of the executable.
    ///   - given: the arguments of the process, without the program's name.
    ///   - environment: the variables.
    /// - Throws: `ArgumentParser.ValidationError` for the variable of a flag without a value that is neither true nor false.
    init(of root: any ParsableCommand.Type, _ given: [String], _ environment: ProgramEnvironment) throws {
        let shared = CommandFlag.all(of: root)
        let (command, depth) = Self.command(of: root, shared, given)
        let flags = depth == 0 ? shared : CommandFlag.all(of: command).filter { shared.contains($0) }
        var settings: [Setting] = []
        var inserted: [(variable: String, arguments: [String])] = []
        for flag in flags {
            let values = Self.values(of: flag, in: given)
            if !values.isEmpty {
                settings.append(Setting(flag: flag, values: values, source: .commandLine))
            } else if let text = environment[flag.variable] {
                let values = try Self.values(of: flag, text)
                settings.append(Setting(flag: flag, values: values, source: .variable(flag.variable)))
                let arguments = values.compactMap { value in
                    // A value may begin with a dash.
                    flag.takesValue ? "--\(flag.name)=\(value)" : value == "true" ? "--\(flag.name)" : nil
                }
                inserted.append((flag.variable, arguments))
            } else {
                let standard = flag.defaultValue.map { [$0] } ?? []
                settings.append(Setting(flag: flag, values: standard, source: .standard))
            }
        }
        (self.settings, self.given, self.depth, self.inserted) = (settings, given, depth, inserted)
        olderPath = environment[State.Cache.environmentVariable]
        let known = Set(shared.map(\.variable))
        // The beginning, which all have in common, says nothing of what is meant.
        let ends = known.map { String($0.dropFirst(CommandFlag.prefix.count)) }.sorted()
        unknownVariables = Self.groups.flatMap { environment.names(from: "\(CommandFlag.prefix)\($0)_") }
            .filter { !known.contains($0) }
            .map { name in
                let meant = didYouMean(String(name.dropFirst(CommandFlag.prefix.count)), among: ends)
                return UnknownVariable(name: name, suggestion: meant.map { CommandFlag.prefix + $0 })
            }
    }

    /// The arguments for the parser.
    ///
    /// Those of variables come before the others, because `--` ends the flags.
    var arguments: [String] { given[..<depth] + inserted.flatMap(\.arguments) + given[depth...] }

    /// The names of the variables that are used.
    var usedVariables: [String] { inserted.map(\.variable) }

    /// The directory of the state in the variable that Python myosin has too.
    private let olderPath: String?

    /// The command that arguments name, and how many of them lead to it: names of commands, and flags between them.
    private static func command(
        of root: any ParsableCommand.Type,
        _ flags: [CommandFlag],
        _ given: [String]
    ) -> (any ParsableCommand.Type, Int) {
        let withValue = Set(flags.filter(\.takesValue).map { "--\($0.name)" })
        var command = root
        var (next, depth) = (0, 0)
        while next < given.count, given[next] != "--" {
            if given[next].hasPrefix("-") {
                next += withValue.contains(given[next]) ? 2 : 1
                continue
            }
            guard let found = command.configuration.subcommands.first(where: { $0._commandName == given[next] }) else {
                break
            }
            command = found
            next += 1
            depth = next
        }
        return (command, depth)
    }

    /// The values of a flag among arguments; the last one counts where it may not be repeated.
    static func values(of flag: CommandFlag, in arguments: some Collection<String>) -> [String] {
        values(of: flag.name, takesValue: flag.takesValue, in: arguments)
    }

    /// The values of a flag among arguments, by its name.
    static func values(of name: String, takesValue: Bool = true, in arguments: some Collection<String>) -> [String] {
        var values: [String] = []
        var rest = arguments.prefix { $0 != "--" }[...]
        while let argument = rest.popFirst() {
            if argument.hasPrefix("--\(name)=") {
                values.append(String(argument.dropFirst(name.count + 3)))
            } else if argument == "--\(name)" {
                if !takesValue { values.append("true") } else if let value = rest.popFirst() { values.append(value) }
            }
        }
        return values
    }

    /// The values in a variable: of a flag that may be repeated several, with spaces between.
    private static func values(of flag: CommandFlag, _ text: String) throws -> [String] {
        if flag.isRepeating { return text.split(separator: " ").map(String.init) }
        if flag.takesValue { return [text] }
        switch text.lowercased() {
        case "true", "1", "yes", "on": return ["true"]
        case "false", "0", "no", "off": return ["false"]
        default: throw ArgumentParser.ValidationError("\(flag.variable) must be true or false, got \(text).")
        }
    }

    /// The variable that alone makes the parser refuse the arguments; nil where the command line does so without any.
    ///
    /// - Parameter parse: the parser.
    /// - Returns: the variable's name.
    func faultyVariable(_ parse: ([String]) throws -> Void) -> String? {
        func isRefused(_ inserted: [String]) -> Bool {
            do {
                try parse(given[..<depth] + inserted + given[depth...])
                return false
            } catch {
                return true
            }
        }
        return isRefused([]) ? nil : inserted.first { isRefused($0.arguments) }?.variable
    }

    /// The settings as a table: flag, value and source.
    ///
    /// - Parameter statePath: the directory of the state where neither the flag nor a variable names one.
    /// - Returns: the lines.
    func table(statePath: String?) -> [String] {
        let rows: [(String, String, String)] = settings.flatMap { setting in
            var (values, source) = (setting.values, "\(setting.source)")
            if values.isEmpty, setting.flag.name == "state.path" {
                (values, source) =
                    olderPath.map { ([$0], State.Cache.environmentVariable) } ?? (
                        [statePath].compactMap(\.self), source
                    )
            }
            if values.isEmpty { values = ["(none)"] }
            return values.map { ("--\(setting.flag.name)", $0.withoutControls, source) }
        }
        let flagWidth = rows.map(\.0.count).max() ?? 0
        // One very long value does not push the sources of all others away.
        let valueWidth = rows.map(\.1.count).filter { $0 <= 40 }.max() ?? 0
        return rows.map { flag, value, source in
            "\(flag.padded(to: flagWidth))  \(value.padded(to: valueWidth))  \(source)"
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
