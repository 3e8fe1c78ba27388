internal import Primitives

extension JSONValue {
    /// The compact JSON text: no white space, fields in their order, the same value always the same bytes.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    /// Appends the compact JSON text.
    package func write(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let flag): output += (flag ? "true" : "false").utf8
        case .number(let number): output += number.description.utf8
        case .string(let text): text.writeJSON(to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for (index, (key, value)) in zip(0..., object) {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                key.writeJSON(to: &output)
                output.append(UInt8(ascii: ":"))
                value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// The JSON text over several lines, indented by three blanks a level as on Python myosin's usage page.
    public var prettyText: String {
        var output: [UInt8] = []
        writePretty(to: &output, indentation: 0)
        return String(decoding: output, as: UTF8.self)
    }

    private func writePretty(to output: inout [UInt8], indentation: Int) {
        func line(_ level: Int) {
            output.append(UInt8(ascii: "\n"))
            output += repeatElement(UInt8(ascii: " "), count: 3 * level)
        }
        switch self {
        case .array(let elements) where !elements.isEmpty:
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                line(indentation + 1)
                element.writePretty(to: &output, indentation: indentation + 1)
            }
            line(indentation)
            output.append(UInt8(ascii: "]"))
        case .object(let object) where !object.isEmpty:
            output.append(UInt8(ascii: "{"))
            for (index, (key, value)) in zip(0..., object) {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                line(indentation + 1)
                key.writeJSON(to: &output)
                output += ": ".utf8
                value.writePretty(to: &output, indentation: indentation + 1)
            }
            line(indentation)
            output.append(UInt8(ascii: "}"))
        default: write(to: &output)
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The compact JSON text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension String {
    /// The text as a JSON string, in double quotes.
    package var quoted: String {
        var output: [UInt8] = []
        writeJSON(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// The text as a JSON string whose characters beyond ASCII are escaped, which shows those that look alike.
    package var quotedInASCII: String {
        quoted.utf16.reduce(into: "") { result, unit in
            if unit < 0x80, let scalar = Unicode.Scalar(unit) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u\(unit.padded(to: 4, radix: 16))"
            }
        }
    }

    /// Appends the text as a JSON string.
    ///
    /// Escaped are only the characters that RFC 8259 section 7 demands.
    func writeJSON(to output: inout [UInt8]) {
        var text = self
        output.append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            if bytes.contains(where: { $0.mustBeEscaped }) {
                for byte in bytes { byte.writeEscaped(to: &output) }
            } else {
                output.append(contentsOf: bytes)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}

extension UInt8 {
    /// Whether a byte of a JSON string stands there in another form.
    var mustBeEscaped: Bool { self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") }

    fileprivate func writeEscaped(to output: inout [UInt8]) {
        switch self {
        case UInt8(ascii: "\""): output += #"\""#.utf8
        case UInt8(ascii: "\\"): output += #"\\"#.utf8
        case 0x0A: output += #"\n"#.utf8
        case 0x0D: output += #"\r"#.utf8
        case 0x09: output += #"\t"#.utf8
        case 0x00..<0x20:
            output += #"\u00"#.utf8
            output += padded(to: 2, radix: 16).utf8
        default: output.append(self)
        }
    }
}
