internal import Myosin
internal import Primitives

extension JSONObject {
    /// Describes by patterns the fields whose names differ from others in case or punctuation only, as `a-b` from `a b`.
    ///
    /// Generated classes have no such fields, because their names are those of variables; they keep what has no variable in a
    /// dictionary. An object that may have nothing else then says so in the terms of what is evaluated.
    mutating func setApartAlikeNames() {
        guard case .object(let all)? = self["properties"], self["patternProperties"] == nil,
            ["$ref", "allOf", "anyOf", "oneOf", "unevaluatedProperties"].allSatisfy({ self[$0] == nil })
        else { return }
        var (spellings, properties, patterns) = (Set<[UInt8]>(), JSONObject(), JSONObject())
        for (name, schema) in all {
            let spelling = name.lowercased().utf8.filter { $0.isLetter || $0.isDigit || $0 >= 0x80 }
            if spellings.insert(spelling).inserted {
                properties[name] = schema
            } else {
                patterns["^\(Self.escaped(name))$"] = schema
            }
        }
        if patterns.isEmpty { return }
        self["properties"] = .object(properties)
        self["patternProperties"] = .object(patterns)
        self["unevaluatedProperties"] = self["additionalProperties"]
        self["additionalProperties"] = Optional<JSONValue>.none
    }

    /// A text as a pattern that only it matches.
    private static func escaped(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.flatMap { scalar -> [Unicode.Scalar] in
                    "^$\\.*+?()[]{}|/".unicodeScalars.contains(scalar) ? ["\\", scalar] : [scalar]
                }
            )
        )
    }
}
