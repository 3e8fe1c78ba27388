internal import Primitives

/// Times as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 section 5.6.7.
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The last date that was written: each answer to a write has one, and those of a second the same.
    private static let last = Lock<(time: Int, text: String)?>(nil)

    /// The text of a time.
    ///
    /// - Parameter seconds: since 1970; a fraction is left out.
    /// - Returns: the text; nil for a time that has no date, since a clock or a store may tell nonsense.
    package static func text(_ seconds: Double) -> String? {
        guard CalendarTime.range.contains(seconds) else { return nil }
        let time = Int(seconds.rounded(.down))
        if let text = last.withLock({ $0?.time == time ? $0?.text : nil }) { return text }
        let new = text(at: time)
        last.withLock { $0 = (time, new) }
        return new
    }

    private static func text(at seconds: Int) -> String {
        let time = CalendarTime(secondsSince1970: seconds)
        return "\(days[time.weekday]), \(time.day.padded(to: 2)) \(months[time.month - 1]) \(time.year.padded(to: 4)) "
            + "\(time.clockText) GMT"
    }

    /// Reads a time in any of the three forms that RFC 9110 has.
    ///
    /// - Parameter text: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`; the name
    ///   of the day is not looked at.
    /// - Returns: seconds since 1970; nil if it is none of these.
    package static func seconds(_ text: String) -> Double? {
        var words = text.split(separator: " ").map(String.init)
        guard words.count == (text.contains(",") ? (text.contains("-") ? 4 : 6) : 5) else { return nil }
        let hasZone = text.contains(",")
        if hasZone, words.removeLast() != "GMT" { return nil }
        words.removeFirst()
        if words.count == 2 {
            // The form with hyphens and two digits of the year.
            let date = words[0].split(separator: "-").map(String.init)
            guard date.count == 3, date[2].utf8.count == 2, let year = number(date[2]) else { return nil }
            words = [date[0], date[1], "\(year < 70 ? 2_000 + year : 1_900 + year)", words[1]]
        } else if !hasZone {
            // The form of C: month, day, time, year.
            words = [words[1], words[0], words[3], words[2]]
        }
        guard let day = number(words[0]), let month = months.firstIndex(of: words[1]), words[2].utf8.count == 4,
            let year = number(words[2])
        else { return nil }
        let parts = words[3].split(separator: ":", omittingEmptySubsequences: false)
        let time = parts.compactMap { $0.utf8.count == 2 ? number(String($0)) : nil }
        guard parts.count == 3, time.count == 3, time[0] < 24, time[1] < 60, time[2] <= 60 else { return nil }
        // A leap second is the one after the 59th.
        return
            CalendarTime.secondsSince1970(
                year: year,
                month: month + 1,
                day: day,
                hour: time[0],
                minute: time[1],
                second: min(time[2], 59)
            )
            .map { Double($0 + (time[2] == 60 ? 1 : 0)) }
    }

    private static func number(_ text: String) -> Int? {
        text.utf8.count <= 4 && text.utf8.allSatisfy(\.isDigit) ? Int(text) : nil
    }
}
