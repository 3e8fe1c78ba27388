internal import Primitives

/// The segments before all paths of a table of routes, such as `/gateways/1`, as a proxy passes them on.
public struct PathPrefix: Sendable, Hashable, CustomStringConvertible {
    /// The prefix, percent-encoded where a path must be; it begins with a slash and does not end with one, or is empty.
    public let description: String
    private let segments: [String]
    /// The prefix before a path without escapes.
    private let plain: [UInt8]

    /// No segment.
    public static let none = PathPrefix(segments: [], description: "")

    /// Reads a prefix, or nil from a text that is not one.
    ///
    /// - Parameter text: the path: visible ASCII, percent-encoded UTF-8, without a query and without the segments `.` and `..`.
    ///   Slashes at both ends make no difference, and several are one.
    public init?(_ text: String) {
        let raw = text.split(separator: "/")
        // Brackets and braces are patterns for curl, and quotes end a link.
        guard text.utf8.allSatisfy({ $0.isVisible && !"?#\"'<>\\`{|}^[]".utf8.contains($0) }) else { return nil }
        var segments: [String] = []
        for segment in raw {
            guard let decoded = PercentDecoding.decode(segment.utf8), ![".", ".."].contains(decoded),
                !decoded.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
            else { return nil }
            segments.append(decoded)
        }
        self.init(segments: segments, description: raw.map { "/\($0)" }.joined())
    }

    private init(segments: [String], description: String) {
        (self.segments, self.description) = (segments, description)
        plain = Array(segments.map { "/\($0)" }.joined().utf8)
    }

    /// Whether there is no segment.
    public var isEmpty: Bool { segments.isEmpty }

    /// The number of its segments.
    public var count: Int { segments.count }

    /// What follows the prefix in a path, from the slash on.
    ///
    /// - Parameter path: the raw path, without a query.
    /// - Returns: the rest; nil for a path that is not below the prefix.
    public func rest(of path: String) -> String? {
        if isEmpty { return path }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > segments.count + 1, parts[0].isEmpty else { return nil }
        for (part, segment) in zip(parts.dropFirst(), segments) {
            guard PercentDecoding.decode(part.utf8)?.isSpelled(as: segment) == true else { return nil }
        }
        return parts[(segments.count + 1)...].map { "/\($0)" }.joined()
    }

    /// The decoded segments after the prefix; nil for a path that is not below it.
    func rest(of path: [String]) -> [String]? {
        if isEmpty { return path }
        guard path.count > segments.count, zip(path, segments).allSatisfy({ $0.isSpelled(as: $1) }) else { return nil }
        let rest = Array(path[segments.count...])
        // A slash at the end makes an empty last segment, and the root has none.
        return rest == [""] ? [] : rest
    }

    /// What follows the prefix in a path without escapes, lent with the path; nil for one that is not below it.
    func rest(of path: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        if plain.isEmpty { return path }
        guard path.count > plain.count, path[plain.count] == UInt8(ascii: "/"), path.starts(with: plain) else {
            return nil
        }
        return UnsafeBufferPointer(rebasing: path[plain.count...])
    }
}
