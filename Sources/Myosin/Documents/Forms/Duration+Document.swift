/// In documents a duration is a number of seconds, with up to 18 decimals, so that each attosecond is kept.
///
/// The text of ISO 8601 is read too: `PT1.5S`, `-PT2H30M`, `P1DT12H`, `P2W`. Years and months have no fixed length and are refused.
extension Duration: DocumentRepresentable {
    /// A number with the unit `seconds`.
    public static var documentSchema: JSONValue { ["type": "number", "x-unit": "seconds"] }

    /// Zero.
    public static var documentPlaceholder: Duration? { .zero }

    /// Makes a number of seconds.
    ///
    /// - Returns: the number, exactly.
    public func documentValue() -> JSONValue {
        let (whole, rest) = attoseconds.magnitude.quotientAndRemainder(dividingBy: Self.attosecondsPerSecond)
        var text = (attoseconds < 0 ? "-" : "") + "\(whole)"
        if rest > 0 {
            let digits = String(rest)
            text += "." + String(repeating: "0", count: Self.decimals - digits.utf8.count) + digits
            while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
        }
        return .number(JSONNumber(literal: text))
    }

    /// Reads a number of seconds, or the text of ISO 8601.
    ///
    /// - Parameter documentValue: the number or text.
    /// - Throws: ``ValidationError`` for anything else, and for a duration that `Duration` cannot hold exactly.
    public init(documentValue: JSONValue) throws(ValidationError) {
        switch documentValue {
        case .number(let number):
            guard let attoseconds = Self.attoseconds(number) else {
                throw ValidationError("", "must be a number of seconds that a Duration holds exactly", code: .range)
            }
            self.init(attoseconds: attoseconds)
        case .string(let text):
            guard let duration = ISODuration(text) else {
                throw ValidationError(
                    "",
                    "must be a number of seconds, or a text such as PT1.5S without years and months",
                    code: .format
                )
            }
            guard let attoseconds = duration.attoseconds else {
                throw ValidationError("", "must be a duration that a Duration holds exactly", code: .range)
            }
            self.init(attoseconds: attoseconds)
        default:
            throw ValidationError(
                "",
                "must be a number of seconds, or a text such as PT1.5S, got \(documentValue.mention)",
                code: .type
            )
        }
    }

    fileprivate static let decimals = 18
    fileprivate static let attosecondsPerSecond: UInt128 = 1_000_000_000_000_000_000

    /// A number of seconds in attoseconds, or nil if that is not a whole number or is too large.
    fileprivate static func attoseconds(_ seconds: JSONNumber) -> Int128? {
        let decimal = Decimal(seconds.description)
        let zeros = decimal.exponent + decimals
        // Thirty-nine digits hold every 128-bit number.
        guard decimal.isExact, zeros >= 0, decimal.digits.count + zeros <= 39 else { return nil }
        let sign = decimal.isNegative ? "-" : ""
        return Int128(sign + String(decoding: decimal.digits, as: UTF8.self) + String(repeating: "0", count: zeros))
    }
}

/// A duration in the format of ISO 8601-1 section 5.5.2, with parts of a fixed length: weeks, days, hours, minutes and seconds.
private struct ISODuration {
    private var parts: [(amount: String, seconds: Int)] = []
    private let isNegative: Bool

    /// Reads a text.
    ///
    /// - Parameter text: the text, such as `P1DT12H30M5.25S`; the last part may have decimals after a point or a comma.
    init?(_ text: String) {
        var rest = Substring(text)
        isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        guard rest.popFirst() == "P", !rest.isEmpty else { return nil }
        // In their required order; `M` before the `T` would be months.
        var units: [(letter: Character, seconds: Int)] = [("W", 604_800), ("D", 86_400)]
        var isTime = false
        while !rest.isEmpty {
            if !isTime, rest.first == "T" {
                rest.removeFirst()
                (isTime, units) = (true, [("H", 3_600), ("M", 60), ("S", 1)])
                if rest.isEmpty { return nil }
            }
            guard let amount = Self.amount(&rest), let letter = rest.popFirst(),
                let index = units.firstIndex(where: { $0.letter == letter }),
                !amount.contains(".") || rest.isEmpty
            else { return nil }
            parts.append((amount, units[index].seconds))
            units.removeFirst(index + 1)
        }
    }

    /// Digits, with decimals or without, as a JSON number has them.
    private static func amount(_ rest: inout Substring) -> String? {
        func digits() -> Substring? {
            let digits = rest.prefix { $0.isASCII && $0.isWholeNumber }
            rest = rest.dropFirst(digits.count)
            return digits.isEmpty ? nil : digits
        }
        guard let whole = digits() else { return nil }
        guard rest.first == "." || rest.first == "," else { return String(whole) }
        rest.removeFirst()
        return digits().map { "\(whole).\($0)" }
    }

    /// The whole duration, or nil if a `Duration` cannot hold it exactly.
    var attoseconds: Int128? {
        var sum: Int128 = 0
        for (amount, seconds) in parts {
            // Each part has the sign, because the least duration has no positive counterpart.
            guard let part = Duration.attoseconds(JSONNumber(literal: (isNegative ? "-" : "") + amount)) else {
                return nil
            }
            let (product, isOver) = part.multipliedReportingOverflow(by: Int128(seconds))
            let (total, isTooMuch) = sum.addingReportingOverflow(product)
            if isOver || isTooMuch { return nil }
            sum = total
        }
        return sum
    }
}
