/// Why a text is not JSON, and where.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// How many bytes come before the fault.
    public let offset: Int
    /// The line of the fault, from 1.
    public let line: Int
    /// The byte in that line, from 1.
    public let column: Int
    /// What is wrong, and what to type instead where that is known.
    public let reason: String

    /// Finds line and column of an offset in the text.
    init(_ reason: String, at offset: Int, in text: UnsafeBufferPointer<UInt8>) {
        let before = text.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.reason = reason
        self.offset = offset
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + offset - lineStart
    }

    /// The reason with its place.
    public var description: String { "\(reason) (byte \(offset), line \(line), column \(column))" }
}
