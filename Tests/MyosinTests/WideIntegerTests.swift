@testable import Myosin
import Testing

/// Integers of 128 bits.
@Suite struct WideIntegerTests {
    private struct Wide: StateModel {
        var id: ModelID = "w"
        var signed = Int128.min
        var unsigned = UInt128.max
        var maybe: Int128?
        var maybeNot: UInt128? = 7
        var list: [Int128] = [.max, -1]
        var table: [String: UInt128] = ["a": .max]
        var choice = Choice.one(Int128.max)
        var pair = Pair()
    }

    private enum Choice: Codable, Sendable, Equatable { case one(Int128), two(UInt128?) }

    /// Encodes itself without keys.
    private struct Pair: Codable, Sendable, Equatable {
        var (left, right) = (Int128.min, UInt128.max)

        init() {}
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            left = try container.decode(Int128.self)
            right = try container.decode(UInt128.self)
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(left)
            try container.encode(right)
        }
    }

    private static let text =
        #"{"id":"w","signed":-170141183460469231731687303715884105728,"unsigned":340282366920938463463374607431768211455,"#
        + #""maybe":null,"maybeNot":7,"list":[170141183460469231731687303715884105727,-1],"#
        + #""table":{"a":340282366920938463463374607431768211455},"#
        + #""choice":{"one":{"_0":170141183460469231731687303715884105727}},"#
        + #""pair":[-170141183460469231731687303715884105728,340282366920938463463374607431768211455]}"#

    @Test func theyAreWrittenAndReadWithEachDigit() throws {
        #expect(String(decoding: try DocumentWriter.text(of: Wide()), as: UTF8.self) == Self.text)
        let document = try Wide().document()
        #expect(JSONValue.object(document).description == Self.text)
        #expect(try Wide(document: document) == Wide())
        let state = try State()
        try state.load(Wide())
        try state.update(Wide.self) { $0.maybe = -5 }
        #expect(try state.checkout(Wide.self).maybe == -5)
    }

    @Test func whatTheyDoNotHoldIsRefused() throws {
        var document = try Wide().document()
        document["signed"] = try JSONValue(parsing: "170141183460469231731687303715884105728")
        document["unsigned"] = -1
        document["maybe"] = 1.5
        #expect(
            DocumentDecoder.faults(of: Wide.self, in: .object(document)).map(\.description) == [
                "/signed must be between \(Int128.min) and \(Int128.max), got 170141183460469231731687303715884105728",
                "/unsigned must be between 0 and \(UInt128.max), got -1", "/maybe must be an integer, got 1.5",
            ]
        )
        document = try Wide().document()
        document["signed"] = try JSONValue(parsing: "1.7e38")
        #expect(try Wide(document: document).signed == 170_000_000_000_000_000_000_000_000_000_000_000_000)
    }
}

extension ValidationError.Fault {
    fileprivate var description: String { "\(pointer) \(detail)" }
}
