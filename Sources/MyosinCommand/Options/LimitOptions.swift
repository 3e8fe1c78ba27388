internal import ArgumentParser
internal import MicroHTTP

/// The flags for the limits of the HTTP server.
struct LimitOptions: ParsableArguments {
    @Option(
        name: .customLong("web.max-connections"),
        help: ArgumentHelp("Open connections; more are answered 503.", valueName: "count")
    )
    var connections = ServerLimits().maxConnections

    @Option(
        name: .customLong("web.max-connections-per-address"),
        help: ArgumentHelp(
            "Open connections from one address other than loopback; more are answered 503.",
            valueName: "count"
        )
    )
    var connectionsPerAddress = ServerLimits().maxConnectionsPerAddress

    @Option(
        name: .customLong("web.max-target-bytes"),
        help: ArgumentHelp(
            "The longest path with its query, 16384 at most; a longer one gets 414. Each connection takes that memory.",
            valueName: "bytes"
        )
    )
    var targetBytes = ServerLimits().maxTargetBytes

    @Option(
        name: .customLong("web.max-query-parameters"),
        help: ArgumentHelp("Parameters of a query; more get 414.", valueName: "count")
    )
    var queryParameters = ServerLimits().maxQueryParameters

    @Option(
        name: .customLong("web.max-header-bytes"),
        help: ArgumentHelp(
            "The longest request line with the header fields, 65536 at most; a longer one gets 431.",
            valueName: "bytes"
        )
    )
    var headerBytes = ServerLimits().maxHeaderBytes

    @Option(
        name: .customLong("web.max-header-fields"),
        help: ArgumentHelp("Header fields; more get 431.", valueName: "count")
    )
    var headerFields = ServerLimits().maxHeaderFields

    @Option(
        name: .customLong("web.max-body-bytes"),
        help: ArgumentHelp("The longest body; a longer one gets 413.", valueName: "bytes")
    )
    var bodyBytes = ServerLimits().maxBodyBytes

    @Option(
        name: .customLong("web.max-body-memory"),
        help: ArgumentHelp("What the bodies of all requests may take together; more get 503.", valueName: "bytes")
    )
    var bodyMemory = ServerLimits().maxBodyMemory

    @Option(
        name: .customLong("web.header-timeout"),
        help: ArgumentHelp("How long a header may take: 5s, 500ms, 1m. (default: 5s)", valueName: "duration"),
        transform: duration
    )
    var header = ServerLimits().headerTimeout

    @Option(
        name: .customLong("web.body-timeout"),
        help: ArgumentHelp("How long a body may take. (default: 10s)", valueName: "duration"),
        transform: duration
    )
    var body = ServerLimits().bodyTimeout

    @Option(
        name: .customLong("web.idle-timeout"),
        help: ArgumentHelp("How long a connection may be without a request. (default: 30s)", valueName: "duration"),
        transform: duration
    )
    var idle = ServerLimits().idleTimeout

    @Option(
        name: .customLong("web.write-timeout"),
        help: ArgumentHelp(
            "How long a client may go without reading at least 1 KiB of the response. (default: 10s)",
            valueName: "duration"
        ),
        transform: duration
    )
    var write = ServerLimits().writeTimeout

    /// - Throws: `ArgumentParser.ValidationError` for a limit that nothing could meet.
    func validate() throws {
        let counts = [
            ("max-connections", connections), ("max-connections-per-address", connectionsPerAddress),
            ("max-target-bytes", targetBytes), ("max-header-bytes", headerBytes), ("max-header-fields", headerFields),
        ]
        let most = [
            ("max-target-bytes", targetBytes, ServerLimits.mostTargetBytes),
            ("max-header-bytes", headerBytes, ServerLimits.mostHeaderBytes),
        ]
        for (name, count) in counts where count < 1 {
            throw ArgumentParser.ValidationError("--web.\(name) must be at least 1, got \(count).")
        }
        for (name, count, most) in most where count > most {
            throw ArgumentParser.ValidationError("--web.\(name) must be at most \(most), got \(count).")
        }
        for (name, count) in [
            ("max-query-parameters", queryParameters), ("max-body-bytes", bodyBytes), ("max-body-memory", bodyMemory),
        ] where count < 0 {
            throw ArgumentParser.ValidationError("--web.\(name) must be at least 0, got \(count).")
        }
    }

    var limits: ServerLimits {
        var limits = ServerLimits()
        (limits.maxConnections, limits.maxConnectionsPerAddress) = (connections, connectionsPerAddress)
        (limits.maxTargetBytes, limits.maxQueryParameters) = (targetBytes, queryParameters)
        (limits.maxHeaderBytes, limits.maxHeaderFields, limits.maxBodyBytes) = (headerBytes, headerFields, bodyBytes)
        limits.maxBodyMemory = bodyMemory
        (limits.headerTimeout, limits.bodyTimeout) = (header, body)
        (limits.idleTimeout, limits.writeTimeout) = (idle, write)
        return limits
    }
}

/// A duration as Prometheus' flags have it: a whole number and `ms`, `s`, `m` or `h`.
func duration(_ text: String) throws -> Duration {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    if let number = Int64(digits), number > 0, number <= 1_000_000_000 {
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m": return .seconds(60 * number)
        case "h": return .seconds(3_600 * number)
        default: break
        }
    }
    throw ArgumentParser.ValidationError("It is no duration; write it like 500ms, 5s or 1m.")
}
