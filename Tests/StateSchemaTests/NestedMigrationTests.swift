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

    private static let listed =
        ##"{"type":"object","x-version":2,"properties":{"items":{"type":"array","default":[],"items":{"$ref":"#/$defs/item"}},"##
        + ##""byName":{"type":"object","default":{},"additionalProperties":{"$ref":"#/$defs/item"}}},"$defs":{"item":{"type":"object","##
        + ##""additionalProperties":false,"properties":{"a":{"type":"integer"},"size":{"type":"object","default":{"x":1},"##
        + ##""properties":{"x":{"type":"integer"},"y":{"type":"integer"}}}}}}}"##

    @Test func changesOfElementsAreNamedOnce() throws {
        let text =
            #"{"id":"p","items":[{"a":1,"old":0},{"old":0},{"a":2,"size":{"x":3,"old":0}}],"byName":{"b":{"old":0},"c":{"a":1,"old":0}}}"#
        let (document, changes) = try complete(Self.listed, text)
        #expect(
            document
                == #"{"id":"p","items":[{"a":1,"size":{"x":1}},{"size":{"x":1}},{"a":2,"size":{"x":3}}],"#
                + #""byName":{"b":{"size":{"x":1}},"c":{"a":1,"size":{"x":1}}}}"#
        )
        #expect(changes.dropped == ["/items/{index}/old", "/items/{index}/size/old", "/byName/{name}/old"])
        #expect(changes.filled == ["/items/{index}/size", "/byName/{name}/size"])
        #expect(
            changes.absent == ["/items/{index}/a", "/items/{index}/size/y", "/byName/{name}/a"],
            "what a default lacks does not count"
        )
    }

    /// With a copy of the list of changes for each element this takes minutes.
    @Test(.timeLimit(.minutes(1))) func veryManyElementsGetTheirDefaults() throws {
        let items = Array(repeating: #"{"old":0}"#, count: 10_000).joined(separator: ",")
        let (document, changes) = try complete(Self.listed, #"{"id":"p","items":[\#(items)],"byName":{}}"#)
        #expect(changes.filled == ["/items/{index}/size"] && changes.dropped == ["/items/{index}/old"])
        let filled = Array(repeating: #"{"size":{"x":1}}"#, count: 10_000).joined(separator: ",")
        #expect(document == #"{"id":"p","items":[\#(filled)],"byName":{}}"#)
    }
}
