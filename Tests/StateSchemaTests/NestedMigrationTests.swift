import Myosin
import Testing

@testable import StateSchema

/// Fields of nested objects at a migration of declared models.
@Suite struct NestedMigrationTests {
    private func complete(_ schema: String, _ text: String) throws -> (document: String, changes: FieldChanges) {
        let declaration = try DeclarationTests.declaration(schema)
        guard case .object(var document) = try JSONValue(parsing: text) else {
            throw ValidationError("", "must be an object")
        }
        let changes = declaration.complete(&document)
        return ("\(JSONValue.object(document))", changes)
    }

    @Test func fieldsTakeTheirOwnDefaults() throws {
        let schema =
            #"{"type":"object","x-version":2,"properties":{"inner":{"type":"object","default":{},"properties":"#
            + #"{"a":{"type":"integer","default":1},"b":{"type":"integer","default":2}}}}}"#
        let (document, changes) = try complete(schema, #"{"id":"p","inner":{"a":5,"old":0}}"#)
        #expect(document == #"{"id":"p","inner":{"a":5,"b":2}}"#)
        #expect(changes.filled == ["/inner/b"] && changes.dropped == ["/inner/old"])
    }

    private static let inherited =
        #"{"type":"object","x-version":2,"properties":{"inner":{"type":"object","default":{"a":1,"b":2,"c":3,"list":[{"d":4}]},"#
        + #""required":["a","b"],"properties":{"a":{"type":"integer"},"b":{"type":"integer"},"c":{"type":"integer"},"#
        + #""list":{"type":"array","items":{"type":"object","required":["d"],"properties":{"d":{"type":"integer"}}}}}}}}"#

    @Test func requiredFieldsTakeWhatTheDefaultOfTheirObjectHas() throws {
        let (document, changes) = try complete(Self.inherited, #"{"id":"p","inner":{"a":5}}"#)
        #expect(document == #"{"id":"p","inner":{"a":5,"b":2}}"#, "an optional field may be left out")
        #expect(changes.filled == ["/inner/b"] && changes.absent == ["/inner/c", "/inner/list"])
    }

    @Test func nothingIsFilledInsideOfArrays() throws {
        let (document, _) = try complete(Self.inherited, #"{"id":"p","inner":{"a":5,"list":[{}]}}"#)
        #expect(document == #"{"id":"p","inner":{"a":5,"b":2,"list":[{}]}}"#)
    }
}
