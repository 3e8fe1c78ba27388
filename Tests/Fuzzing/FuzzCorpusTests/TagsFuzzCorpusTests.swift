import TestSupport
import Testing

@Suite struct TagsFuzzCorpusTests {
    @Test func listsOfTagsPass() throws {
        #expect(try FuzzCorpus.forEachInput(of: "tags") { TagsFuzzTarget.run($0) } > 50)
    }
}
