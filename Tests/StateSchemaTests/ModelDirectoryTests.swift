import Foundation
import TestSupport
import Testing

@testable import StateSchema

@Suite struct ModelDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let model = #"{"type":"object","properties":{"a":{"type":"number","default":1}}}"#

    private func write(_ name: String, _ text: String = model) throws {
        let path = "\(directory.path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func faults(_ paths: String...) -> [String] {
        do {
            _ = try ModelDirectory(paths.map { directory.path + $0 }).read()
            return []
        } catch {
            return error.faults.map { "\($0)".replacing(directory.path, with: "") }
        }
    }

    @Test func theFilesNamesAreTheModels() throws {
        try write("B.schema.json")
        try write("A.schema.json", Self.model.replacing("\"a\"", with: "\"b\""))
        for other in ["README.md", "C.json", ".D.schema.json", "E.schema.json~", "F.schema.json.bak"] {
            try write(other, "{")
        }
        let models = try ModelDirectory([directory.path + "/"]).read()
        #expect(models.declarations.map(\.name) == ["A", "B"])
        #expect(models.files == ["A": directory.path + "/A.schema.json", "B": directory.path + "/B.schema.json"])
    }

    @Test func everythingThatIsWrongIsToldAtOnce() throws {
        try write("one/A.schema.json", #"{"type":"objekt","minimun":1}"#)
        try write("one/1st.schema.json")
        try write("one/B.schema.json", "{")
        try write("two/A.schema.json")
        try FileManager.default.createDirectory(
            atPath: directory.path + "/two/C.schema.json",
            withIntermediateDirectories: true
        )
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/two/D.schema.json",
            withDestinationPath: "nowhere"
        )
        try FileManager.default.createDirectory(atPath: directory.path + "/empty", withIntermediateDirectories: true)
        let letters = "use ASCII letters, digits, _, - and ., a letter first"
        #expect(
            faults("/one", "/two", "/none", "/empty") == [
                "/one/1st.schema.json: its name without .schema.json is the model's: \(letters)",
                #"/one/A.schema.json: /type is "objekt", which is no type, did you mean object?"#,
                "/one/A.schema.json: /minimun is not a keyword, did you mean minimum?",
                "/one/B.schema.json: is not JSON: it ends inside an object (byte 1, line 1, column 2)",
                "/two/A.schema.json: declares A, which /one/A.schema.json declares too; give one another name",
                "/two/C.schema.json: cannot be read: it is not a file",
                "/two/D.schema.json: cannot be read: No such file or directory",
                "/none: cannot be read: No such file or directory. Name a directory with models",
                "/empty: has no file that ends with .schema.json; such a file declares a model",
            ]
        )
    }

    @Test func aFileThatIsTooLongIsRefused() throws {
        try write("A.schema.json", Self.model + String(repeating: " ", count: ModelDirectory.maxFileBytes))
        #expect(faults("") == ["/A.schema.json: is longer than 1048576 bytes"])
    }
}
