#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A moment in UTC as year, month, day and time of day, by the Gregorian calendar.
package struct CalendarTime: Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int
    /// 0 for Sunday to 6 for Saturday.
    package let weekday: Int
    package let hour: Int
    package let minute: Int
    /// 0 to 59; leap seconds are not counted.
    package let second: Int

    /// The years 1 to 9999, in seconds since 1970: those that have four digits.
    package static let range = -62_135_596_800.0..<253_402_300_800.0

    /// Splits a moment into its parts.
    ///
    /// - Parameter seconds: the moment, in seconds since 1970.
    package init(secondsSince1970 seconds: Int) {
        var (time, parts) = (time_t(seconds), tm())
        gmtime_r(&time, &parts)
        (year, month, day) = (Int(parts.tm_year) + 1_900, Int(parts.tm_mon) + 1, Int(parts.tm_mday))
        (weekday, hour) = (Int(parts.tm_wday), Int(parts.tm_hour))
        (minute, second) = (Int(parts.tm_min), Int(parts.tm_sec))
    }

    /// The day as `2026-11-29`.
    package var dateText: String { "\(year.padded(to: 4))-\(month.padded(to: 2))-\(day.padded(to: 2))" }

    /// The time of day as `08:49:37`.
    package var clockText: String { "\(hour.padded(to: 2)):\(minute.padded(to: 2)):\(second.padded(to: 2))" }

    /// The seconds since 1970 at a date and time in UTC.
    ///
    /// - Returns: the seconds; nil for a day that the month does not have.
    package static func secondsSince1970(
        year: Int,
        month: Int,
        day: Int,
        hour: Int,
        minute: Int,
        second: Int
    ) -> Int? {
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year - 1_900), Int32(month - 1), Int32(day))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
        let seconds = timegm(&parts)
        // C moves a day that the month does not have on to the next month.
        return Int(parts.tm_mday) == day ? Int(seconds) : nil
    }
}
