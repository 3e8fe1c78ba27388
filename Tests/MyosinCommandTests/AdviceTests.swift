import Foundation
import TestSupport
import Testing

@testable import Myosin
@testable import MyosinCommand
@testable import StateSchema

/// What operators read has their words, flags and keywords of schemas, and no names of Swift.
@Suite struct AdviceTests {
    /// Members, calls with labels, types and names in camel case, as a program's source has them.
    private static func swiftNames(in text: String) -> [String] {
        let code =
            #/\.self\b|(?:^|\s)\.[a-z]\w+|\b\w+\(…?[^)]*:|\bInt\b|\bState\(|\bstate\.[a-z]+\(|\bstruct\b|\b[a-z]+[A-Z]\w*\b/#
        return text.matches(of: code).map { String(text[$0.range]) }
    }

    /// An error of each code, as the engine makes it.
    private func errors() throws -> [StateError] {
        let directory = try TemporaryDirectory()
        let models = [Self.pump(1), Self.pump(2)]
        func refusals(_ stored: StoredDocument) throws -> [StateError] {
            try models.flatMap { model in
                ModelStart.all(
                    of: [try JSONSchemaDeclaration(name: "Pump", text: Array(model.utf8))],
                    with: StoredState(documents: [stored], numbersReserved: 0),
                    onCorrupt: .fail
                )
            }
            .compactMap { start in
                if case .refused(let error) = start.kind { error } else { nil }
            }
        }
        var errors: [StateError] = []
        for (version, text, isIntact) in [
            (1, "{", true), (1, "{}", false), (9, "{}", true), (1, #"{"id":1,"flow":"x"}"#, true),
        ] {
            var document = StoredDocument(
                model: "Pump",
                schemaVersion: version,
                revision: 1,
                time: 0,
                text: Array(text.utf8)
            )
            document.isIntact = isIntact
            errors += try refusals(document)
        }
        errors += try refusals(
            StoredDocument(model: "Pump", schemaVersion: 0, revision: 0, time: 0, text: Array("{".utf8))
        )
        for number: Int32 in [EACCES, ENOTDIR, EROFS, ENOSPC, EMFILE, EIO] {
            errors.append(.system(number, "\(directory.path)/state.sqlite cannot be opened"))
        }
        let known: [StateError] = [
            .notLoaded("Pump"), .noCache("Pump"), .nestedContextError, .conflict("Pump", expected: 1, current: 2),
            .conflictInContext("Pump"), .unexpected("Pump", current: 2), .removed("Pump"),
            .invalid("Pump", ValidationError("/flow", "must be a number, got null")),
            .documentTooLarge("Pump", 9, limit: 8), .invalidState([.missing("/flow")]),
            .notResponding(for: .seconds(30)),
            .recovering(from: .system(EIO, "the disk")), .closedError, .replaced("state.sqlite", isMissing: true),
            .replaced("state.sqlite", isMissing: false), .outdated("state.sqlite"), .cutOff("state.sqlite"),
        ]
        errors += known
        errors += StateError.Code.all.map { code in StateError(code, "The text of a store.") }
        return errors
    }

    private static func pump(_ version: Int) -> String {
        #"{"type":"object","x-version":\#(version),"properties":{"flow":{"type":"number","default":0}}}"#
    }

    private static let remedies: [StateError.Remedy] = [
        .isKept, .load("Pump"), .setCache, .nameAllModels, .nameModels(["Pump"]), .chooseGoodName, .chooseOtherName,
        .useValueType, .raiseTypeVersion, .mendMigration(adding: ["/a"]), .passDefaults, .runNewerProgram,
        .raiseVersion(to: 2),
        .raiseVersion(to: 2, renaming: FieldChanges(dropped: ["/flow"], filled: ["/speed"]).renames), .acceptValue,
        .changeValue, .keepVersion(2), .restoreCopy, .useDefaults, .mendFile,
    ]

    @Test func noErrorHasWordsOfSwiftForOperators() throws {
        let errors = try errors()
        for code in StateError.Code.all { #expect(errors.contains { $0.code == code }, "\(code)") }
        for error in errors {
            let text = ModelDirectory.Fault("Pump.schema.json", error).worded(Advice.sentence).description
            #expect(Self.swiftNames(in: text) == [], "\(text)")
            #expect(!text.contains("onCorrupt") && !text.contains("schemaVersion"))
        }
        for remedy in Self.remedies {
            let text = Advice.sentence(remedy) ?? ""
            #expect(Self.swiftNames(in: text.replacing("--state.on-corrupt", with: "")) == [], "\(text)")
        }
        #expect(Self.swiftNames(in: "load with onCorrupt: .useDefaults").count >= 2, "the pattern finds something")
    }

    /// Developers keep their words.
    @Test func developersReadTheNamesOfTheAPI() {
        let error = StateError(.corruptDocument, "The stored Pump is damaged.", .useDefaults, model: "Pump")
        #expect(error.message.contains("onCorrupt: .useDefaults"))
        let fault = ModelDirectory.Fault("Pump.schema.json", error)
        #expect(fault.detail == error.message)
        #expect(
            fault.worded(Advice.sentence).detail
                .hasSuffix("--state.on-corrupt=use-defaults to keep it in quarantine and begin with the defaults.")
        )
        #expect(StateError.noCache("Pump").message.contains("State(cache: .directory(…))"))
        #expect(StateError.notLoaded("Pump").message.hasSuffix("Call state.load(Pump(…)) with its defaults first."))
    }

    /// The words of Swift are with the remedies, where a program can put others in their place.
    @Test(arguments: ["Myosin", "StateSchema"]) func messagesHaveNoNamesOfSwift(_ target: String) throws {
        let path = "\(repository)/Sources/\(target)"
        let files = try FileManager.default.subpathsOfDirectory(atPath: path).filter { $0.hasSuffix(".swift") }
        // Where developers are addressed, about types of theirs.
        let spared: Set = ["StateError+Remedies.swift"]
        #expect(!files.isEmpty)
        for file in files where !spared.contains(file) {
            let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
            for line in text.split(separator: "\n") where !line.contains(#/^\s*\/\//#) {
                for literal in line.matches(of: #/"((?:[^"\\]|\\.)*)"/#).map(\.1) where literal.contains(" ") {
                    let sentence = literal.replacing(#/\\\([^"]*\)/#, with: "X")
                    for name in [
                        "onCorrupt", "useDefaults", "schemaVersion", "modelName", ".self", "state.load", "state.with",
                        "State(",
                    ] {
                        #expect(!sentence.contains(name), "\(file): \(literal)")
                    }
                }
            }
        }
    }
}
