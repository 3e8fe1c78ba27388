internal import Primitives

/// The path of a Unix socket with its mode and group: `/run/service.sock,mode=0660,group=www-data`.
struct UnixSocketAddress: Sendable, Hashable, CustomStringConvertible {
    private(set) var path: String
    /// The permissions of the file; nil for those that the process's umask leaves.
    private(set) var mode: UInt32?
    /// The name or the number of the file's group; nil for that of the process.
    private(set) var group: String?

    /// The space in `sockaddr_un` less the NUL that ends the path.
    static let maxPathBytes = 107

    /// Reads a path and its options; nil for a path that no socket can have.
    ///
    /// - Parameter text: what follows `unix:`; an option begins with a comma, lower case letters and an equals sign.
    /// - Throws: ``ServerError`` with the code `badAddress` for an option that is unknown, wrong or given twice.
    init?(_ text: Substring) throws(ServerError) {
        path = ""
        var parts = text.split(separator: ",", omittingEmptySubsequences: false)
        while parts.count > 1, let option = parts.last.flatMap(Self.option) {
            try add(option)
            parts.removeLast()
        }
        // A path may have commas, but a mistyped option must not become one: it would leave the socket open to others.
        if let wrong = parts.dropFirst().first(where: Self.looksLikeOption) {
            throw ServerError(
                .badAddress,
                "\"\(wrong)\" is not an option of a Unix socket; write unix:PATH,mode=0660,group=NAME without spaces"
            )
        }
        let path = parts.joined(separator: ",")
        self.path = path
        guard (1...Self.maxPathBytes).contains(path.utf8.count), !path.utf8.contains(0) else { return nil }
    }

    private typealias Option = (name: Substring, value: String)

    private static func option(_ text: Substring) -> Option? {
        guard let end = text.firstIndex(of: "="), end > text.startIndex,
            text[..<end].utf8.allSatisfy({ (0x61...0x7a).contains($0) })
        else { return nil }
        return (text[..<end], String(text[end...].dropFirst()))
    }

    private static func looksLikeOption(_ text: Substring) -> Bool {
        let word = text.filter { $0 != " " }.lowercased()
        return word.isEmpty || word.contains("=") || ["mode", "group", "access"].contains { word.hasPrefix($0) }
    }

    private mutating func add(_ option: Option) throws(ServerError) {
        switch option.name {
        case "mode" where mode == nil:
            let isOctal = option.value.utf8.allSatisfy { (0x30...0x37).contains($0) }
            guard isOctal, (3...4).contains(option.value.utf8.count), let mode = UInt32(option.value, radix: 8),
                mode <= 0o777
            else {
                throw ServerError(.badAddress, "mode=\(option.value) is not a mode; write it as in mode=0660")
            }
            self.mode = mode
        case "group" where group == nil:
            guard !option.value.isEmpty else {
                throw ServerError(.badAddress, "group= has no name; write it as in group=www-data")
            }
            group = option.value
        case "mode", "group":
            throw ServerError(.badAddress, "\(option.name)= is given twice; give it once")
        default:
            throw ServerError(
                .badAddress,
                "\(option.name)= is not an option of a Unix socket; write unix:PATH,mode=0660,group=NAME"
            )
        }
    }

    /// The path with its options, as ``init(_:)`` reads them.
    var description: String {
        let digits = mode.map { String($0, radix: 8) }
        let mode = digits.map { ",mode=" + String(repeating: "0", count: 4 - $0.utf8.count) + $0 } ?? ""
        return path + mode + (group.map { ",group=\($0)" } ?? "")
    }
}
