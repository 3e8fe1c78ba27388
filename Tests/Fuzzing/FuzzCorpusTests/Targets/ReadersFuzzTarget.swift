@testable import MicroHTTP
@testable import Primitives

/// Fuzzes the HTTP server's readers of bytes from the network, each against a plain reader.
///
/// A violated expectation traps, which a fuzzer looks for.
enum ReadersFuzzTarget {
    /// Runs the target that the first byte chooses on the rest.
    static func run(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let choice = bytes.first else { return }
        let rest = UnsafeBufferPointer(rebasing: bytes.dropFirst())
        switch choice % 5 {
        case 0: path(rest)
        case 1: escapes(rest)
        case 2: host(rest)
        case 3: head(rest)
        default: memory(rest)
        }
    }

    private static func path(_ bytes: UnsafeBufferPointer<UInt8>) {
        let segments = PathSegments.parse(bytes)
        precondition(PathSegments.isAcceptable(bytes) == (segments != nil), "both judge alike")
        precondition(segments == PlainReader.segments(Array(bytes)), "the plain reader reads the same")
        for segment in segments ?? [] {
            precondition(segment != "." && segment != ".." && !segment.contains("/") && !segment.contains("\0"))
        }
        guard let segments, !bytes.contains(UInt8(ascii: "%")) else { return }
        for template in templates {
            let (fast, slow) = (template.match(bytes), template.match(segments))
            precondition((fast == nil) == (slow == nil), "both match alike")
            precondition(fast?["a"] == slow?["a"] && fast?["b"] == slow?["b"], "with the same parameters")
        }
    }

    private static let templates = ["/", "/{a}", "/state/{a}", "/{a}/state", "/{a}/{b}", "/state/"]
        .map { PathTemplate($0) }

    private static func escapes(_ bytes: UnsafeBufferPointer<UInt8>) {
        let decoded = PercentDecoding.decode(bytes)
        precondition(PercentDecoding.isDecodable(bytes) == (decoded != nil), "both judge alike")
        precondition(decoded == PlainReader.decode(Array(bytes)), "the plain reader reads the same")
    }

    private static func host(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(HostField.isValid(bytes) == PlainReader.isHost(Array(bytes)), "the plain reader judges the same")
    }

    private static let limits = ServerLimits()

    /// The bytes are a header as it came.
    private static func head(_ bytes: UnsafeBufferPointer<UInt8>) {
        let judgement = RequestHead.judge(bytes, limits: limits)
        let plain = PlainReader.head(Array(bytes))
        switch judgement {
        case .refused: break
        case .incomplete: precondition(plain == nil, "what the plain reader has read is complete")
        case .accepted(let head):
            guard let plain else { preconditionFailure("what is accepted, the plain reader has read") }
            precondition(head.start == plain.start && head.bytes == plain.bytes, "it ends at the same place")
            precondition(head.start + head.targetStart == plain.target.lowerBound, "and so begins the target")
            check(head, plain, bytes)
            let places = stride(from: 0, to: head.start + head.bytes, by: max(1, head.bytes / 16))
            for place in places {
                guard case .incomplete = RequestHead.judge(.init(rebasing: bytes[..<place]), limits: limits) else {
                    preconditionFailure("a part of it is waited for")
                }
            }
        }
    }

    private static func check(_ head: RequestHead, _ plain: PlainReader.Head, _ bytes: UnsafeBufferPointer<UInt8>) {
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        let names = plain.fields.map { text($0.name).lowercased() }
        precondition(!names.contains("transfer-encoding"), "no body is chunked")
        precondition(names.count { $0 == "host" } <= 1 && names.count { $0 == "content-length" } <= 1)
        let target = UnsafeBufferPointer(rebasing: bytes[plain.target])
        let path = UnsafeBufferPointer(rebasing: target.prefix { $0 != UInt8(ascii: "?") })
        precondition(PathSegments.parse(RequestTarget(path).path) != nil, "the path has segments")
        precondition(target.allSatisfy { (0x21...0x7e).contains($0) }, "the target is visible ASCII")
        let separators = target.dropFirst(path.count).count { $0 == UInt8(ascii: "&") }
        precondition(separators < limits.maxQueryParameters, "the parameters are not too many")
        precondition(plain.fields.count <= limits.maxHeaderFields)
        let length = names.firstIndex(of: "content-length").map { Int(text(plain.fields[$0].value)) }
        precondition(head.bodyBytes == length ?? 0, "the body has its length")
        precondition(head.bodyBytes <= limits.maxBodyBytes)
    }

    /// The bytes are a later header in the memory of a library that reads leniently; the first one says how many come first.
    private static func memory(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let first = bytes.first else { return }
        let header = Array(bytes.dropFirst())
        let count = header.count * Int(first) / 255
        let taken = Libmicrohttpd075.takes(header, receivedAtFirst: count, limits: limits)
        if let taken {
            // An empty line before it may have been two of other bytes.
            var plain = header
            if plain.starts(with: [0x0a, 0x0a]) || plain.starts(with: [0, 0x0a]) { plain[0...1] = [0x0d, 0x0a] }
            precondition(PlainReader.head(plain)?.bytes == taken, "what is taken, the plain reader has read")
        }
        guard case .accepted(let head) = header.withUnsafeBufferPointer({ RequestHead.judge($0, limits: limits) })
        else {
            return
        }
        // The library calls back when it has the request line.
        let line = (header.firstIndex(of: 0x0a) ?? 0) + 1
        // Without fields a later request is refused.
        guard head.start == 0, count >= line, !header[line...].starts(with: [0x0d, 0x0a]) else { return }
        precondition(taken == head.bytes, "what is accepted is taken, however it comes")
    }
}
