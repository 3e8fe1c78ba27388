import Primitives
import Testing

@Suite struct TypeAnswersTests {
    private struct Nested<Value> {}

    /// Types that share a place take it from each other, and never get each other's answer.
    @Test func eachAnswerIsThatOfItsType() {
        var types: [Any.Type] = [Nested<Int>.self]
        func nest<Value>(_ type: Value.Type) { types.append(Nested<Value>.self) }
        for _ in 0..<900 { _openExistential(types[types.count - 1], do: nest) }
        let identities = types.map { ObjectIdentifier($0) }
        #expect(TypeAnswers.answer(about: identities[0]) == nil)
        for (index, type) in identities.enumerated() { TypeAnswers.keep(UInt(index % 7 + 1), about: type) }
        let last = identities.count - 1
        #expect(TypeAnswers.answer(about: identities[last]) == UInt(last % 7 + 1))
        let kept = identities.enumerated()
            .map { index, type in TypeAnswers.answer(about: type).map { $0 == UInt(index % 7 + 1) } }
        #expect(!kept.contains(false) && kept.contains(true) && kept.contains(nil))
        TypeAnswers.keep(8, about: identities[last])
        #expect(TypeAnswers.answer(about: identities[last]) == UInt(last % 7 + 1))
    }
}
