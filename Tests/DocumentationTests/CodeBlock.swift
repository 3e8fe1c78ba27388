/// A piece of Swift code that a document shows, or a region of a source that is compiled.
struct CodeBlock: CustomStringConvertible {
    let file: String
    /// The line before it, from 1.
    let line: Int
    /// Its lines, without the indentation that they share.
    let lines: [Substring]

    init(file: String, line: Int, lines: [Substring]) {
        let indentation = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        (self.file, self.line, self.lines) = (file, line, lines.map { $0.dropFirst(indentation) })
    }

    var description: String { (["\(file):\(line)"] + lines).joined(separator: "\n") }

    /// The pieces of a text between two kinds of lines.
    ///
    /// - Parameters:
    ///   - text: the text of the file.
    ///   - file: the file's name, for messages.
    ///   - first: the line before a piece, without its indentation.
    ///   - last: the line after it.
    /// - Returns: the pieces, in order; one that does not end is empty.
    static func blocks(in text: [Substring], of file: String, from first: String, to last: String) -> [CodeBlock] {
        var blocks: [CodeBlock] = []
        var start: Int?
        for (number, line) in zip(1..., text) {
            let content = line.drop { $0 == " " }
            if let begun = start, content == last {
                blocks.append(CodeBlock(file: file, line: begun, lines: Array(text[begun..<number - 1])))
                start = nil
            } else if start == nil, content == first {
                start = number
            }
        }
        if let start { blocks.append(CodeBlock(file: file, line: start, lines: [])) }
        return blocks
    }

    /// The regions that this block consists of, with empty lines between them; nil when it is not made of regions.
    ///
    /// One block may need several, since a declaration and a statement are not compiled at the same place.
    func parts(from regions: [CodeBlock]) -> [CodeBlock]? { Self.parts(of: lines[...], from: regions) }

    private static func parts(of lines: ArraySlice<Substring>, from regions: [CodeBlock]) -> [CodeBlock]? {
        let lines = lines.drop { $0.isEmpty }
        if lines.isEmpty { return [] }
        for region in regions where !region.lines.isEmpty && lines.starts(with: region.lines) {
            let rest = lines.dropFirst(region.lines.count)
            // A region that ends in the middle of a passage is the beginning of another one.
            guard rest.first?.isEmpty ?? true else { continue }
            if let others = parts(of: rest, from: regions) { return [region] + others }
        }
        return nil
    }
}
