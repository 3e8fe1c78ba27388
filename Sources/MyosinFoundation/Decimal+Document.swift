public import Myosin

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// In documents a decimal is a number with all of its digits; it never becomes a `Double` on the way.
extension Decimal: DocumentRepresentable {
    /// A number.
    public static var documentSchema: JSONValue { ["type": "number"] }

    /// Zero.
    public static var documentPlaceholder: Decimal? { 0 }

    /// Makes a number.
    ///
    /// - Returns: the number, exactly.
    /// - Throws: ``ValidationError`` for NaN.
    public func documentValue() throws(ValidationError) -> JSONValue {
        guard !isNaN, let number = JSONNumber(description)?.canonical(isIntegerKept: { true }) else {
            throw ValidationError(
                "",
                "is NaN, which JSON cannot tell; use an optional for an unknown number",
                code: .range
            )
        }
        return .number(number)
    }

    /// Reads a number.
    ///
    /// - Parameter documentValue: the number.
    /// - Throws: ``ValidationError`` for anything else, and for a number with more digits than a `Decimal` holds.
    public init(documentValue: JSONValue) throws(ValidationError) {
        guard case .number(let number) = documentValue else {
            throw ValidationError("", "must be a number, got \(documentValue.mention)", code: .type)
        }
        // A decimal is rounded beyond its 38 digits.
        guard let canonical = number.canonical, let decimal = Decimal(string: canonical.description), !decimal.isNaN,
            JSONNumber(decimal.description) == canonical
        else {
            throw ValidationError("", "must be a number that a Decimal holds exactly", code: .range)
        }
        self = decimal
    }
}
