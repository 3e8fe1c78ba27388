import Primitives
import Testing

@Suite struct WeightedListTests {
    private func texts(_ value: String?) -> [String] {
        WeightedList(value).elements
            .map { element in
                let parameters = element.parameters.sorted { $0.key < $1.key }.map { ";\($0.key)=\($0.value)" }.joined()
                return "\(element.name)\(element.value.map { "=\($0)" } ?? "")\(parameters)"
            }
    }

    @Test(
        arguments: [
            (nil, []), ("", []), (" , ,", []), ("gzip", ["gzip"]), ("GZIP , br", ["gzip", "br"]),
            ("text/html;Level=\"1\" ; q=0.5", ["text/html;level=1;q=0.5"]),
            ("respond-async, WAIT = 10 ; x=y", ["respond-async", "wait=10;x=y"]),
            ("a;q=1;q=0", ["a;q=1"]), ("a;b;=c;d=", ["a;=c;d="]), (";q=1, b", ["b"]),
            // Separators in quotes are none; a quote that does not end is a character.
            ("a;x=\"1,2;3\\\"4\", b", ["a;x=1,2;3\"4", "b"]), ("a;x=\"1, b;q=0", ["a;x=\"1", "b;q=0"]),
            // To `String` the comma and the accent are one character.
            ("a,\u{301}b", ["a", "\u{301}b"]),
        ] as [(String?, [String])]
    )
    func elementsAreRead(_ value: String?, _ expected: [String]) {
        #expect(texts(value) == expected)
    }

    @Test(
        arguments: [
            ("a", 1), ("a;q=0", 0), ("a;q=1", 1), ("a;q=1.000", 1), ("a;q=0.125", 0.125), ("a; Q = .5", 0.5),
            ("a;q=\"0.5\"", 0.5),
            ("a;q=abc", nil), ("a;q=5", nil), ("a;q=1.001", nil), ("a;q=-0", nil), ("a;q=", nil), ("a;q=.", nil),
            ("a;q=0.5.5", nil),
            ("a;q=5e-1", nil), ("a;q=0x1p-1", nil), ("a;q=inf", nil), ("a;q=nan", nil), ("a;q=0,5", 0),
        ] as [(String, Double?)]
    )
    func weightsAreStrict(_ value: String, _ expected: Double?) {
        #expect(WeightedList(value).elements.first?.weight == expected)
    }

    @Test func theFirstOfSeveralWithOneNameCounts() {
        let list = WeightedList("x;q=0.5, y;q=abc, y;q=0.25, a, b;q=0, x")
        #expect(list.weights { $0 == "b" ? "a" : $0 } == ["x": 0.5, "y": 0.25, "a": 1])
        #expect(list.weights { $0 == "x" ? nil : $0 } == ["y": 0.25, "a": 1, "b": 0])
    }

    @Test func longListsAreCutOff() {
        let names = (0..<1_000).map { "n\($0)" }
        #expect(texts(names.joined(separator: ",")) == Array(names.prefix(64)))
    }
}
