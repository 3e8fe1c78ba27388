extension [UInt8] {
    /// Appends a label's value or a help text with its `\` and line feeds escaped, and its `"` if told.
    ///
    /// Bytes are looked at, not characters: to `String` a carriage return and a line feed are one character. Every
    /// other byte stands for itself, control characters too.
    ///
    /// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information>
    mutating func append(escaping text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): self += #"\\"#.utf8
            case UInt8(ascii: "\n"): self += #"\n"#.utf8
            case UInt8(ascii: "\"") where quotes: self += #"\""#.utf8
            default: append(byte)
            }
        }
    }
}
