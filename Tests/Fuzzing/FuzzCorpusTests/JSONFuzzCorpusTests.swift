import TestSupport
import Testing

@Suite struct JSONFuzzCorpusTests {
    @Test func theParserAndTheWriterPass() throws {
        #expect(try FuzzCorpus.forEachInput(of: "json") { JSONFuzzTarget.run($0) } > 100)
    }

    /// The suite's cases too, so that the plain recogniser is held against something else than the parser.
    @Test func thePlainRecogniserKnowsTheSuite() {
        for one in JSONCase.accepted + JSONCase.exactNumbers {
            #expect(PlainJSON.accepts(one.bytes), "\(one)")
        }
        for one in JSONCase.rejected + JSONCase.duplicates + JSONCase.notUnicode {
            #expect(!PlainJSON.accepts(one.bytes), "\(one)")
        }
    }
}
