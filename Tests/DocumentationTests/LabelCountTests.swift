import Foundation
import TestSupport
import Testing

/// The compiler's answers to a wrong number of labels' values, which the article "Exposing metrics" quotes.
@Suite struct LabelCountTests {
    /// The errors of the compiler for a line that uses a family with two labels and one with a single label.
    private func errors(of line: String) throws -> [String] {
        let directory = try TemporaryDirectory()
        let source = """
            import Exposition
            let registry = Registry()
            let answers = registry.counter("answers", help: "", labels: ["route", "code"])
            let routes: Family<Registry.Counter, 1> = registry.counter("routes", help: "", labels: ["route"])
            let (name, list) = ("a" + "b", ["a", "b"])
            \(line)
            """
        try source.write(toFile: "\(directory.path)/main.swift", atomically: true, encoding: .utf8)
        let modules = Bundle.main.bundleURL.appending(path: "Modules").path()
        let options = ["-typecheck", "-swift-version", "6", "-module-cache-path", "\(directory.path)/cache"]
        let ending = try Program.run(
            "/usr/bin/env",
            ["swiftc"] + options + ["-I", modules, "\(directory.path)/main.swift"]
        )
        #expect((ending.status == 0) == ending.errors.isEmpty)
        return ending.errors.split(separator: "\n").filter { $0.contains("main.swift:") }
            .compactMap { $0.split(separator: " error: ").last.map(String.init) }
    }

    @Test(
        arguments: [
            #"answers.child(["/", "200"]).increment(); routes.child("/"); routes.child(["/"])"#,
            #"answers.remove(["/", "200"]); routes.remove("/")"#,
            #"try registry.counter(named: name, help: "", labels: ["a", "b"]).child(["1", "2"]).increment()"#,
            #"answers.child([list[0], name]).increment()"#,
        ]
    )
    func asManyValuesAsLabelsCompile(line: String) throws {
        #expect(try errors(of: line) == [])
    }

    @Test(
        arguments: [
            (#"answers.child(["/"])"#, "expected '2' elements in inline array literal, but got '1'"),
            (#"answers.child(["/", "200", "x"])"#, "expected '2' elements in inline array literal, but got '3'"),
            (#"answers.remove(["/"])"#, "expected '2' elements in inline array literal, but got '1'"),
            (
                #"answers.child("/")"#,
                "cannot convert value of type 'String' to expected argument type 'InlineArray<2, String>'"
            ),
            (
                "answers.child(list)",
                "cannot convert value of type '[String]' to expected argument type 'InlineArray<2, String>'"
            ),
            (
                #"_ = registry.counter(name, help: "")"#,
                "cannot convert value of type 'String' to expected argument type 'StaticString'"
            ),
            (
                #"_ = registry.counter("a\(name)", help: "")"#,
                "cannot convert value of type 'String' to expected argument type 'StaticString'"
            ),
        ]
    )
    func anotherNumberDoesNotCompile(line: String, error: String) throws {
        #expect(try errors(of: line) == [error])
    }

    @Test func theArticleQuotesTheCompiler() throws {
        let article = try String(
            contentsOfFile: "\(repository)/Sources/Exposition/Exposition.docc/ExposingMetrics.md",
            encoding: .utf8
        )
        for error in try errors(of: #"answers.child(["/"])"#) { #expect(article.contains("\"\(error)\"")) }
    }
}
