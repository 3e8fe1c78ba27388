/// A date and time of RFC 3339 section 5.6, `2026-01-31T12:00:00.5+01:00` for example.
package struct DateTime: Sendable, Equatable {
    /// The whole seconds since 1970, by the Gregorian calendar also for earlier dates; a leap second counts as the next second.
    package let seconds: Int
    /// The decimals of the second, without zeros at the end.
    package let decimals: String
    /// Whether it is a leap second.
    package let isLeapSecond: Bool

    /// The years 0 to 9999, which RFC 3339 can write, in seconds since 1970.
    package static let range = -62_167_219_200..<253_402_300_800

    /// Makes a moment in UTC.
    ///
    /// - Parameters:
    ///   - seconds: the whole seconds since 1970, in ``range``.
    ///   - decimals: the decimals of the second as ASCII digits.
    package init(seconds: Int, decimals: String = "") {
        (self.seconds, isLeapSecond) = (seconds, false)
        self.decimals = decimals.withoutFinalZeros
    }

    /// Reads a date and time.
    ///
    /// - Parameter text: the text; the result is nil if it is not in the format of RFC 3339.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count > 11, bytes[10] | 0x20 == UInt8(ascii: "t"), let date = Self.date(bytes[..<10]),
            let time = Time(bytes[11...]),
            let seconds = CalendarTime.secondsSince1970(
                year: date.year,
                month: date.month,
                day: date.day,
                hour: time.hour,
                minute: time.minute,
                second: 0
            )
        else { return nil }
        self.seconds = seconds + time.second - time.offset * 60
        isLeapSecond = time.second == 60
        decimals = String(decoding: time.decimals, as: UTF8.self).withoutFinalZeros
    }

    /// The seconds since 1970 as the nearest number.
    package var number: Double { Double(seconds) + (Double("0.\(decimals)") ?? 0) }

    /// The text in UTC, which ends in `Z`.
    package var text: String {
        let time = CalendarTime(secondsSince1970: seconds)
        return "\(time.dateText)T\(time.clockText)\(decimals.isEmpty ? "" : ".")\(decimals)Z"
    }

    /// Whether a text is a full date, `2026-01-31` for example.
    package static func isDate(_ text: String) -> Bool { date(Array(text.utf8)[...]) != nil }

    /// Whether a text is a time of day with an offset from UTC, `12:00:00Z` for example.
    package static func isTime(_ text: String) -> Bool { Time(Array(text.utf8)[...]) != nil }

    private static func date(_ bytes: ArraySlice<UInt8>) -> (year: Int, month: Int, day: Int)? {
        var rest = bytes
        guard bytes.count == 10, let year = number(&rest, 4), skip("-", &rest), let month = number(&rest, 2),
            skip("-", &rest),
            let day = number(&rest, 2), (1...12).contains(month)
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return (1...days).contains(day) ? (year, month, day) : nil
    }

    /// A time of day.
    private struct Time {
        let hour, minute, second: Int
        let decimals: ArraySlice<UInt8>
        /// The minutes by which the local time is ahead.
        let offset: Int

        init?(_ bytes: ArraySlice<UInt8>) {
            var rest = bytes
            guard let hour = number(&rest, 2), skip(":", &rest), let minute = number(&rest, 2), skip(":", &rest),
                let second = number(&rest, 2), hour < 24, minute < 60, second <= 60
            else { return nil }
            var decimals: ArraySlice<UInt8> = []
            if skip(".", &rest) {
                decimals = rest.prefix { $0.isDigit }
                if decimals.isEmpty { return nil }
                rest = rest.dropFirst(decimals.count)
            }
            guard let offset = DateTime.offset(&rest), rest.isEmpty else { return nil }
            // A leap second is the last one of a day in UTC.
            guard second < 60 || (hour * 60 + minute - offset + 2 * 1_440) % 1_440 == 1_439 else { return nil }
            (self.hour, self.minute, self.second) = (hour, minute, second)
            (self.decimals, self.offset) = (decimals, offset)
        }
    }

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

extension String {
    fileprivate var withoutFinalZeros: String {
        var text = self
        while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
        return text
    }
}
