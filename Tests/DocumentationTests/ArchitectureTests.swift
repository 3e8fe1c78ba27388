import Foundation
import TestSupport
import Testing

/// The walls of ARCHITECTURE.md that the compiler does not enforce.
@Suite struct ArchitectureTests {
    /// Each file of Sources with its text, by its path from there.
    private let files: [(path: String, text: String)]

    init() throws {
        let root = "\(repository)/Sources"
        files = try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
            .filter { path in [".swift", ".js", ".html", ".css", ".h"].contains { path.hasSuffix($0) } }
            .map { ($0, try String(contentsOfFile: "\(root)/\($0)", encoding: .utf8)) }
    }

    /// The lines of some files that a pattern matches.
    private func lines(_ pattern: String, in isWanted: (String) -> Bool) throws -> [String] {
        let pattern = try Regex(pattern)
        return files.filter { isWanted($0.path) }
            .flatMap { path, text in
                text.split(separator: "\n").filter { $0.contains(pattern) }.map { "\(path): \($0)" }
            }
    }

    private func swiftFiles(_ path: String) -> Bool { path.hasSuffix(".swift") }

    @Test func onlyTheCommandNamesFlags() throws {
        let flag = #"--(web|state|log)\."#
        #expect(try lines(flag) { !$0.hasPrefix("MyosinCommand/") } == [])
        #expect(try !lines(flag) { $0.hasPrefix("MyosinCommand/") }.isEmpty)
    }

    @Test func theExpositionKnowsNoNameOfTheEngine() throws {
        #expect(try lines("(?i)myosin") { $0.hasPrefix("Exposition/") } == [])
    }

    /// Examples in comments may be served over HTTP.
    @Test func theEngineKnowsNothingOfHTTP() throws {
        let lines = try lines(#"\bHTTP|If-Match"#) { $0.hasPrefix("Myosin/") }
        #expect(lines.filter { !$0.contains("///") } == [])
    }

    @Test func onlyTheProductForItImportsFoundation() throws {
        let imports = #"^(public |package |internal )?import Foundation"#
        #expect(try lines(imports) { swiftFiles($0) && !$0.hasPrefix("MyosinFoundation/") } == [])
        // And that without ICU, where there is such a part.
        let whole = try lines(imports + "$") { $0.hasPrefix("MyosinFoundation/") }
        let parts = try lines(imports + "Essentials$") { $0.hasPrefix("MyosinFoundation/") }
        #expect(!parts.isEmpty && whole.count == parts.count)
    }

    @Test func callbacksOfLibmicrohttpdStandInOneFile() throws {
        let callbacks = try lines(#"MHD_\w+Callback|MHD_KeyValueIterator"#, in: swiftFiles)
        #expect(callbacks.allSatisfy { $0.hasPrefix("MicroHTTP/LibMicrohttpd/Callbacks.swift") })
        #expect(!callbacks.isEmpty)
    }

    @Test func foldersAndFilesAreSmall() {
        let folders = Dictionary(grouping: files, by: { ($0.path as NSString).deletingLastPathComponent })
        for (folder, files) in folders where !folder.isEmpty { #expect(files.count <= 15, "\(folder)") }
        let sizes = files.filter { swiftFiles($0.path) }
            .map { (path: $0.path, lines: $0.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1) }
        for size in sizes { #expect(size.lines <= 330, "\(size.path)") }
        #expect(sizes.count > 100 && sizes.count { $0.lines < 40 } * 5 < sizes.count)
    }

    /// A proof is a comment that begins so, in the file of the declaration or that of its superclass.
    @Test func everyUncheckedClassHasAProof() throws {
        for (path, text) in files where text.contains("@unchecked Sendable") {
            #expect(text.contains("// Sendable:"), "\(path)")
        }
    }
}
