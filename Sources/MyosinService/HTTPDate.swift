#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Locking

/// Times as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 section 5.6.7.
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The last date that was written: each answer to a write has one, and those of a second the same.
    private static let last = Lock<(time: time_t, text: String)?>(nil)

    /// The bytes of a date.
    private static let length = 29

    /// The years 1 to 9999 in seconds since 1970: a date has four digits for its year.
    private static let range = -62_135_596_800.0..<253_402_300_800.0

    /// The text of a time.
    ///
    /// - Parameter seconds: since 1970; a fraction is left out.
    /// - Returns: the text; nil for a time that has no date, since a clock or a store may tell nonsense.
    static func text(_ seconds: Double) -> String? {
        guard range.contains(seconds) else { return nil }
        let time = time_t(seconds.rounded(.down))
        if let text = last.withLock({ $0?.time == time ? $0?.text : nil }) { return text }
        let new = text(at: time)
        last.withLock { $0 = (time, new) }
        return new
    }

    private static func text(at time: time_t) -> String {
        var (time, parts) = (time, tm())
        gmtime_r(&time, &parts)
        return String(unsafeUninitializedCapacity: length) { room in
            var count = 0
            func append(_ letters: some Sequence<UInt8>) {
                for letter in letters {
                    room[count] = letter
                    count += 1
                }
            }
            func append(_ number: Int32, digits: Int) {
                var rest = number
                for place in (count..<count + digits).reversed() {
                    room[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                count += digits
            }
            append(days[Int(parts.tm_wday)].utf8)
            append(", ".utf8)
            append(parts.tm_mday, digits: 2)
            append(" ".utf8)
            append(months[Int(parts.tm_mon)].utf8)
            append(" ".utf8)
            append(1_900 + parts.tm_year, digits: 4)
            append(" ".utf8)
            append(parts.tm_hour, digits: 2)
            append(":".utf8)
            append(parts.tm_min, digits: 2)
            append(":".utf8)
            append(parts.tm_sec, digits: 2)
            append(" GMT".utf8)
            return count
        }
    }

    /// Reads a time in any of the three forms that RFC 9110 has.
    ///
    /// - Parameter text: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`; the name
    ///   of the day is not looked at.
    /// - Returns: seconds since 1970; nil if it is none of these.
    static func seconds(_ text: String) -> Double? {
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
        let time = words[3].split(separator: ":").compactMap { $0.utf8.count == 2 ? number(String($0)) : nil }
        guard time.count == 3, time[0] < 24, time[1] < 60, time[2] <= 60 else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year - 1_900), Int32(month), Int32(day))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(time[0]), Int32(time[1]), Int32(min(time[2], 59)))
        let seconds = timegm(&parts)
        // A day that the month does not have has moved on to the next one.
        return Int(parts.tm_mday) == day ? Double(seconds + (time[2] == 60 ? 1 : 0)) : nil
    }

    private static func number(_ text: String) -> Int? {
        text.utf8.count <= 4 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
