import TestSupport
import Testing

@Suite struct NegotiationFuzzCorpusTests {
    @Test func whatIsAskedForPasses() throws {
        #expect(try FuzzCorpus.forEachInput(of: "negotiation") { NegotiationFuzzTarget.run($0) } > 20)
    }
}
