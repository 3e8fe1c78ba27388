#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Times as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 section 5.6.7.
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The years 1 to 9999 in seconds since 1970: a date has four digits for its year.
    private static let range = -62_135_596_800.0..<253_402_300_800.0

    /// The text of a time.
    ///
    /// - Parameter seconds: since 1970; a fraction is left out.
    /// - Returns: the text; nil for a time that has no date, since a clock or a store may tell nonsense.
    static func text(_ seconds: Double) -> String? {
        guard range.contains(seconds) else { return nil }
        var (time, parts) = (time_t(seconds.rounded(.down)), tm())
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let year = String(String(11_900 + parts.tm_year).suffix(4))
        let day = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(year)"
        return "\(day) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
