/// What a server has done so far.
public struct ServerStatistics: Sendable, Hashable {
    /// The connections that are open.
    public internal(set) var connections = 0
    /// The connections that were accepted, refused ones too.
    public internal(set) var connectionsAccepted = 0
    /// The requests whose header was read completely and that are not answered yet, streams among them.
    public internal(set) var requestsRunning = 0
    /// The requests that a handler was called for.
    public internal(set) var requestsHandled = 0
    /// The requests that the server itself has refused, since they are malformed, unknown or too large.
    public internal(set) var requestsRefused = 0
    /// How often each limit was hit, in the order of `ServerLimit.allCases`.
    package private(set) var hits = [Int](repeating: 0, count: ServerLimit.allCases.count)

    init() {}

    /// That of a server that has not begun.
    package static let none = ServerStatistics()

    /// How often each limit was hit.
    public var limitHits: [ServerLimit: Int] {
        Dictionary(uniqueKeysWithValues: zip(ServerLimit.allCases, hits))
    }

    mutating func count(_ limit: ServerLimit) {
        guard let index = ServerLimit.allCases.firstIndex(of: limit) else { return }
        hits[index] += 1
    }
}

/// A limit that a connection or a request can hit.
public enum ServerLimit: String, Sendable, CaseIterable {
    /// ``ServerLimits/maxConnections``.
    case connections
    /// ``ServerLimits/maxConnectionsPerAddress``.
    case connectionsPerAddress
    /// The system's limit of open files.
    case descriptors
    /// ``ServerLimits/maxTargetBytes``.
    case uriBytes
    /// ``ServerLimits/maxQueryParameters``.
    case queryParameters
    /// ``ServerLimits/maxHeaderBytes``.
    case headerBytes
    /// ``ServerLimits/maxHeaderFields``.
    case headerFields
    /// ``ServerLimits/maxBodyBytes``.
    case bodyBytes
    /// ``ServerLimits/maxBodyMemory``.
    case bodyMemory
    /// ``ServerLimits/headerTimeout``.
    case headerTime
    /// ``ServerLimits/bodyTimeout``.
    case bodyTime
    /// ``ServerLimits/idleTimeout``.
    case idleTime
    /// ``ServerLimits/writeTimeout``.
    case writeTime
}
