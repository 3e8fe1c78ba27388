internal import MicroHTTP
internal import Myosin
internal import MyosinService
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A process of this program that serves a state, as `/proc` shows it to its own user and to root (proc(5)).
///
/// A health check in a container knows only the image, not the arguments that the container was started with. The process itself
/// has them, and the sockets that it was given.
struct RunningService {
    /// The number of the process.
    let process: Int32
    /// Its arguments without the program's name.
    let arguments: [String]
    /// The variables that it was started with.
    let environment: ProgramEnvironment

    private var directory: String { "/proc/\(process)" }

    // MARK: Finding it

    /// The one that runs in this network; nil where none is to be seen.
    ///
    /// - Throws: ``HealthFailure`` where there are several.
    static func only() throws -> RunningService? {
        let services = all()
        if services.count <= 1 { return services.first }
        let numbers = services.map { "\($0.process)" }.joined(separator: ", ")
        throw HealthFailure(
            "Several processes of this program run here: \(numbers). Name the address of one with --web.listen-address."
        )
    }

    private static func all() -> [RunningService] {
        guard let own = Program(of: "self") else { return [] }
        return names(in: "/proc").compactMap { Int32($0) }.filter { $0 != getpid() }.sorted()
            .compactMap { process in
                guard Program(of: "\(process)")?.isSame(as: own) == true else { return nil }
                let service = RunningService(
                    process: process,
                    arguments: Array(strings(in: "/proc/\(process)/cmdline").dropFirst()),
                    environment: ProgramEnvironment(strings(in: "/proc/\(process)/environ"))
                )
                return service.isServing ? service : nil
            }
    }

    /// The executable of a process and its network.
    private struct Program {
        let (device, inode): (UInt64, UInt64)
        let path: String
        let network: String?

        /// - Parameter process: its number; nil is made for a process of another user.
        init?(of process: String) {
            var file = stat()
            guard stat("/proc/\(process)/exe", &file) == 0, let path = link("/proc/\(process)/exe") else { return nil }
            (device, inode, self.path) = (UInt64(file.st_dev), UInt64(file.st_ino), path)
            network = link("/proc/\(process)/ns/net")
        }

        func isSame(as own: Program) -> Bool {
            // An upgrade has put this executable in the place of the one that runs.
            let isFormer = path == "\(own.path) (deleted)"
            return network == own.network && (isFormer || device == own.device && inode == own.inode)
        }
    }

    /// Whether it is the service: subcommands have their name first.
    private var isServing: Bool { arguments.first?.hasPrefix("-") != false }

    private static func strings(in file: String) -> [String] {
        text(of: file).split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    // MARK: Where it listens

    /// The listeners that its arguments or variables name, or the default ones.
    var listeners: (listeners: [ServiceListener], usesSystemdSockets: Bool) {
        get throws {
            let texts = values(of: "web.listen-address")
            let inherited =
                environment["LISTEN_PID"] == "\(process)" ? environment["LISTEN_FDS"].flatMap { Int($0) } : nil
            let usesSystemdSockets = inherited ?? 0 > 0
            if texts.isEmpty, !usesSystemdSockets { return (ServiceConfiguration().listeners, false) }
            return (try texts.map { try ServiceListener($0) }, usesSystemdSockets)
        }
    }

    /// What precedes every path of it.
    var prefix: PathPrefix {
        values(of: "web.route-prefix").last.flatMap { PathPrefix($0) }
            ?? values(of: "web.external-url").last.flatMap { ExternalURL($0) }?.prefix ?? .none
    }

    /// The values of a flag with a value, or those of its variable.
    private func values(of flag: String) -> [String] {
        let given = CommandSettings.values(of: flag, in: arguments)
        if !given.isEmpty { return given }
        return environment[CommandFlag.variable(of: flag)]?.split(separator: " ").map(String.init) ?? []
    }

    /// An address with the path of a Unix socket as this process finds it.
    func resolved(_ address: BoundAddress) -> BoundAddress {
        guard let path = address.path, !path.hasPrefix("/") else { return address }
        return BoundAddress(path: "\(directory)/cwd/\(path)")
    }

    /// The addresses of the sockets on which it listens, as the system's tables have them.
    ///
    /// A Unix socket that the program has bound itself is there by another name than its own; those of systemd are right.
    ///
    /// - Parameter descriptor: the one whose socket is wanted; nil for all.
    /// - Returns: the addresses.
    /// - Throws: ``HealthFailure`` where the process is another user's.
    func socketAddresses(of descriptor: Int32? = nil) throws -> [BoundAddress] {
        let own = try socketNumbers(of: descriptor)
        let internet = ["tcp", "tcp6"]
            .flatMap { name in
                rows(of: name).filter { $0.count > 9 && $0[3] == "0A" && own.contains($0[9]) }
                    .compactMap { address($0[1]) }
            }
        let unix = rows(of: "unix")
            .compactMap { row -> BoundAddress? in
                guard row.count > 7, row[3] == "00010000", own.contains(row[6]), row[7].hasPrefix("/"),
                    row[7].utf8.count <= 107
                else { return nil }
                return BoundAddress(path: String(row[7]))
            }
        return internet + unix
    }

    /// The numbers of the inodes of its sockets.
    private func socketNumbers(of descriptor: Int32?) throws -> Set<Substring> {
        let names = Self.names(in: "\(directory)/fd")
        if names.isEmpty {
            throw HealthFailure(
                "The sockets of process \(process) cannot be read (\(String(cString: strerror(errno)))). Run health as the "
                    + "user of the service, or name an address with --web.listen-address."
            )
        }
        return Set(
            names.filter { descriptor == nil || $0 == descriptor.map { "\($0)" } }
                .compactMap { name in
                    Self.link("\(directory)/fd/\(name)")
                        .flatMap { link in
                            link.hasPrefix("socket:[") ? link.dropFirst(8).dropLast() : nil
                        }
                }
        )
    }

    /// The lines of a table of sockets after its first, in words.
    private func rows(of table: String) -> [[Substring]] {
        Self.text(of: "\(directory)/net/\(table)").split(separator: "\n").dropFirst()
            .map { $0.split(separator: " ") }
    }

    /// The address of a client for one of the server in hexadecimal, `0100007F:1F90`.
    ///
    /// The bytes of the network are in words of the machine.
    private func address(_ text: Substring) -> BoundAddress? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return nil }
        let digits = Array(parts[0].utf8)
        let words = stride(from: 0, to: digits.count, by: 8)
            .compactMap { UInt32(String(decoding: digits[$0..<min($0 + 8, digits.count)], as: UTF8.self), radix: 16) }
        var bytes: [UInt8] = []
        for word in words { withUnsafeBytes(of: word) { bytes += $0 } }
        let host =
            bytes.count == 4
            ? IPAddress.text(of: bytes.withUnsafeBytes { $0.loadUnaligned(as: in_addr.self) })
            : bytes.count == 16
                ? IPAddress.text(of: bytes.withUnsafeBytes { $0.loadUnaligned(as: in6_addr.self) }) : nil
        switch host {
        case nil: return nil
        case "0.0.0.0": return BoundAddress(host: "127.0.0.1", port: port)
        // One socket for all addresses, those of IPv4 too unless it says otherwise.
        case "::": return BoundAddress(host: hasIPv6 ? "::1" : "127.0.0.1", port: port)
        case let host?: return BoundAddress(host: host, port: port)
        }
    }

    /// Whether the machine itself has an address of IPv6.
    private var hasIPv6: Bool {
        Self.text(of: "\(directory)/net/if_inet6").contains("\(String(repeating: "0", count: 31))1 ")
    }

    // MARK: Reading /proc

    private static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        // Processes come and go meanwhile; what can be read is enough.
        _ = SystemCall.readNames(in: directory) { if !$0.hasPrefix(".") { names.append($0) } }
        return names
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink(path, &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func text(of path: String) -> String {
        let file = SystemCall.open(path, O_RDONLY)
        guard file >= 0 else { return "" }
        defer { SystemCall.close(file) }
        var bytes: [UInt8] = []
        // A process that has ended meanwhile has no text.
        _ = SystemCall.readPieces(of: file) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
