import Myosin
import Synchronization
import TestSupport
import Testing

/// The code of the article "Durability".
@Suite struct DurabilityTests {
    struct Settings: StateModel {
        var id = ModelID()
        var volume = 5
    }

    // DOC begins
    final class RecordingStore: StateStore {
        private let content = Mutex(StoredState(documents: [], numbersReserved: 0))

        func load() throws -> StoredState { content.withLock { $0 } }

        func commit(_ batch: StoreBatch) throws {
            content.withLock { content in
                if batch.isClearing { content.documents = [] }
                for document in batch.documents {
                    content.documents.removeAll { $0.model == document.model }
                    content.documents.append(document)
                }
                content.numbersReserved = batch.numbersReserved ?? content.numbersReserved
            }
        }

        func close(numbersUsed: UInt64?) {}
    }
    // DOC ends

    @Test func cachedValuesAreKept() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        // DOC begins
        let state = try State(cache: .directory(path))
        // DOC ends
        try state.load(Settings())
        // DOC begins
        try state.update(Settings.self, cache: true) { $0.volume = 7 }  // on disk
        try state.update(Settings.self) { $0.volume = 8 }  // in memory
        // DOC ends
        #expect(try state.checkout(Settings.self).volume == 8)
        state.close()

        let second = try State(cache: .directory(path))
        #expect(try second.load(Settings()).volume == 7)
        try second.update(Settings.self) { $0.volume = 9 }
        try keep(second)
        second.close()
        let third = try State(cache: .directory(path))
        #expect(try third.load(Settings()).volume == 9)
    }

    private func keep(_ state: State) throws {
        let revision = try state.checkout(Settings.self).checkedOutRevision
        // DOC begins
        try state.update(Settings.self, cache: true) { _ in }
        // DOC ends
        #expect(try state.checkout(Settings.self).checkedOutRevision == revision)
    }

    @Test func aDirectoryIsForOneState() throws {
        let directory = try TemporaryDirectory()
        let state = try State(cache: .directory(directory.path))
        let error = #expect(throws: StateError.self) { _ = try State(cache: .directory(directory.path)) }
        #expect(error?.code == .storeInUse)
        state.close()
    }

    @Test func withoutAStoreNothingIsKept() throws {
        let state = try State()
        try state.load(Settings())
        let error = #expect(throws: StateError.self) { try state.update(Settings.self, cache: true) { $0.volume = 7 } }
        #expect(error?.code == .noCache)
        #expect(try state.checkout(Settings.self).volume == 5)
    }

    @Test func aResetKeepsTheIdentityAndEmptiesTheStore() throws {
        let store = RecordingStore()
        let state = try State(cache: .store(store))
        try state.load(Settings(id: "s"))
        try state.update(Settings.self, cache: true) { $0.volume = 7 }
        #expect(try store.load().documents.map(\.model) == ["Settings"])
        // DOC begins
        try state.reset()
        // DOC ends
        #expect(try store.load().documents.isEmpty)
        #expect(try state.checkout(Settings.self).model == Settings(id: "s"))
    }

    @Test func theStoreOfTheArticleKeepsValuesAndNumbers() throws {
        let store = RecordingStore()
        let first = try State(cache: .store(store))
        try first.load(Settings())
        try first.update(Settings.self, cache: true) { $0.volume = 7 }
        let revision = try first.checkout(Settings.self).checkedOutRevision
        first.close()
        let second = try State(cache: .store(store))
        #expect(try second.load(Settings()).volume == 7)
        try second.update(Settings.self) { $0.volume = 8 }
        #expect(try second.checkout(Settings.self).checkedOutRevision > revision)
    }
}
