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
    /// The habit of another format that it comes from, where that is known.
    package let mistake: JSONMistake?

    /// What some editors write at the beginning of a file in UTF-8.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The error for a mistake that is known.
    init(_ mistake: JSONMistake, at offset: Int, in text: UnsafeBufferPointer<UInt8>) {
        self.init(mistake.reason, at: offset, in: text, mistake)
    }

    /// Finds line and column of an offset in the text.
    init(_ reason: String, at offset: Int, in text: UnsafeBufferPointer<UInt8>, _ mistake: JSONMistake? = nil) {
        let before = text.prefix(offset)
        // Editors do not show the mark.
        let mark = offset > 0 && text.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? mark
        (self.reason, self.mistake) = (reason, mistake)
        self.offset = offset
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + offset - lineStart
    }

    /// The reason with its place.
    public var description: String { "\(reason) (byte \(offset), line \(line), column \(column))" }
}
