import TestSupport
import Testing

@Suite struct FuzzCorpusTests {
    @Test func theReadersPass() throws {
        #expect(try FuzzCorpus.forEachInput(of: "readers") { ReadersFuzzTarget.run($0) } > 100)
    }

    @Test func theServerPasses() throws {
        let target = try ServerFuzzTarget()
        #expect(try FuzzCorpus.forEachInput(of: "server") { target.run($0) } > 100)
    }
}
