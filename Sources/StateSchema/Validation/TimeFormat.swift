internal import Primitives

/// Dates and times as RFC 3339 section 5.6 has them.
enum TimeFormat {
    static func isDateTime(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 11, bytes[10] | 0x20 == UInt8(ascii: "t") else { return false }
        return isDate(bytes[..<10]) && isTime(bytes[11...])
    }

    static func isDate(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        guard bytes.count == 10, let year = number(&rest, 4), skip("-", &rest), let month = number(&rest, 2),
            skip("-", &rest),
            let day = number(&rest, 2), (1...12).contains(month)
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return (1...days).contains(day)
    }

    static func isTime(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        guard let hour = number(&rest, 2), skip(":", &rest), let minute = number(&rest, 2), skip(":", &rest),
            let second = number(&rest, 2), hour < 24, minute < 60, second <= 60
        else { return false }
        if skip(".", &rest) {
            let fraction = rest.prefix { $0.isDigit }
            if fraction.isEmpty { return false }
            rest = rest.dropFirst(fraction.count)
        }
        guard let offset = offset(&rest), rest.isEmpty else { return false }
        // A leap second is the last one of a day in UTC.
        return second < 60 || (hour * 60 + minute - offset + 2 * 1_440) % 1_440 == 1_439
    }

    /// The minutes by which the local time is ahead.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int? {
        if rest.first.map({ $0 | 0x20 == UInt8(ascii: "z") }) == true {
            rest = rest.dropFirst()
            return 0
        }
        let isAhead = skip("+", &rest)
        guard isAhead || skip("-", &rest), let hours = number(&rest, 2), skip(":", &rest),
            let minutes = number(&rest, 2),
            hours < 24, minutes < 60
        else { return nil }
        return (isAhead ? 1 : -1) * (hours * 60 + minutes)
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(\.isDigit) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 & 0xF) }
    }

    private static func skip(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
