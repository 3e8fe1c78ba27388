extension DecodingNode {
    /// The value as one of the types of JSON or a placeholder for it, or nil for all other types.
    func simpleValue<Value: Decodable>(_ type: Value.Type) -> (any Decodable)? {
        switch type {
        case is Bool.Type: boolean()
        case is String.Type: string()
        case is Double.Type: floatingPoint(Double.self)
        case is Float.Type: floatingPoint(Float.self)
        case is Float16.Type: floatingPoint(Float16.self)
        case let type as any (FixedWidthInteger & Decodable).Type: integer(type)
        case is ModelID.Type: identity()
        default: nil
        }
    }

    private func identity() -> ModelID {
        switch value {
        case .string(let text): return ModelID(text)
        case .number(let number):
            if let whole = number.integer(Int.self) { return ModelID(whole) }
            fallthrough
        default:
            refuse("a string or an integer")
            return ModelID("")
        }
    }

    private func boolean() -> Bool {
        if case .bool(let flag) = value { return flag }
        refuse("true or false")
        return false
    }

    private func string() -> String {
        if case .string(let text) = value { return text }
        refuse("a string")
        return ""
    }

    private func floatingPoint<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ type: Number.Type) -> Number {
        guard case .number(let number) = value else {
            refuse("a number")
            return 0
        }
        if let exact = number.floatingPoint(type) { return exact }
        refuse("a number that a \(type) holds exactly", .range)
        return 0
    }

    private func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
        guard case .number(let number) = value, number.isInteger else {
            refuse("an integer")
            return 0
        }
        if let exact = number.integer(type) { return exact }
        refuse("between \(Number.min) and \(Number.max)", .range)
        return 0
    }
}
