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

    // MARK: What other programs leave

    /// Beside `T.schema.json`, no model and no fault; hidden files are not even noted.
    private static let leftovers: [(name: String, isNoted: Bool)] = [
        ("T.sync-conflict-20240101-120000-ABCDEFG.schema.json", true),
        ("T.schema.sync-conflict-20240101-120000-ABCDEFG.json", true), ("T_conflict-20240101-120000.schema.json", true),
        ("T (conflicted copy 2024-01-01).schema.json", true),
        ("T.schema (Ann's conflicted copy 2024-01-01).json", true),
        ("T.schema (SFConflict ann 2024-01-01-12-00-00).json", true), ("T (1).schema.json", true),
        ("T(1).schema.json", true), ("T.schema (1).json", true), ("T - Copy.schema.json", true),
        ("T.schema - Copy (2).json", true), ("T copy 2.schema.json", true), ("T 2.schema.json", true),
        ("Copy of T.schema.json", true), ("Kopie von T.schema.json", true), ("Copie de T.schema.json", true),
        ("T~.schema.json", true), ("#T.schema.json#", true), ("T.schema.json~", true),
        ("T.schema.json.~1~", true),
        ("T.schema.json.orig", true), ("T.schema.json.rej", true), ("T.schema.json.bak", true),
        ("T.schema.json.dpkg-dist", true), ("T.schema.json.ucf-new", true), ("T.schema.json.part", true),
        ("T.schema.json.swp", true), ("T.schema.json.txt", true), ("T.schema.yaml", true),
        ("~syncthing~T.schema.json.tmp", true), ("~T.schema.json", true), ("4913", false), ("lost+found", false),
        ("README.md", false), ("T.json", false), (".T.schema.json.swp", false), ("._T.schema.json", false),
        (".syncthing.T.schema.json.tmp", false), (".goutputstream-XZ12", false), (".nfs000000000123", false),
        (".T.schema.json.Ab12Cd", false), (".T.schema.json", false),
    ]

    @Test(arguments: leftovers, [false, true])
    func whatIsLeftOverIsPassedOver(_ leftover: (name: String, isNoted: Bool), isDirectory: Bool) throws {
        try write("T.schema.json")
        let path = "\(directory.path)/\(leftover.name)"
        if isDirectory {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } else {
            try write(leftover.name)
        }
        let models = try ModelDirectory([directory.path]).read()
        #expect(models.declarations.map(\.name) == ["T"])
        #expect(models.leftovers == (leftover.isNoted ? [path] : []))
    }

    /// Two names that look alike are two files, and only one can be the name of a model.
    @Test func noFileHidesAnother() throws {
        try write("K.schema.json")
        try write("\u{212A}.schema.json")
        let failure = #expect(throws: ModelDirectory.Failure.self) { try ModelDirectory([directory.path]).read() }
        #expect(failure?.faults.map(\.file).map { $0.unicodeScalars.contains("\u{212A}") } == [true])
    }

    /// A link that Emacs makes to a name of its own.
    @Test func theLockOfAnEditorIsPassedOver() throws {
        try write("T.schema.json")
        let link = "\(directory.path)/.#T.schema.json"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "ann@host.123:456")
        #expect(try ModelDirectory([directory.path]).read().leftovers == [])
    }

    /// Names that are models, however much they look like others.
    @Test(arguments: [
        "Room.conflict", "sync-conflict", "T.sync-conflict-2024", "T_conflict-new", "T-1", "T.orig", "Copy", "T.schema",
    ])
    func aValidNameIsAModel(_ name: String) throws {
        try write("T.schema.json", Self.model.replacing("\"a\"", with: "\"b\""))
        try write("\(name).schema.json")
        #expect(try ModelDirectory([directory.path]).read().declarations.map(\.name).sorted() == ["T", name].sorted())
    }

    /// What may be meant as a model, without another file of that name, and what to do.
    private static let mistakes = [
        ("T.Schema.json", "is no model's file: name it T.schema.json, or move it elsewhere if it is none"),
        ("T.schema.JSON", "is no model's file: name it T.schema.json, or move it elsewhere if it is none"),
        ("T.schema.json ", "is no model's file: name it T.schema.json, or move it elsewhere if it is none"),
        ("T.schema.json.txt", "is no model's file: name it T.schema.json, or move it elsewhere if it is none"),
        ("T.schema.jsn", "is no model's file: name it T.schema.json, or move it elsewhere if it is none"),
        ("T.schema.yaml", "is no model's file: name it T.schema.json, or move it elsewhere if it is none"),
        ("T.schema", "is no model's file: name it T.schema.json, or move it elsewhere if it is none"),
        ("T-schema.json", "is no model's file: name it T.schema.json, or move it elsewhere if it is none"),
        ("T (1).schema.json", "looks like a copy of T.schema.json, which is not there: rename or remove it"),
        ("T.schema (1).json", "looks like a copy of T.schema.json, which is not there: rename or remove it"),
        ("Copy of T.schema.json", "looks like a copy of T.schema.json, which is not there: rename or remove it"),
        (
            "Living Room.schema.json",
            "its name without .schema.json is the model's: use ASCII letters, digits, _, - and ., a letter first, as in "
                + "Living_Room.schema.json"
        ),
        (
            "Küche.schema.json",
            "its name without .schema.json is the model's: use ASCII letters, digits, _, - and ., a letter first, as in "
                + "K_che.schema.json"
        ),
    ]

    @Test(arguments: mistakes) func whatMayBeMistypedIsAFault(_ name: String, _ detail: String) throws {
        try write(name)
        #expect(faults("") == ["/\(name): \(detail)"])
        // The name of a folder was not mistyped, unless it is exactly a model's.
        try FileManager.default.removeItem(atPath: "\(directory.path)/\(name)")
        try FileManager.default.createDirectory(
            atPath: "\(directory.path)/\(name)",
            withIntermediateDirectories: true
        )
        #expect(faults("") == [": has no file that ends with .schema.json; such a file declares a model"])
    }

    @Test func aFolderOfLeftoversAloneHasNoModel() throws {
        for name in ["T.schema.json~", "T.sync-conflict-20240101-120000-ABCDEFG.schema.json"] { try write(name) }
        #expect(
            faults("") == [
                ": has no file that ends with .schema.json; such a file declares a model; passed over: T.schema.json~, "
                    + "T.sync-conflict-20240101-120000-ABCDEFG.schema.json"
            ]
        )
    }
}
