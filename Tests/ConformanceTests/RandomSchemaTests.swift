import Foundation
import Myosin
import TestSupport
import Testing

@testable import StateSchema

/// Schemas and documents that are made up: what must hold of all of them, and what Python's jsonschema says.
@Suite struct RandomSchemaTests {
    private struct Case {
        let schema: JSONValue
        let documents: [JSONValue]
    }

    private static func cases(_ count: Int, seed: UInt64) -> [Case] {
        var random = RandomSchema(seed: seed)
        return (0..<count)
            .map { _ in Case(schema: random.schema(), documents: (0..<10).map { _ in random.document() }) }
    }

    /// One process of Python that gives its verdict on each document, 1 or 0.
    private static let program = """
        import json, sys
        from jsonschema import Draft202012Validator
        for line in open(sys.argv[1], encoding="utf-8"):
            case = json.loads(line)
            validator = Draft202012Validator(case["schema"])
            print("".join("1" if validator.is_valid(document) else "0" for document in case["documents"]))
        """

    private func verdictsOfPython(_ cases: [Case]) throws -> [String] {
        let library = try PythonPackages.install(["jsonschema==4.26.0"], as: "jsonschema-4.26.0")
        let directory = try TemporaryDirectory()
        let file = directory.path + "/cases"
        let lines = cases.map { one -> [UInt8] in
            let line: JSONValue = ["schema": one.schema, "documents": .array(one.documents)]
            return line.bytes + [0x0a]
        }
        try Data(lines.flatMap { $0 }).write(to: URL(filePath: file))
        let ending = try Program.run(
            "/usr/bin/env",
            ["python3", "-c", Self.program, file],
            environment: ["PYTHONPATH": library]
        )
        try #require(ending.status == 0, "Python says: \(ending.errors)")
        return ending.output.split(separator: "\n").map(String.init)
    }

    @Test func pythonHasTheSameVerdicts() throws {
        let cases = Self.cases(3_000, seed: 1)
        let verdicts = try verdictsOfPython(cases)
        try #require(verdicts.count == cases.count)
        for (one, expected) in zip(cases, verdicts) {
            let node = try JSONSchema.read(one.schema)
            let found = one.documents.map { node.accepts($0) ? "1" : "0" }.joined()
            #expect(found == expected, "\(one.schema) \(one.documents)")
        }
        let accepted = verdicts.joined().count { $0 == "1" }
        #expect((6_000...24_000).contains(accepted), "\(accepted) of 30,000 are accepted")
    }

    /// What files declare is served closed; whoever reads that as JSON Schema has it comes to the same verdicts.
    @Test func pythonReadsTheServedSchemaAlike() throws {
        let declared = Self.cases(3_000, seed: 2)
            .compactMap { one -> Case? in
                var schema: JSONValue = ["type": "object", "properties": ["a": one.schema]]
                if case .object(var object) = one.schema, let definitions = object["$defs"],
                    case .object(var top) = schema
                {
                    // References lead to the top.
                    object["$defs"] = nil
                    top["$defs"] = definitions
                    top["properties"] = ["a": .object(object)]
                    schema = .object(top)
                }
                guard let declaration = try? JSONSchemaDeclaration(name: "M", text: schema.bytes) else { return nil }
                return Case(
                    schema: .object(declaration.schema),
                    documents: one.documents.map { ["id": 1, "a": $0] }
                )
            }
        try #require(declared.count > 1_000, "\(declared.count)")
        for (one, expected) in zip(declared, try verdictsOfPython(declared)) {
            let node = try JSONSchema.read(one.schema)
            #expect(one.documents.map { node.accepts($0) ? "1" : "0" }.joined() == expected, "\(one.schema)")
        }
    }

    @Test func partsThatSayTheSameHaveTheSameVerdict() throws {
        for one in Self.cases(1_000, seed: 3) {
            let node = try JSONSchema.read(one.schema)
            guard case .object(var plain) = one.schema else { continue }
            let definitions = plain["$defs"] ?? [:]
            plain["$defs"] = nil
            let part = JSONValue.object(plain)
            var definitionsAndPart = JSONObject()
            if case .object(let object) = definitions { definitionsAndPart = object }
            definitionsAndPart["s"] = part
            func read(_ keyword: String, _ argument: JSONValue) throws -> JSONSchema {
                try JSONSchema.read(["$defs": definitions, keyword: argument])
            }
            let same = [
                try read("allOf", [part, true]), try read("anyOf", [part, false]), try read("oneOf", [false, part]),
                try read("not", ["not": part]),
                try JSONSchema.read(["$defs": .object(definitionsAndPart), "$ref": "#/$defs/s"]),
            ]
            let reversed = try read("not", part)
            for document in one.documents {
                let faults = node.faults(of: document)
                #expect(node.accepts(document) == faults.isEmpty)
                #expect(node.faults(of: document, limit: 2) == Array(faults.prefix(2)))
                for other in same { #expect(other.accepts(document) == faults.isEmpty, "\(one.schema) \(document)") }
                #expect(reversed.accepts(document) != faults.isEmpty)
                let places = Self.pointers(to: document)
                for fault in faults {
                    let isMissing = fault.code == .missing
                    let place = isMissing ? Self.parent(of: fault.pointer) : fault.pointer
                    #expect(places.contains(place), "\(fault) in \(document)")
                }
            }
        }
    }

    /// The JSON pointers (RFC 6901) to a value and to each of its parts.
    private static func pointers(to value: JSONValue, at pointer: String = "") -> Set<String> {
        var all: Set = [pointer]
        switch value {
        case .object(let object):
            for (name, field) in object { all.formUnion(pointers(to: field, at: pointer.appendingPointer(to: name))) }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                all.formUnion(pointers(to: element, at: "\(pointer)/\(index)"))
            }
        case .null, .bool, .number, .string: break
        }
        return all
    }

    private static func parent(of pointer: String) -> String {
        String(pointer[..<(pointer.lastIndex(of: "/") ?? pointer.startIndex)])
    }

    @Test func theSpellingOfNumbersAndTheOrderOfFieldsDoNotMatter() throws {
        for one in Self.cases(1_000, seed: 4) {
            let node = try JSONSchema.read(one.schema)
            let other = try JSONSchema.read(Self.spelledOtherwise(one.schema))
            for document in one.documents {
                let isAccepted = node.accepts(document)
                let respelled = try Self.spelledOtherwise(document)
                #expect(other.accepts(document) == isAccepted, "\(one.schema) \(document)")
                #expect(node.accepts(respelled) == isAccepted, "\(one.schema) \(document)")
            }
        }
    }

    /// The same value, with all numbers in another spelling and all fields the other way round.
    private static func spelledOtherwise(_ value: JSONValue) throws -> JSONValue {
        switch value {
        case .number(let number):
            let text = number.description
            return try JSONValue(parsing: Array((text + (text.contains(".") ? "0" : ".0") + "e0").utf8))
        case .array(let elements): return .array(try elements.map(spelledOtherwise))
        case .object(let object):
            var reversed = JSONObject()
            for (name, field) in Array(object).reversed() { reversed[name] = try spelledOtherwise(field) }
            return .object(reversed)
        case .null, .bool, .string: return value
        }
    }
}
