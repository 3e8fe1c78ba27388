import Foundation
import Myosin
import TestSupport
import Testing

@testable import StateSchema

/// Schemas and documents that are made to be much work, or to go deep: on the stack of a thread that has less than most.
@Suite struct SchemaGrowthTests {
    private static let grown = "grows beyond 100000 parts or 200 levels once its references are followed"

    /// Definitions d0, d1, … of a count.
    private func schema(_ count: Int, _ definition: (Int) -> JSONValue, _ top: JSONValue = true) -> JSONValue {
        var definitions = JSONObject()
        for index in 0..<count { definitions["d\(index)"] = definition(index) }
        return ["allOf": [top], "$defs": .object(definitions)]
    }

    private func reference(_ index: Int) -> JSONValue { ["$ref": .string("#/$defs/d\(index)")] }

    private func tenTimes(_ schema: JSONValue) -> JSONValue { .array(Array(repeating: schema, count: 10)) }

    private func faults(_ schema: JSONValue) -> [String] {
        do {
            _ = try JSONSchema.read(schema)
            return []
        } catch {
            return error.faults.map { "\($0.pointer) \($0.detail)" }
        }
    }

    /// "A billion laughs": each definition names the one before it ten times.
    @Test func whatDoublesOnEachLevelIsRefused() {
        let laughs = schema(30) { $0 == 0 ? true : ["allOf": tenTimes(reference($0 - 1))] }
        #expect(faults(laughs).first == "/$defs/d5 \(Self.grown)")
    }

    @Test func aHundredThousandPartsAreRead() {
        let tenThousand = schema(4) { $0 == 0 ? true : ["allOf": tenTimes(reference($0 - 1))] }
        #expect(faults(tenThousand) == [])
    }

    /// Chains of references, of which each leads to the next, and to the one before.
    @Test(arguments: [1, -1])
    func longChainsAreRefused(step: Int) async throws {
        let count = 20_000
        let chain = schema(count) { index in
            (0..<count).contains(index + step) ? ["items": reference(index + step)] : true
        }
        let found = try await onSmallStack { faults(chain) }
        #expect(found.contains { $0.hasSuffix(Self.grown) })
    }

    /// As deep as it may be, with each kind of step, and a document that goes all the way.
    @Test(arguments: ["items", "anyOf", "oneOf", "allOf", "not", "additionalProperties"])
    func theDeepestSchemaIsHeldAgainstValuesOnASmallStack(keyword: String) async throws {
        let count = 95
        let chain = schema(
            count,
            { index in
                if index == count - 1 { return ["type": "number"] }
                let next = reference(index + 1)
                return [keyword: keyword.hasSuffix("Of") ? [next] : next]
            },
            reference(0)
        )
        var document: JSONValue = "x"
        for _ in 0..<60 where keyword == "items" { document = [document] }
        for _ in 0..<60 where keyword == "additionalProperties" { document = ["a": document] }
        let value = document
        let node = try await onSmallStack { try JSONSchema.read(chain) }
        let isAccepted = try await onSmallStack { node.faults(of: value).isEmpty }
        // The opposite of the opposite, and so on 94 times, is what stands at the end, as is what is reached by one alternative.
        #expect(isAccepted == ["items", "additionalProperties"].contains(keyword))
    }

    /// A client may send as many fields as its body holds, of which none is known.
    @Test func manyUnknownFieldsAreLittleWork() throws {
        var properties = JSONObject()
        for index in 0..<50 { properties["temperature\(index)"] = true }
        let node = try JSONSchema.read(["properties": .object(properties), "additionalProperties": false])
        /// The time of the processor that this thread takes.
        func nanoseconds(unknown count: Int) throws -> Int {
            var document = JSONObject()
            for index in 0..<count { document["t\(index)"] = 0 }
            let start = try Self.threadNanoseconds()
            #expect(node.faults(of: .object(document)).count == 100)
            return try Self.threadNanoseconds() - start
        }
        // Both look for the names that 100 fields might have meant. It was 500 times as much when that was done for each field.
        let (few, many) = (try nanoseconds(unknown: 100), try nanoseconds(unknown: 50_000))
        #expect(many < 50 * few, "\(few) ns for 100 unknown fields, \(many) ns for 50,000")
    }

    private static func threadNanoseconds() throws -> Int {
        var time = timespec()
        try #require(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Runs something on a thread with two megabytes of stack, a quarter of what threads have on Linux.
    private func onSmallStack<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result
    {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Swift.Result(catching: body)) }
            thread.stackSize = 2 << 20
            thread.start()
        }
    }
}
