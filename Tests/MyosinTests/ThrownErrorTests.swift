import Foundation
import Myosin
import TestSupport
import Testing

/// Errors of other types that a model's own code throws.
@Suite struct ThrownErrorTests {
    struct Described: Error, CustomStringConvertible { let description = "The water is too hot." }
    enum Water: Error { case tooHot(celsius: Int), gone }
    struct Plain: Error { let secret = "hidden" }

    struct Tank: StateModel {
        var id: ModelID = "t"
        var fault = 0
        var inner = Inner()

        struct Inner: Codable, Equatable, Sendable {
            var level = 0
            enum Keys: CodingKey { case level }
            init() {}
            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: Keys.self)
                level = try fields.decode(Int.self, forKey: .level)
                switch level {
                case 1: throw ValidationError("/level", "must not be 1")
                case 2: throw Water.tooHot(celsius: 93)
                case 3:
                    let description = "Three is odd."
                    throw DecodingError.dataCorruptedError(forKey: .level, in: fields, debugDescription: description)
                default: break
                }
            }
            func encode(to encoder: any Encoder) throws {
                var fields = encoder.container(keyedBy: Keys.self)
                try fields.encode(level, forKey: .level)
                if level == 7 {
                    let context = EncodingError.Context(codingPath: fields.codingPath, debugDescription: "No sevens.")
                    throw EncodingError.invalidValue(level, context)
                }
                if level == 8 { throw Plain() }
            }
        }

        func validate() throws {
            switch fault {
            case 1: throw Described()
            case 2: throw Water.tooHot(celsius: 93)
            case 3: throw Water.gone
            case 4: throw Plain()
            case 5: throw ValidationError("/fault", "must not be 5")
            default: break
            }
        }
    }

    private let state: State

    init() throws {
        state = try State()
        try state.load(Tank())
    }

    @Test(arguments: [
        (1, "the document is refused: The water is too hot"), (2, "the document is refused: Water.tooHot was thrown"),
        (3, "the document is refused: Water.gone was thrown"), (4, "the document is refused: Plain was thrown"),
        (5, "/fault must not be 5"),
    ])
    func validationSaysWhatWasThrown(_ fault: Int, _ sentence: String) throws {
        let error = #expect(throws: StateError.self) { try state.update(Tank.self) { $0.fault = fault } }
        #expect(error?.code == .invalid && error?.message == "Tank is not valid: \(sentence).")
        let underlying = try #require(error?.underlying as? ValidationError)
        #expect((underlying.underlying != nil) == (fault != 5))
        if fault == 2 { #expect(underlying.underlying is Water) }
    }

    @Test(arguments: [
        (7, "/inner cannot be encoded: No sevens"), (8, "the document cannot be encoded: Plain was thrown"),
    ])
    func encodingSaysWhatWasThrown(_ level: Int, _ sentence: String) throws {
        let error = #expect(throws: StateError.self) { try state.update(Tank.self) { $0.inner.level = level } }
        #expect(error?.code == .invalid && error?.message == "Tank is not valid: \(sentence).")
    }

    @Test(arguments: [
        (1, "/inner/level must not be 1"), (2, "/inner is not valid: Water.tooHot was thrown"),
        (3, "/inner/level is not valid: Three is odd"),
    ])
    func decodingSaysWhatWasThrownAndWhere(_ level: Int, _ sentence: String) throws {
        let text = #"{"id":"t","fault":0,"inner":{"level":\#(level)}}"#
        let error = #expect(throws: StateError.self) { try Tank.migrated(from: text, version: 1) }
        #expect(error?.message.hasPrefix("The stored Tank cannot be read: \(sentence).") == true, "\(error as Any)")
        if level == 2 { #expect((error?.underlying as? ValidationError)?.underlying is Water) }
    }

    // MARK: Paths

    @Test func aPathWithANulByteIsRefused() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a\0b"
        let store = "\(directory.path)/store"
        try State(cache: .directory(store)).close()
        let calls: [() throws -> Void] = [
            { _ = try State(cache: .directory(path)) }, { _ = try SQLiteStore(directory: path) },
            { _ = try SQLiteStore.preview(path) }, { _ = try SQLiteStore.backUp(path, to: "\(directory.path)/copy") },
            { _ = try SQLiteStore.backUp(store, to: path) }, { _ = try SQLiteStore.restore(path, to: store) },
            { _ = try SQLiteStore.restore("\(directory.path)/copy", to: path) },
            { _ = try SQLiteStore.quarantine(of: path) }, { _ = try SQLiteStore.clearQuarantine(of: path) },
        ]
        for call in calls {
            let error = #expect(throws: StateError.self) { try call() }
            #expect(error?.code == .storeNotDirectory && error?.message.contains("NUL byte") == true, "\(error as Any)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["store"])
        let options = SQLiteStore.Options(group: "root\0x")
        let error = #expect(throws: StateError.self) { _ = try SQLiteStore(directory: store, options: options) }
        #expect(error?.code == .storePermission)
    }
}
