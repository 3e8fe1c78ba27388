public import Myosin
internal import Primitives

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// In documents a date is text of RFC 3339 in UTC: `2026-01-31T12:00:00.25Z`.
///
/// The text has just enough decimals to read back as the same date. Metrics show the seconds since 1970.
extension Date: DocumentRepresentable {
    /// A string with the format `date-time`.
    public static var documentSchema: JSONValue { ["type": "string", "format": "date-time"] }

    /// The beginning of 1970.
    public static var documentPlaceholder: Date? { Date(timeIntervalSince1970: 0) }

    /// The seconds between 1970 and the reference date of `Date`.
    private static let referenceSeconds = 978_307_200
    /// The years 0 to 9999, where a double represents whole seconds exactly.
    private static let range =
        Double(DateTime.range.lowerBound - referenceSeconds)..<Double(DateTime.range.upperBound - referenceSeconds)

    /// Makes the text of RFC 3339.
    ///
    /// - Returns: the text, in UTC.
    /// - Throws: ``ValidationError`` for a date before the year 0 or after the year 9999.
    public func documentValue() throws(ValidationError) -> JSONValue {
        let seconds = timeIntervalSinceReferenceDate
        guard Self.range.contains(seconds) else {
            throw ValidationError(
                "",
                "is a date outside of the years 0000 to 9999, which RFC 3339 cannot write",
                code: .range
            )
        }
        var (whole, decimals) = Self.parts(of: seconds.magnitude)
        if seconds < 0 {
            whole = -whole
            if !decimals.isEmpty { (whole, decimals) = (whole - 1, Self.complement(decimals)) }
        }
        return .string(DateTime(seconds: Self.referenceSeconds + whole, decimals: decimals).text)
    }

    /// Reads the text of RFC 3339.
    ///
    /// - Parameter documentValue: the text, with any offset from UTC. Decimals beyond the precision of a `Date` are rounded.
    /// - Throws: ``ValidationError`` for anything else, and for a leap second, which a `Date` cannot represent.
    public init(documentValue: JSONValue) throws(ValidationError) {
        guard case .string(let text) = documentValue else {
            throw .notText(documentValue, "a date and time such as 2026-01-31T12:00:00Z")
        }
        guard let time = DateTime(text) else {
            throw ValidationError("", "must be a date and time such as 2026-01-31T12:00:00Z", code: .format)
        }
        if time.isLeapSecond {
            throw ValidationError(
                "",
                "is a leap second, which a Date does not have; send the second after it",
                code: .range
            )
        }
        let whole = time.seconds - Self.referenceSeconds
        let number =
            whole < 0 && !time.decimals.isEmpty
            ? "-\(-whole - 1).\(Self.complement(time.decimals))" : "\(whole).\(time.decimals)0"
        guard let seconds = Double(number), Self.range.contains(seconds) else {
            throw ValidationError("", "is outside of the years 0000 to 9999 in UTC", code: .range)
        }
        self.init(timeIntervalSinceReferenceDate: seconds)
    }

    /// Splits a number into its whole part and the decimals of its shortest text, which reads back as the same number.
    private static func parts(of number: Double) -> (whole: Int, decimals: String) {
        let parts = number.description.split(separator: "e", maxSplits: 1)
        let digits = parts[0].split(separator: ".", maxSplits: 1)
        let (whole, decimals) = (digits[0], digits.count > 1 && digits[1] != "0" ? String(digits[1]) : "")
        // Only numbers much smaller than 1 have an exponent here.
        if parts.count > 1, let exponent = Int(parts[1]), exponent < 0 {
            return (0, String(repeating: "0", count: -exponent - 1) + whole + decimals)
        }
        return (Int(whole) ?? 0, decimals)
    }

    /// The decimals of one minus a fraction.
    private static func complement(_ decimals: String) -> String {
        // Nine minus each digit, plus one at the last digit that is not zero.
        let digits = Array(decimals.utf8.map { $0 & 0xF })
        guard let last = digits.lastIndex(where: { $0 != 0 }) else { return "" }
        return digits[...last].indices.map { "\((($0 == last) ? 10 : 9) - digits[$0])" }.joined()
    }
}

/// In documents a date interval is an object: `{"start": "2026-01-31T12:00:00Z", "duration": 90.5}`.
extension DateInterval: DocumentRepresentable {
    /// An object with a date and a number of seconds.
    public static var documentSchema: JSONValue {
        [
            "type": "object",
            "properties": [
                "start": Date.documentSchema, "duration": ["type": "number", "minimum": 0, "x-unit": "seconds"],
            ],
            "required": ["start", "duration"], "additionalProperties": false,
        ]
    }

    /// An empty interval at the beginning of 1970.
    public static var documentPlaceholder: DateInterval? {
        DateInterval(start: Date(timeIntervalSince1970: 0), duration: 0)
    }

    /// Makes the object.
    ///
    /// - Returns: the object.
    /// - Throws: ``ValidationError`` for a start without a text form, and for a duration that JSON does not have.
    public func documentValue() throws(ValidationError) -> JSONValue {
        guard let number = JSONNumber(duration) else {
            throw ValidationError(
                "/duration",
                "is \(duration), which JSON cannot tell; use a finite number",
                code: .range
            )
        }
        do throws(ValidationError) {
            return ["start": try start.documentValue(), "duration": .number(number)]
        } catch {
            throw ValidationError(error.faults.map { .init(pointer: "/start", detail: $0.detail, code: $0.code) })
        }
    }

    /// Reads the object.
    ///
    /// - Parameter documentValue: an object with the two fields and no others.
    /// - Throws: ``ValidationError`` for anything else, and for a negative duration, with which `DateInterval` ends the process.
    public init(documentValue: JSONValue) throws(ValidationError) {
        guard case .object(let fields) = documentValue else {
            throw ValidationError(
                "",
                "must be an object with start and duration, got \(documentValue.mention)",
                code: .type
            )
        }
        var faults = fields.keys.filter { !["start", "duration"].contains($0) }
            .map { ValidationError.Fault.unknown("".appendingPointer(to: $0)) }
        var (start, duration) = (Date(timeIntervalSince1970: 0), 0.0)
        do throws(ValidationError) {
            guard let value = fields["start"] else { throw ValidationError("", "is missing", code: .missing) }
            start = try Date(documentValue: value)
        } catch {
            faults += error.faults.map { .init(pointer: "/start", detail: $0.detail, code: $0.code) }
        }
        if case .number(let number)? = fields["duration"], let seconds = number.floatingPoint(Double.self), seconds >= 0
        {
            duration = seconds
        } else if fields["duration"] == nil {
            faults.append(.missing("/duration"))
        } else {
            faults.append(.init(pointer: "/duration", detail: "must be a number of seconds, at least 0", code: .range))
        }
        if !faults.isEmpty { throw ValidationError(faults) }
        self.init(start: start, duration: duration)
    }
}

extension ValidationError {
    /// The error for a value that is not a string.
    static func notText(_ value: JSONValue, _ expectation: String) -> ValidationError {
        ValidationError("", "must be \(expectation), got \(value.mention)", code: .type)
    }
}
