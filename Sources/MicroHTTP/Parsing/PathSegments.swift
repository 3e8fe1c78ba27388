internal import Primitives

/// The decoded segments of a path, or nothing for a path that the server refuses.
enum PathSegments {
    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    /// Splits and decodes a path.
    ///
    /// `/` has no segments, and a slash at the end makes an empty last one.
    ///
    /// - Parameter path: the raw path without the query.
    /// - Returns: the segments; nil if the path does not begin with a slash, has white space, control characters or bytes
    ///   above ASCII, bad escapes, `%00`, `%2f`, segments that are not UTF-8, or `.` or `..` as a segment.
    static func parse(_ path: some BidirectionalCollection<UInt8>) -> [String]? {
        guard path.first == slash, path.allSatisfy(\.isVisible) else { return nil }
        guard path.count > 1 else { return [] }
        var segments: [String] = []
        for raw in path.dropFirst().split(separator: slash, omittingEmptySubsequences: false) {
            guard let segment = PercentDecoding.decode(raw), segment != ".", segment != "..",
                !segment.utf8.contains(where: { $0 == slash || $0 == 0 })
            else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// Whether ``parse(_:)`` would take the path, found without an allocation for a path that needs no decoding.
    static func isAcceptable(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        guard path.first == slash else { return false }
        if ByteSet.plainPath.containsAll(path) { return true }
        var previous = slash
        for byte in path {
            guard byte.isVisible else { return false }
            if byte == PercentDecoding.percent || (byte == dot && previous == slash) { return parse(path) != nil }
            previous = byte
        }
        return true
    }
}
