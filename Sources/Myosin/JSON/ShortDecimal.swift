/// A decimal of at most 15 digits: what nearly all numbers in documents are.
///
/// No two of them are the same `Double` (C's `DBL_DIG` is 15), so one that gives a number back is the shortest text of it. Up to
/// 10 to the 15th all whole numbers and powers of ten are `Double`s, and a division of IEEE 754 gives the number nearest to the
/// quotient. So a division takes such a decimal to its `Double`, where a general one needs long arithmetic.
struct ShortDecimal {
    private let significand: UInt64
    private let fractionDigits: Int
    private let isNegative: Bool

    private static let maxDigits = 15
    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
    /// Numbers with more digits behind the point are rare, and looking for them would be in vain.
    private static let fractionDigitsTried = 6

    /// The decimal that a number is written as; nil for zero, and where another way has to be taken.
    init?(_ value: Double) {
        let magnitude = value.magnitude
        // Smaller ones, which have an exponent at some point, and larger ones have none.
        guard magnitude >= 0.001, magnitude < 1e15 else { return nil }
        for fractionDigits in 0...Self.fractionDigitsTried {
            let scaled = magnitude * Self.powersOfTen[fractionDigits]
            guard scaled < 1e15 else { return nil }
            // Rounded; whether rightly so shows in the next line.
            let significand = UInt64(scaled + 0.5)
            if Double(significand) / Self.powersOfTen[fractionDigits] == magnitude {
                (self.significand, self.fractionDigits, isNegative) = (significand, fractionDigits, value < 0)
                return
            }
        }
        return nil
    }

    /// Reads a JSON number; nil for zero, and for one with an exponent or more digits.
    init?(literal text: String) {
        var (significand, digits, point): (UInt64, Int, Int?) = (0, 0, nil)
        var text = text
        guard text.utf8.count <= Self.maxDigits + 2 else { return nil }
        let isNegative: Bool? = text.withUTF8 { bytes in
            let isNegative = bytes.first == UInt8(ascii: "-")
            for byte in bytes.dropFirst(isNegative ? 1 : 0) {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    significand = significand * 10 + UInt64(byte - UInt8(ascii: "0"))
                    digits += 1
                case UInt8(ascii: "."): point = digits
                default: return nil
                }
            }
            return isNegative
        }
        guard let isNegative, digits <= Self.maxDigits, significand > 0 else { return nil }
        (self.significand, self.isNegative) = (significand, isNegative)
        fractionDigits = digits - (point ?? digits)
    }

    /// The nearest `Double`, of which no digit is lost.
    var number: Double {
        let magnitude = Double(significand) / Self.powersOfTen[fractionDigits]
        return isNegative ? -magnitude : magnitude
    }

    /// Appends the decimal as JSON.
    func write(to output: inout [UInt8]) {
        if isNegative { output.append(UInt8(ascii: "-")) }
        let start = output.count
        var (rest, place) = (significand, 0)
        // From the last digit on; one stands before the point.
        repeat {
            if place == fractionDigits, place > 0 { output.append(UInt8(ascii: ".")) }
            output.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
            place += 1
        } while rest > 0 || place <= fractionDigits
        var (left, right) = (start, output.count - 1)
        while left < right {
            output.swapAt(left, right)
            (left, right) = (left + 1, right - 1)
        }
    }
}
