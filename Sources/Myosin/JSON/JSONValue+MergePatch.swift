/// Merge patches (RFC 7396).
extension JSONValue {
    /// Applies a merge patch (RFC 7396, section 2).
    ///
    /// - Parameters:
    ///   - patch: the patch; one that is no object takes the value's place.
    ///   - keepsNulls: whether null for a field that is not there adds it as null, instead of nothing.
    /// - Returns: the result.
    package func merging(_ patch: JSONValue, keepingNulls keepsNulls: Bool = false) -> JSONValue {
        guard case .object(let patch) = patch else { return patch }
        var result = JSONObject()
        if case .object(let present) = self { result = present }
        for (name, value) in patch {
            let present = result[name]
            if value != .null {
                result[name] = (present ?? .null).merging(value, keepingNulls: keepsNulls)
            } else {
                result[name] = present == nil && keepsNulls ? .null : nil
            }
        }
        return .object(result)
    }

    /// The places, as JSON pointers, to which a merge patch puts null.
    package func nulls(below pointer: String = "") -> [String] {
        guard case .object(let object) = self else { return self == .null ? [pointer] : [] }
        return object.flatMap { name, value in value.nulls(below: pointer.appendingPointer(to: name)) }
    }
}
