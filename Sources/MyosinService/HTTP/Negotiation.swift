internal import HTTPTypes
internal import MicroHTTP
internal import Primitives

/// The media types that an Accept field takes (RFC 9110, section 12.5.1).
struct MediaRanges {
    /// The weights by `application/json`, `application/*` or `*/*`; the first of several counts.
    private let weights: [String: Double]

    /// Reads a field's value and leaves out malformed elements.
    init(_ value: String) { weights = WeightedList(value).weights { $0.contains("/") ? $0 : nil } }

    /// Whether one of the media types may be sent; for each the most specific range decides.
    func accept(anyOf types: [String]) -> Bool {
        // A field without a single range that can be read asks for nothing.
        weights.isEmpty || types.contains { weight(of: $0) > 0 }
    }

    /// Whether one media type is named, and wanted more than another one.
    func name(_ type: String, before other: String) -> Bool {
        weights[type] != nil && weight(of: type) > weight(of: other)
    }

    private func weight(of type: String) -> Double {
        weights[type] ?? weights[type.prefix { $0 != "/" } + "/*"] ?? weights["*/*"] ?? 0
    }
}

/// The codings that an Accept-Encoding field takes (RFC 9110, section 12.5.3).
struct ContentCodings {
    private let weights: [String: Double]

    /// Reads a field's value and leaves out malformed elements.
    init(_ value: String) {
        // RFC 9110, section 8.4.1.3: the same by its old name.
        weights = WeightedList(value).weights { $0 == "x-gzip" ? "gzip" : $0 }
    }

    /// Whether gzip is accepted, and no less wanted than bytes as they are.
    var wantsGzip: Bool {
        guard let gzip = weights["gzip"] ?? weights["*"], gzip > 0 else { return false }
        return gzip >= weights["identity"] ?? 0
    }
}

extension Request {
    /// The values of a preference in the Prefer field (RFC 7240, section 2), in lower case, without quotes and parameters.
    ///
    /// - Parameter name: the preference's name, in lower case.
    /// - Returns: the value of each element with that name that has one.
    borrowing func preferences(_ name: String) -> [String] {
        guard let field = header(.prefer) else { return [] }
        return WeightedList(field).elements.compactMap { $0.name == name ? $0.value : nil }
    }
}

extension Problem {
    /// Why an answer in JSON cannot be given to a request; nil if it can.
    static func notAcceptable(_ request: borrowing Request, _ types: [String] = ["application/json"]) -> Problem? {
        guard let accept = request.header(.accept), !MediaRanges(accept).accept(anyOf: types) else { return nil }
        return Problem(
            .notAcceptable,
            "The answer is \(types[0]), which Accept: \(accept) does not take. Leave Accept out, or type -H 'Accept: "
                + "\(types[0])'."
        )
    }
}
