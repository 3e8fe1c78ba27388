import TestSupport
import Testing

@Suite struct FuzzCorpusTests {
    @Test func theReadersPass() throws {
        #expect(try FuzzCorpus.forEachInput(in: "Corpus") { FuzzTargets.run($0) } > 100)
    }

    @Test func theServerPasses() throws {
        let target = try ServerFuzzTarget()
        #expect(try FuzzCorpus.forEachInput(in: "ServerCorpus") { target.run($0) } > 100)
    }
}
