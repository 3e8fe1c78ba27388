/// Makes lines of pieces that are cut anywhere.
package struct LineSplitter {
    private var rest: [UInt8] = []

    /// Makes one that has got nothing yet.
    package init() {}

    /// Takes a piece and gives the lines that it completes; what comes after the last line break waits for more.
    package mutating func lines(adding piece: [UInt8]) -> [String] {
        rest += piece
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        defer { rest.removeFirst(end + 1) }
        return rest[..<end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
}
