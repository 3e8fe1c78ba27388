import TestSupport
import Testing

@testable import Myosin

@Suite struct JSONSuiteTests {
    /// What is accepted is written again, read again, and the same; for people, too.
    @Test(arguments: JSONCase.accepted + JSONCase.exactNumbers) func isAccepted(_ one: JSONCase) throws {
        let value = try JSONValue(parsing: one.bytes)
        let written = value.bytes
        let again = try JSONValue(parsing: written)
        #expect(again == value)
        #expect(again.bytes == written)
        #expect(value.bytes == written)
        #expect(try JSONValue(parsing: value.prettyText).bytes == written)
    }

    @Test(arguments: JSONCase.rejected + JSONCase.duplicates + JSONCase.notUnicode)
    func isRejectedAtAPlace(_ one: JSONCase) throws {
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: one.bytes) }
        #expect((0...one.bytes.count).contains(error.offset))
        let before = one.bytes[..<error.offset]
        #expect(error.line == 1 + before.count { $0 == 0x0a })
        let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        #expect(error.column == 1 + error.offset - lineStart)
    }

    @Test func thereAreAllOfThem() {
        let all =
            JSONCase.accepted + JSONCase.duplicates + JSONCase.rejected + JSONCase.exactNumbers + JSONCase.notUnicode
        #expect(JSONCase.accepted.count + JSONCase.duplicates.count == 95)
        #expect(JSONCase.rejected.count == 193)
        #expect(JSONCase.exactNumbers.count + JSONCase.notUnicode.count == 35)
        #expect(Set(all.map(\.description)).count == all.count)
    }

    /// Numbers are neither rounded nor written in another way.
    @Test(
        arguments: JSONCase.exactNumbers.map(\.bytes)
            + [
                "[0.1]", "[1E+2]", "[-0]", "[1.50]", "[1e400]", "[123456789012345678901234567890]", "[1E-400]",
                "[-0.0]",
            ]
            .map { Array($0.utf8) }
    )
    func numbersKeepTheirDigits(_ bytes: [UInt8]) throws {
        let digits = String(decoding: bytes, as: UTF8.self).filter { $0 != "[" && $0 != "]" }
        guard case .array(let elements) = try JSONValue(parsing: bytes), case .number(let number)? = elements.first
        else {
            Issue.record("no number in \(digits)")
            return
        }
        #expect(number.description == digits)
    }
}
