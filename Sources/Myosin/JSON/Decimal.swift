internal import Primitives

/// A number as sign, significant digits and power of ten, in the one form that equal numbers share.
struct Decimal: Equatable {
    /// ASCII digits without leading and trailing zeros; none for zero.
    var digits: [UInt8] = []
    /// The power of ten by which the digits, read as a whole number, are multiplied; 0 for zero.
    var exponent = 0
    var isNegative = false
    /// Whether the exponent is the one that is written, and not the greatest that is told apart.
    var isExact = true

    /// Takes JSON number text apart.
    init(_ text: String) {
        var isFraction = false
        var bytes = text.utf8.makeIterator()
        scan: while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if isFraction { exponent -= 1 }
                if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte) }
            default: break scan
            }
        }
        let writtenExponent = Self.writtenExponent(&bytes)
        exponent += writtenExponent
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        isExact = abs(writtenExponent) < Self.maxExponent
        if digits.isEmpty { (exponent, isNegative, isExact) = (0, false, true) }
    }

    private static let maxExponent = 1_000_000_000_000

    /// Reads what follows the `e`, at most a trillion.
    private static func writtenExponent(_ bytes: inout String.UTF8View.Iterator) -> Int {
        var (magnitude, isNegative) = (0, false)
        while let byte = bytes.next() {
            if byte == UInt8(ascii: "-") { isNegative = true }
            if byte.isDigit {
                magnitude = min(magnitude * 10 + Int(byte - UInt8(ascii: "0")), maxExponent)
            }
        }
        return isNegative ? -magnitude : magnitude
    }
}

extension Decimal: Comparable {
    static func < (left: Decimal, right: Decimal) -> Bool {
        if left.sign != right.sign { return left.sign < right.sign }
        return left.isNegative ? right.hasLessMagnitude(than: left) : left.hasLessMagnitude(than: right)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    private func hasLessMagnitude(than other: Decimal) -> Bool {
        // Where the first digit stands decides, then the digits as text: neither has leading zeros.
        let (left, right) = (digits.count + exponent, other.digits.count + other.exponent)
        return left == right ? digits.lexicographicallyPrecedes(other.digits) : left < right
    }
}

extension Decimal {
    /// Whether this is a whole number of times another one; nil unless that is positive and its digits fit 64 bits.
    func isMultiple(of divisor: Decimal) -> Bool? {
        guard divisor.sign > 0, divisor.digits.count <= 18,
            let step = UInt64(String(decoding: divisor.digits, as: UTF8.self))
        else { return nil }
        if digits.isEmpty { return true }
        // The digits do not end in 0, so what has more places than the divisor is no multiple of it.
        guard exponent >= divisor.exponent else { return false }
        let remainder = digits.reduce(0 as UInt64) { Self.remainder($0, 10, by: step, plus: UInt64($1 & 0xF)) }
        let power = Self.powerOfTen(exponent - divisor.exponent, modulo: step)
        return Self.remainder(remainder, power, by: step, plus: 0) == 0
    }

    private static func powerOfTen(_ exponent: Int, modulo step: UInt64) -> UInt64 {
        var (result, square, rest) = (1 % step, 10 % step, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = remainder(result, square, by: step, plus: 0) }
            square = remainder(square, square, by: step, plus: 0)
            rest >>= 1
        }
        return result
    }

    /// What is left of `left * right + more` after division; each of the factors is below `step`, or ten.
    private static func remainder(_ left: UInt64, _ right: UInt64, by step: UInt64, plus more: UInt64) -> UInt64 {
        UInt64((UInt128(left) * UInt128(right) + UInt128(more)) % UInt128(step))
    }
}

extension Decimal: CustomStringConvertible {
    /// As many digits before the point are written without an exponent, as in JavaScript.
    static let maxPlainDigits = 21

    /// A whole number as its digits.
    var plainDigits: String {
        "\(isNegative ? "-" : "")\(String(decoding: digits, as: UTF8.self))\(String(repeating: "0", count: exponent))"
    }

    /// The number as JSON text, with an exponent where more than ``maxPlainDigits`` would be needed.
    var description: String {
        let text = String(decoding: digits, as: UTF8.self)
        let sign = isNegative ? "-" : ""
        let point = digits.count + exponent
        func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
        switch point {
        case _ where digits.isEmpty: return "0"
        case 1...Self.maxPlainDigits where exponent >= 0: return plainDigits
        case 1...Self.maxPlainDigits: return "\(sign)\(text.prefix(point)).\(text.dropFirst(point))"
        case -5...0: return "\(sign)0.\(zeros(-point))\(text)"
        default:
            let fraction = digits.count > 1 ? ".\(text.dropFirst())" : ""
            return "\(sign)\(text.prefix(1))\(fraction)e\(point > 0 ? "+" : "")\(point - 1)"
        }
    }
}
