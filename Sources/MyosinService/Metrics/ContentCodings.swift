/// What an Accept-Encoding field asks for (RFC 9110, section 12.5.3).
struct ContentCodings {
    private var weights: [String: Double] = [:]

    /// More of them are not looked at.
    private static let codingsMax = 32

    /// Reads a field's value; what is malformed is left out, and of one that is there twice the first counts.
    init(_ value: String?) {
        for item in (value ?? "").items(separatedBy: ",").prefix(Self.codingsMax) {
            let parts = item.items(separatedBy: ";").map { $0.trimmed.lowercased() }
            var weight = 1.0
            if let text = parts.dropFirst().first(where: { $0.hasPrefix("q=") })?.dropFirst(2) {
                guard let number = Double(text), number >= 0, number <= 1 else { continue }
                weight = number
            }
            // RFC 9110, section 8.4.1.3: the same by its old name.
            let name = parts[0] == "x-gzip" ? "gzip" : parts[0]
            if weights[name] == nil { weights[name] = weight }
        }
    }

    /// Whether gzip is accepted, and no less wanted than bytes as they are.
    var wantsGzip: Bool {
        guard let gzip = weights["gzip"] ?? weights["*"], gzip > 0 else { return false }
        return gzip >= weights["identity"] ?? 0
    }
}
