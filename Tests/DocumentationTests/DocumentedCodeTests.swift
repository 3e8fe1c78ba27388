import Foundation
import TestSupport
import Testing

/// What the documents show is what this target compiles and runs, and the other way round.
///
/// Each Swift block of the README, of the articles and of the comments in Sources is made of regions of the tests, which
/// stand between the lines `// DOC begins` and `// DOC ends`. The imports that a block begins with are those of the file.
@Suite struct DocumentedCodeTests {
    private let documents: [CodeBlock]
    private let regions: [CodeBlock]

    init() throws {
        documents = try Self.documents()
        regions = try Self.files("Tests", [".swift"])
            .flatMap { file in
                CodeBlock.blocks(in: try Self.lines(file), of: file, from: "// DOC begins", to: "// DOC ends")
            }
    }

    @Test func everyBlockIsCompiled() throws {
        #expect(documents.count > 20 && regions.count > 20)
        for block in documents {
            // Taken before, since a failed expectation would tell all regions.
            let parts = block.withoutImports.parts(from: regions)
            #expect(parts?.isEmpty == false, "not between markers in Tests: \(block)")
            for part in parts ?? [] {
                let imports = try Self.lines(part.file).filter { $0.hasPrefix("import ") }
                #expect(Set(imports).isSuperset(of: block.imports), "imported in \(part.file), or not needed: \(block)")
            }
        }
    }

    @Test func everyRegionIsShown() {
        let shown = Set(documents.flatMap { $0.withoutImports.parts(from: regions) ?? [] }.map(\.lines))
        for region in regions {
            let isShown = shown.contains(region.lines)
            #expect(isShown, "in no document: \(region)")
        }
    }

    /// A block without a language would be taken for Swift by DocC, and would be compiled by nobody.
    @Test func everyBlockNamesItsLanguage() throws {
        for file in try Self.articles() {
            let fences = try Self.lines(file).filter { $0.drop { $0 == " " }.hasPrefix("```") }
            for (index, fence) in fences.enumerated() {
                #expect((fence.drop { $0 == " " } == "```") == (index % 2 == 1), "\(file): \(fence)")
            }
        }
    }

    /// DocC looks after the links of its catalogs only.
    @Test(arguments: ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
    func everyLinkLeadsToAFile(_ file: String) throws {
        let text = try Self.lines(file).joined(separator: "\n")
        for path in text.matches(of: #/\]\(([^()#]+)\)/#).map({ String($0.1) }) where !path.contains("://") {
            let exists = FileManager.default.fileExists(atPath: "\(repository)/\(path)")
            #expect(exists, "\(path)")
        }
    }

    /// DocC would put a forgotten one into a list of its own, where nobody learns what it is for.
    @Test(arguments: [
        "Exposition", "MicroHTTP", "Myosin", "MyosinCommand", "MyosinFoundation", "MyosinService",
        "StateSchema", "SwiftMetricsBackend",
    ])
    func theLandingPageNamesEveryPublicSymbol(of module: String) throws {
        let page = try Self.lines("Sources/\(module)/\(module).docc/\(module).md")
        for file in try Self.files("Sources/\(module)", [".swift"]) {
            for line in try Self.lines(file) {
                let words = line.split { $0 == " " || $0 == ":" || $0 == "<" }
                guard line.hasPrefix("public "), let kind = words.firstIndex(where: Self.kinds.contains) else {
                    continue
                }
                let isNamed = page.contains("- ``\(words[kind + 1])``")
                #expect(isNamed, "\(words[kind + 1])")
            }
        }
    }

    private static let kinds: Set<Substring> = [
        "actor", "class", "enum", "func", "let", "protocol", "struct", "typealias",
    ]

    // MARK: Files

    private static func documents() throws -> [CodeBlock] {
        let articles = try articles()
            .flatMap { file in
                CodeBlock.blocks(in: try lines(file), of: file, from: "```swift", to: "```")
            }
        let comments = try files("Sources", [".swift"])
            .flatMap { file in
                let lines = try lines(file)
                    .map { line in
                        let line = line.drop { $0 == " " }
                        guard line.hasPrefix("///") else { return line }
                        return line.hasPrefix("/// ") ? line.dropFirst(4) : line.dropFirst(3)
                    }
                return CodeBlock.blocks(in: lines, of: file, from: "```swift", to: "```")
            }
        return articles + comments
    }

    private static func articles() throws -> [String] {
        ["README.md", "CONTRIBUTING.md"] + (try files("Sources", [".md"]))
    }

    private static func files(_ directory: String, _ endings: [String]) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(repository)/\(directory)")
            .filter { path in endings.contains { path.hasSuffix($0) } }.sorted().map { "\(directory)/\($0)" }
    }

    private static func lines(_ file: String) throws -> [Substring] {
        try String(contentsOfFile: "\(repository)/\(file)", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }
}

extension CodeBlock {
    fileprivate var imports: [Substring] { lines.filter { $0.hasPrefix("import ") } }

    /// The block without the imports at its beginning.
    fileprivate var withoutImports: CodeBlock {
        CodeBlock(file: file, line: line, lines: Array(lines.drop { $0.isEmpty || $0.hasPrefix("import ") }))
    }
}
