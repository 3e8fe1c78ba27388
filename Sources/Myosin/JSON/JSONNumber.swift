/// A JSON number with the digits it was written with, so that nothing is lost between reading and writing it.
public struct JSONNumber: Sendable, LosslessStringConvertible {
    /// The number as JSON text, `21.50` for example.
    public let description: String

    /// Makes a number from text that a JSON reader has already checked.
    init(literal: String) { description = literal }

    /// Makes a whole number.
    public init(_ value: some BinaryInteger) { description = "\(value)" }

    /// Makes a number with the shortest digits that read back as the same value.
    ///
    /// - Parameter value: the value; nil results for NaN and the infinities, which JSON does not have.
    public init?(_ value: some BinaryFloatingPoint & LosslessStringConvertible) {
        guard value.isFinite else { return nil }
        let text = value.description
        description = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Reads the text of a number as JSON has it, and keeps its digits.
    ///
    /// - Parameter text: the text, `21.50` for example; the result is nil if it is not a number in JSON.
    public init?(_ text: String) {
        // The error is dropped, because the caller's own message is better.
        guard case .number(let number)? = try? JSONValue(parsing: text), number.description == text else { return nil }
        self = number
    }

    /// The value as a whole number of the type, or nil when it has a fraction or does not fit.
    public func integer<Integer: FixedWidthInteger>(_ type: Integer.Type = Integer.self) -> Integer? {
        if let plain = Integer(description) { return plain }
        let decimal = Decimal(description)
        // Twenty digits hold every 64-bit integer, forty every 128-bit one.
        guard decimal.exponent >= 0, decimal.digits.count + decimal.exponent <= 40 else { return nil }
        let zeros = String(repeating: "0", count: decimal.exponent)
        let digits = String(decoding: decimal.digits, as: UTF8.self) + zeros
        return Integer((decimal.isNegative ? "-" : "") + (digits.isEmpty ? "0" : digits))
    }

    /// The value as a floating-point number, or nil when that would change the value that the digits tell.
    ///
    /// `0.1` is accepted, as its shortest digits read back are again `0.1`; `9007199254740993` is not a `Double`.
    public func floatingPoint<Value: BinaryFloatingPoint & LosslessStringConvertible>(
        _ type: Value.Type = Value.self
    ) -> Value? {
        if type == Double.self, let decimal = ShortDecimal(literal: description), let value = decimal.number as? Value {
            return value
        }
        guard let value = Value(description), value.isFinite else { return nil }
        // Every decimal of so many digits survives the way to the type and back (C's DBL_DIG is 15, FLT_DIG 6, FLT16_DIG 3).
        let digitsAlwaysKept = Value.significandBitCount >= 52 ? 15 : Value.significandBitCount >= 23 ? 6 : 3
        if description.utf8.count <= digitsAlwaysKept, !value.isZero, value.isNormal { return value }
        if let again = JSONNumber(value), Decimal(again.description) == Decimal(description) { return value }
        // Other encoders write a Float16 with the digits of the Float of the same value, as the standard library encodes it.
        guard type == Float16.self, let wide = floatingPoint(Float.self), Float(value) == wide else { return nil }
        return value
    }

    /// Whether the value is whole.
    public var isInteger: Bool { Decimal(description).exponent >= 0 }

    /// How many digits a whole number may have in a document where it stays one, instead of getting an exponent.
    package static let maxIntegerDigits = 100

    /// The same value in the one spelling that equal numbers share: without needless digits, exponents only where the plain
    /// digits would be many.
    ///
    /// A number whose exponent reaches a trillion has none, and is nil.
    package var canonical: JSONNumber? { canonical { false } }

    /// The same, for a place in a document.
    ///
    /// - Parameter isIntegerKept: whether an integer has an exponent only beyond ``maxIntegerDigits`` digits, because many readers take a
    ///   number with an exponent for a fraction; called only where that makes a difference.
    /// - Returns: the number; nil where the exponent reaches a trillion.
    package func canonical(isIntegerKept: () -> Bool) -> JSONNumber? {
        let decimal = Decimal(description)
        guard decimal.isExact else { return nil }
        let (digits, usual) = (decimal.digits.count + decimal.exponent, Decimal.maxPlainDigits)
        let isLong = decimal.exponent >= 0 && digits > usual && digits <= Self.maxIntegerDigits
        return JSONNumber(literal: isLong && isIntegerKept() ? decimal.plainDigits : decimal.description)
    }

    /// Whether the value is a multiple of another one, exactly.
    ///
    /// - Parameter divisor: a positive number of at most 18 significant digits.
    /// - Returns: the answer; nil for another divisor.
    package func isMultiple(of divisor: JSONNumber) -> Bool? {
        Decimal(description).isMultiple(of: Decimal(divisor.description))
    }
}

extension JSONNumber: Equatable {
    /// Two numbers are equal when their values are, however they are written.
    ///
    /// Only where an exponent reaches a trillion they must also be written alike.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.description == right.description { return true }
        let (left, right) = (Decimal(left.description), Decimal(right.description))
        return left.isExact && left == right
    }
}

extension JSONNumber: Comparable {
    /// Whether a number is less than another one, exactly.
    public static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        Decimal(left.description) < Decimal(right.description)
    }
}
