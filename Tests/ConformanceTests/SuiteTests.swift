import Foundation
import Myosin
import TestSupport
import Testing

@testable import StateSchema

/// The official JSON-Schema-Test-Suite: every group of a file is either understood, and then each of its tests has the verdict of
/// the suite, or refused with the reason.
///
/// The tests of draft 2020-12 come with the sources of Python's jsonschema. Debian 12's package has those up to draft 7, of
/// which the groups that mean the same today are run too.
@Suite struct SuiteTests {
    /// What became of the groups of one file.
    private struct Outcome {
        var testCount = 0
        var refused: [String] = []
    }

    /// What a refusal says of a group that uses what is not supported.
    private static let reasons = [
        "is a keyword that is not supported here", "which is no format that is supported here",
        "must name a place in this document", "leads back to where it stands", "stands at the top of a schema only",
        "is not a keyword of JSON Schema", "must be https://json-schema.org/draft/2020-12/schema",
    ]

    /// The groups that are refused in files about keywords that are supported; in files about others all are.
    private static let refusedCounts = [
        "additionalProperties.json": 4, "defs.json": 1, "format.json": 11, "not.json": 1, "properties.json": 1,
        "ref.json": 17, "optional/refOfUnknownKeyword.json": 2,
    ]

    private static let unsupported: Set = [
        "anchor.json", "contains.json", "content.json", "dependentRequired.json", "dependentSchemas.json",
        "dynamicRef.json", "if-then-else.json", "maxContains.json", "minContains.json", "pattern.json",
        "patternProperties.json", "propertyNames.json", "refRemote.json", "unevaluatedItems.json",
        "unevaluatedProperties.json", "vocabulary.json", "optional/anchor.json", "optional/cross-draft.json",
        "optional/dependencies-compatibility.json", "optional/dynamicRef.json", "optional/ecmascript-regex.json",
        "optional/format-assertion.json", "optional/id.json", "optional/non-bmp-regex.json",
        "optional/unknownKeyword.json",
    ]

    /// Files about formats that are supported.
    private static let formats = Set(StringFormat.allCases.map { "optional/format/\($0.rawValue).json" })

    @Test func theVerdictsAreThoseOfDraft2020() throws {
        let source = try PythonPackages.source(of: "jsonschema", version: "4.26.0")
        let top = source + "/jsonschema-4.26.0/json/tests/draft2020-12"
        var (testCount, fileCount) = (0, 0)
        for file in try Self.files(in: top) {
            let outcome = try Self.run(file, in: top)
            testCount += outcome.testCount
            fileCount += 1
            for refusal in outcome.refused {
                #expect(Self.reasons.contains { refusal.contains($0) }, "\(file): \(refusal)")
            }
            if Self.unsupported.contains(file) || Self.isOtherFormat(file) {
                #expect(outcome.testCount == 0 && !outcome.refused.isEmpty, "\(file)")
            } else {
                #expect(outcome.refused.count == Self.refusedCounts[file] ?? 0, "\(file): \(outcome.refused)")
                #expect(outcome.testCount > 0 || file == "defs.json", "\(file)")
            }
        }
        #expect(testCount > 900 && fileCount > 70, "\(testCount) tests in \(fileCount) files")
    }

    /// The files of draft 7 about keywords that are not supported, or that are called otherwise today.
    private static let unsupportedOfDraft7: Set = [
        "additionalItems.json", "contains.json", "definitions.json", "dependencies.json", "if-then-else.json",
        "pattern.json", "patternProperties.json", "propertyNames.json", "refRemote.json", "optional/content.json",
        "optional/ecmascript-regex.json",
    ]

    /// What means something else today is refused too: `items` as an array, and the references to other documents.
    @Test func theVerdictsAreThoseOfDraft7WhereItMeansTheSame() throws {
        let top = "/usr/share/json-schema-test-suite/tests/draft7"
        let reasons = Self.reasons + ["/items must be a schema, which is an object, true or false, got an array"]
        var (testCount, refusedCount) = (0, 0)
        for file in try Self.files(in: top) {
            let outcome = try Self.run(file, in: top)
            testCount += outcome.testCount
            refusedCount += outcome.refused.count
            for refusal in outcome.refused {
                #expect(reasons.contains { refusal.contains($0) }, "\(file): \(refusal)")
            }
            let isRefused = Self.unsupportedOfDraft7.contains(file) || Self.isOtherFormat(file)
            #expect((outcome.testCount == 0) == isRefused, "\(file): \(outcome.refused)")
        }
        #expect(testCount > 300 && refusedCount > 60, "\(testCount) tests, \(refusedCount) groups refused")
    }

    /// Whether a file is about a format that is not supported.
    private static func isOtherFormat(_ file: String) -> Bool {
        file.hasPrefix("optional/format/") && !formats.contains(file)
    }

    private static func files(in top: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: top).filter { $0.hasSuffix(".json") }.sorted()
    }

    private static func run(_ file: String, in top: String) throws -> Outcome {
        var outcome = Outcome()
        let text = Array(try Data(contentsOf: URL(filePath: "\(top)/\(file)")))
        for group in try JSONValue(parsing: text).elements {
            let node: JSONSchema
            do {
                node = try JSONSchema.read(group["schema"])
            } catch {
                outcome.refused.append("\(group["description"]): \(error)")
                continue
            }
            for test in group["tests"].elements {
                outcome.testCount += 1
                // By default formats are annotations, of which that file tells; ours are asserted.
                let isAsserted = file == "format.json" && "\(test["description"])".contains("only an annotation")
                let expected = test["valid"] == true && !isAsserted
                let faults = node.faults(of: test["data"])
                #expect(
                    faults.isEmpty == expected,
                    "\(file): \(group["description"]): \(test["description"]): \(faults)"
                )
                #expect(node.accepts(test["data"]) == expected)
            }
        }
        return outcome
    }
}

extension JSONValue {
    /// The elements of an array, none of anything else.
    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The value of a field, null where there is none.
    subscript(name: String) -> JSONValue { value(at: [name]) ?? .null }
}
