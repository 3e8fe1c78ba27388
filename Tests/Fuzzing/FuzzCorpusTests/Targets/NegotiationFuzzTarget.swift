@testable import Exposition
@testable import MyosinService

/// Fuzzes the negotiation of a page of metrics: the input's first line is the field Accept, the rest Accept-Encoding.
enum NegotiationFuzzTarget {
    private static let types: Set<String> = [
        "text/plain; version=0.0.4; charset=utf-8", "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
        "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
        "text/plain; version=1.0.0; charset=utf-8; escaping=values",
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values",
    ]

    static func run(_ input: UnsafeBufferPointer<UInt8>) {
        let lines = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        format(String(decoding: lines[0], as: UTF8.self))
        if lines.count > 1 { coding(String(decoding: lines[1], as: UTF8.self)) }
    }

    private static func format(_ accept: String) {
        let format = ExpositionFormat(accepting: accept)
        precondition(types.contains(format.contentType), "nothing of what the client says is in the answer")
        // What follows is of no more weight, and what is the same changes nothing.
        precondition(ExpositionFormat(accepting: "\(accept),image/png;q=1") == format)
        if !accept.contains("/") { precondition(format == .text0_0_4) }
    }

    private static func coding(_ field: String) {
        let wantsGzip = ContentCodings(field).wantsGzip
        if !field.lowercased().contains("gzip"), !field.contains("*") { precondition(!wantsGzip) }
        precondition(!ContentCodings("gzip;q=0,\(field)").wantsGzip)
        precondition(ContentCodings("gzip,identity;q=0,\(field)").wantsGzip)
    }
}
