internal import Foundation

/// A document of the repository, read for its tables and blocks.
package struct Article {
    /// The whole text.
    package let text: String
    private let lines: [Substring]

    /// Reads a document.
    ///
    /// - Parameter path: the path in the repository.
    /// - Throws: the error of reading the file.
    package init(_ path: String) throws {
        self.init(text: try String(contentsOfFile: "\(repository)/\(path)", encoding: .utf8))
    }

    private init(text: String) {
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The part below a heading of the third level, up to the next one; nil without that heading.
    package func section(_ heading: String) -> Article? {
        guard let start = text.firstRange(of: "\n### \(heading)\n")?.upperBound else { return nil }
        let rest = text[start...]
        return Article(text: String(rest[..<(rest.firstRange(of: "\n### ")?.lowerBound ?? rest.endIndex)]))
    }

    /// The contents of the code blocks of a language, in order, each with the end of its last line.
    package func blocks(_ language: String) -> [String] {
        var blocks: [String] = []
        var block: String?
        for line in lines {
            if let text = block {
                block = line == "```" ? nil : "\(text)\(line)\n"
                if block == nil { blocks.append(text) }
            } else if line == "```\(language)" {
                block = ""
            }
        }
        return blocks
    }

    /// The rows of the tables whose first cell begins with a code span, without their heads.
    package var rows: [[Cell]] {
        lines.filter { $0.hasPrefix("| `") }
            .map { line in
                line.dropFirst().split(separator: "|", omittingEmptySubsequences: false).dropLast().map { Cell($0) }
            }
    }

    /// A cell of a table.
    package struct Cell {
        /// The text, without the spaces around it.
        package let text: String

        fileprivate init(_ text: Substring) { self.text = text.trimmingCharacters(in: .whitespaces) }

        /// The contents of its code spans.
        package var codes: [String] {
            text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
    }
}
