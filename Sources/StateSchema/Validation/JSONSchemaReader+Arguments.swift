internal import Myosin
internal import Primitives

/// How the arguments of keywords are read that hold no schemas.
extension JSONSchemaReader {
    static let dialect = "https://json-schema.org/draft/2020-12/schema"

    mutating func checkDialect(_ argument: JSONValue, at place: [String]) {
        guard let uri = text(argument, at: place), uri != Self.dialect, uri != Self.dialect + "#" else { return }
        note(place, "must be \(Self.dialect), got \(uri.quoted)")
    }

    mutating func text(_ argument: JSONValue, at place: [String]) -> String? {
        if case .string(let text) = argument { return text }
        note(place, "must be a string, got \(argument.mention)")
        return nil
    }

    mutating func flag(_ argument: JSONValue, at place: [String]) -> Bool? {
        if case .bool(let flag) = argument { return flag }
        note(place, "must be true or false, got \(argument.mention)")
        return nil
    }

    mutating func number(_ argument: JSONValue, at place: [String]) -> JSONNumber? {
        if case .number(let number) = argument, number.canonical != nil { return number }
        note(place, "must be a number, got \(argument.mention)")
        return nil
    }

    mutating func count(_ argument: JSONValue, at place: [String]) -> Int? {
        if case .number(let number) = argument, let count = number.integer(Int.self), count >= 0 { return count }
        note(place, "must be a whole number from 0, got \(argument.mention)")
        return nil
    }

    mutating func list(_ argument: JSONValue, at place: [String]) -> [JSONValue]? {
        if case .array(let values) = argument { return values }
        note(place, "must be an array, got \(argument.mention)")
        return nil
    }

    mutating func names(_ argument: JSONValue, at place: [String]) -> [String] {
        guard let values = list(argument, at: place) else { return [] }
        var names: [String] = []
        for (index, value) in values.enumerated() {
            guard let name = text(value, at: place + ["\(index)"]) else { continue }
            if names.containsExactly(name) {
                note(place + ["\(index)"], "names \(name.quoted) twice")
            } else {
                names.append(name)
            }
        }
        return names
    }

    mutating func types(_ argument: JSONValue, at place: [String]) -> [JSONSchema.ValueType]? {
        let isList = if case .array = argument { true } else { false }
        let names = isList ? self.names(argument, at: place) : text(argument, at: place).map { [$0] } ?? []
        if isList, names.isEmpty { note(place, "must name at least one type") }
        return names.compactMap { name in
            if let type = JSONSchema.ValueType(rawValue: name) { return type }
            let advice = Self.advice(on: name, among: JSONSchema.ValueType.allCases)
            note(place, "is \(name.quoted), which is no type\(advice)")
            return nil
        }
    }

    mutating func format(_ argument: JSONValue, at place: [String]) -> StringFormat? {
        guard let name = text(argument, at: place) else { return nil }
        if let format = StringFormat(rawValue: name) { return format }
        // Somebody else's formats say nothing (JSON Schema Validation, section 7.2.3).
        if unknown == .ignored { return nil }
        let advice = Self.advice(on: name, among: StringFormat.allCases)
        note(place, "is \(name.quoted), which is no format that is supported here\(advice)")
        return nil
    }

    /// Which of some names was probably meant, or all of them.
    private static func advice(on name: String, among choices: [some RawRepresentable<String>]) -> String {
        let all = choices.map(\.rawValue)
        return didYouMean(name, among: all).map { ", did you mean \($0)?" }
            ?? "; there are \(all.joined(separator: ", "))"
    }

    /// A unit, which becomes the end of a metric's name.
    mutating func unit(_ argument: JSONValue, at place: [String]) -> String? {
        guard let unit = text(argument, at: place) else { return nil }
        let isName =
            unit.utf8.first?.isSmallLetter == true
            && unit.utf8.allSatisfy { $0.isSmallLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
        if !isName {
            note(
                place,
                "must consist of small letters, digits and _, such as celsius or bytes_per_second, got \(unit.quoted)"
            )
        }
        return unit
    }

    mutating func metricType(_ argument: JSONValue, at place: [String]) -> MetricType? {
        if case .string(let name) = argument, let type = MetricType(rawValue: name) { return type }
        let all = MetricType.allCases.map(\.rawValue).joined(separator: ", ")
        note(place, "must be one of \(all), got \(argument.string?.quoted ?? argument.mention)")
        return nil
    }

    /// The name of a metric's label.
    mutating func metricLabel(_ argument: JSONValue, at place: [String]) -> String? {
        guard let name = text(argument, at: place) else { return nil }
        let isName =
            name.utf8.first?.isDigit == false
            && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
        if !isName {
            note(
                place,
                "must consist of letters, digits and _, with no digit first, such as interface, got \(name.quoted)"
            )
        } else if name.hasPrefix("__") || ["le", "quantile"].contains(name) {
            note(place, "is \(name.quoted), which Prometheus uses itself; choose another name")
        }
        return name
    }
}
