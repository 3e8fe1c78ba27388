import Myosin
import Primitives
import TestSupport
import Testing

/// What ``StateStore`` promises, for every implementation.
@Suite struct StoreContractTests {
    /// An implementation, and how it is opened again after its process has ended.
    enum Kind: CaseIterable { case sqlite, memory, controlled }

    private let directory: TemporaryDirectory
    private let controlled = ControlledStore()
    private let memory = MemoryStore()

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ kind: Kind) throws -> any StateStore {
        switch kind {
        case .sqlite: try SQLiteStore(directory: directory.path)
        case .memory: memory
        case .controlled: controlled
        }
    }

    /// Opens a store anew that nobody has closed properly.
    private func reopen(_ store: any StateStore, _ kind: Kind) throws -> any StateStore {
        store.close(numbersUsed: nil)
        return try open(kind)
    }

    private func document(_ model: String, _ revision: UInt64, _ text: String = "{}") -> StoredDocument {
        StoredDocument(model: model, schemaVersion: 1, revision: revision, time: 0.1, text: Array(text.utf8))
    }

    @Test(arguments: Kind.allCases) func aNewStoreIsEmpty(_ kind: Kind) throws {
        let content = try open(kind).load()
        #expect(content.documents == [] && content.numbersReserved == 0)
    }

    @Test(arguments: Kind.allCases) func whatWasCommittedIsThereToTheLastBit(_ kind: Kind) throws {
        let documents = [
            StoredDocument(
                model: "A",
                schemaVersion: 7,
                revision: .max,
                time: 1.1e9 + 1e-7,
                text: Array("{\"ä\":1}".utf8)
            ),
            StoredDocument(model: "B", schemaVersion: 1, revision: 1, time: 0, text: [0x7B, 0, 0x7D]),
            StoredDocument(model: "C-1.x_y", schemaVersion: .max, revision: 1 << 63, time: -1, text: []),
            StoredDocument(
                model: "D",
                schemaVersion: 1,
                revision: 2,
                time: 1,
                text: Array(repeating: 0x20, count: 1 << 20)
            ),
        ]
        var store = try open(kind)
        try store.commit(StoreBatch(documents: documents, numbersReserved: .max))
        store = try reopen(store, kind)
        let content = try store.load()
        #expect(content.documents == documents && content.numbersReserved == .max)
        #expect(try store.load().documents == documents, "it may be read again at any time")
    }

    @Test(arguments: Kind.allCases) func aBatchReplacesItsModelsAndNoOthers(_ kind: Kind) throws {
        var store = try open(kind)
        try store.commit(StoreBatch(documents: [document("A", 1), document("B", 1)], numbersReserved: 10))
        try store.commit(StoreBatch(documents: [document("B", 2, "[2]"), document("C", 2)]))
        store = try reopen(store, kind)
        let content = try store.load()
        #expect(content.documents == [document("A", 1), document("B", 2, "[2]"), document("C", 2)])
        #expect(content.numbersReserved == 10, "numbers that are not given stay")
    }

    @Test(arguments: Kind.allCases) func expectedRevisionsThatAreRightAreKept(_ kind: Kind) throws {
        let store = try open(kind)
        try store.commit(StoreBatch(documents: [document("A", 1), document("B", 1)]))
        let batch = StoreBatch(
            documents: [document("A", 2), document("C", 2), document("D", 2)],
            expectedRevisions: ["A": 1, "B": 1, "C": 0, "E": 0]
        )
        try store.commit(batch)
        #expect(try store.load().documents.map { "\($0.model)\($0.revision)" } == ["A2", "B1", "C2", "D2"])
    }

    @Test(arguments: Kind.allCases, [["A": 2], ["A": 0], ["C": 1], ["B": 2], ["D": 1]] as [[String: UInt64]])
    func aWrongExpectationLeavesEverythingAsItIs(_ kind: Kind, _ expected: [String: UInt64]) throws {
        let store = try open(kind)
        try store.commit(StoreBatch(documents: [document("A", 1), document("B", 1)], numbersReserved: 10))
        var batch = StoreBatch(
            documents: [document("A", 3), document("C", 3)],
            expectedRevisions: expected,
            setAside: [.init(document("A", 1), reason: "old")],
            numbersReserved: 20
        )
        for isClearing in [false, true] {
            batch.isClearing = isClearing
            let error = #expect(throws: StateError.self) { try store.commit(batch) }
            #expect(error?.code == .storeConflict && error?.model == expected.keys.first)
            let content = try store.load()
            #expect(content.documents == [document("A", 1), document("B", 1)] && content.numbersReserved == 10)
        }
        try store.commit(StoreBatch(documents: [document("A", 4)], expectedRevisions: ["A": 1]))
    }

    @Test(arguments: Kind.allCases) func clearingRemovesDocumentsAndNothingElse(_ kind: Kind) throws {
        var store = try open(kind)
        try store.commit(StoreBatch(documents: [document("A", 1), document("B", 1)], numbersReserved: 10))
        try store.commit(StoreBatch(documents: [document("C", 2)], isClearing: true))
        store = try reopen(store, kind)
        let content = try store.load()
        #expect(content.documents == [document("C", 2)] && content.numbersReserved == 10)
    }

    @Test(arguments: Kind.allCases) func anEmptyBatchChangesNothing(_ kind: Kind) throws {
        let store = try open(kind)
        #expect(StoreBatch().isEmpty)
        try store.commit(StoreBatch())
        #expect(try store.load().documents == [])
    }

    @Test(arguments: Kind.allCases) func closingGivesBackNumbersThatWereNotUsed(_ kind: Kind) throws {
        var store = try open(kind)
        try store.commit(StoreBatch(numbersReserved: 1_000))
        store.close(numbersUsed: 7)
        store = try open(kind)
        #expect(try store.load().numbersReserved == 7)
        store = try reopen(store, kind)
        #expect(try store.load().numbersReserved >= 7, "what was granted may have been used")
    }

    @Test(arguments: Kind.allCases) func aStoreWithoutOtherWritersTellsNoChanges(_ kind: Kind) throws {
        let store = try open(kind)
        let told = Lock(0)
        store.watch { documents in told.withLock { $0 += documents.count } }
        try store.commit(StoreBatch(documents: [document("A", 1)]))
        #expect(told.withLock { $0 } == 0, "what the engine writes itself is no news")
    }
}
