import TestSupport
import Testing

@Suite struct NegotiationFuzzCorpusTests {
    @Test func whatIsAskedForPasses() throws {
        #expect(try FuzzCorpus.forEachInput(in: "NegotiationCorpus") { NegotiationFuzzTarget.run($0) } > 20)
    }
}
