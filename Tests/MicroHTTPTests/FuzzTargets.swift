@testable import MicroHTTP

/// What is fuzzed: everything of ours that reads bytes from the network, compared with plain readers written for this.
///
/// A violated expectation traps, which is what a fuzzer looks for. `make fuzz` compiles this file together with the server.
enum FuzzTargets {
    /// Runs the target that the first byte chooses on the rest.
    static func run(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let choice = bytes.first else { return }
        let rest = UnsafeBufferPointer(rebasing: bytes.dropFirst())
        switch choice % 4 {
        case 0: path(rest)
        case 1: escapes(rest)
        case 2: host(rest)
        default: head(rest)
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

    /// The bytes are a header as it came; its fields are reported at their places, as libmicrohttpd does.
    private static func head(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let plain = PlainReader.head(Array(bytes)) else { return }
        func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes[range]) }
        let target = slice(plain.target)
        let path = UnsafeBufferPointer(rebasing: target.prefix { $0 != UInt8(ascii: "?") })
        let terminated = target.map { CChar(bitPattern: $0) } + [0]
        var head = RequestHead(
            method: slice(plain.method),
            version: slice(plain.version),
            path: path,
            target: RawTarget(terminated)
        )
        for field in plain.fields { head.note(name: slice(field.name), value: slice(field.value)) }
        let query = target.dropFirst(path.count + 1)
        if !query.isEmpty { head.noteQuery(name: UnsafeBufferPointer(rebasing: query), value: nil) }
        let configuration = ServerConfiguration(addresses: [])
        guard head.refusal(headerBytes: plain.bytes, configuration: configuration) == nil else { return }
        precondition(plain.isCanonical, "what is accepted has the canonical form")
        let names = plain.fields.map { String(decoding: slice($0.name), as: UTF8.self).lowercased() }
        precondition(!names.contains("transfer-encoding"), "no body is chunked")
        precondition(names.count { $0 == "host" } <= 1 && names.count { $0 == "content-length" } <= 1)
        precondition(PathSegments.parse(RequestTarget(path).path) != nil, "the path has segments")
        precondition(target.allSatisfy { (0x21...0x7e).contains($0) }, "the target is visible ASCII")
        let separators = target.dropFirst(path.count).count { $0 == UInt8(ascii: "&") }
        precondition(separators < configuration.limits.queryParametersMax, "the parameters are not too many")
        precondition(plain.fields.count <= configuration.limits.headerFieldsMax)
        let length = names.firstIndex(of: "content-length")
            .map { Int(String(decoding: slice(plain.fields[$0].value), as: UTF8.self)) }
        precondition(head.bodyBytes == length ?? 0, "the body has its length")
        precondition(head.bodyBytes <= configuration.limits.bodyBytesMax)
    }
}
