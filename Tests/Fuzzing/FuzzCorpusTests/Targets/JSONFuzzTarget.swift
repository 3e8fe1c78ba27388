@testable import Myosin

/// Fuzzes the JSON parser against a plain recogniser, and the writer against the parser.
enum JSONFuzzTarget {
    static func run(_ input: UnsafeBufferPointer<UInt8>) {
        let bytes = Array(input)
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            precondition(!PlainJSON.accepts(bytes), "what the plain recogniser accepts is accepted")
            precondition((0...bytes.count).contains(error.offset), "the fault is somewhere in the text")
            let before = bytes[..<error.offset]
            precondition(error.line == 1 + before.count { $0 == 0x0a }, "the line is that of the fault")
            let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
            precondition(error.column == 1 + error.offset - lineStart, "and so is the column")
            return
        }
        precondition(PlainJSON.accepts(bytes), "what is accepted the plain recogniser accepts")
        let written = value.bytes
        guard let again = try? JSONValue(parsing: written) else { preconditionFailure("what is written is read") }
        precondition(again == value, "and is the same")
        precondition(again.bytes == written, "and is written again with the same bytes")
        precondition(
            JSONValue.null.merging(value).merging(value) == JSONValue.null.merging(value),
            "merging twice changes nothing more"
        )
    }
}
