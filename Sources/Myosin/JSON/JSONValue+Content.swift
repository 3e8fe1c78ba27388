/// Values as Swift types, exact or nil.
extension JSONValue {
    /// Whether this is null.
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The boolean, or nil for any other value.
    public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }

    /// The string, or nil for any other value.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The whole number, or nil for any other value and for a number that an `Int` cannot hold.
    public var int: Int? { if case .number(let number) = self { number.integer() } else { nil } }

    /// The number, or nil for any other value and for a number that a `Double` cannot hold exactly.
    public var double: Double? { if case .number(let number) = self { number.floatingPoint() } else { nil } }

    /// The elements, or nil for any other value.
    public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The fields, or nil for any other value.
    public var object: JSONObject? { if case .object(let fields) = self { fields } else { nil } }

    /// The value of a field or of a nested field, such as `json["cost", "total"]`, or nil if there is none.
    public subscript(_ name: String, _ more: String...) -> JSONValue? { field([name] + more) }

    /// Makes `true` or `false`.
    public init(_ value: Bool) { self = .bool(value) }

    /// Makes a whole number.
    public init(_ value: some BinaryInteger) { self = .number(JSONNumber(value)) }

    /// Makes a number, or `null` for NaN and the infinities, which JSON does not have.
    public init(_ value: some BinaryFloatingPoint & LosslessStringConvertible) {
        self = JSONNumber(value).map(JSONValue.number) ?? .null
    }

    /// Makes a string.
    public init(_ value: some StringProtocol) { self = .string(String(value)) }
}
