import TestSupport
import Testing

@Suite struct SchemaFuzzCorpusTests {
    @Test func theReaderAndTheCheckPass() throws {
        #expect(try FuzzCorpus.forEachInput(of: "schema") { SchemaFuzzTarget.run($0) } > 200)
    }
}
