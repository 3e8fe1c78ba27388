import Myosin
import TestSupport
import Testing

@Suite struct NameSuggestionsTests {
    @Test(arguments: [
        ("Usr", "User"), ("user", "User"), ("Uesr", "User"), ("Telemtry", "Telemetry"), ("temprature", "temperature"),
        ("x", "xy"), ("kuche", "küche"), ("KüCHE", "küche"), ("nothing", nil), ("", nil), ("Telephone", nil),
        (String(repeating: "U", count: 1_000_000), nil),
    ])
    func theNearestNameWithinAThirdWasMeant(_ text: String, _ meant: String?) {
        #expect(didYouMean(text, among: ["User", "Telemetry", "temperature", "xy", "küche"]) == meant)
    }

    /// Compared with the plain definition.
    @Test func distancesAreThoseOfTheDefinition() {
        var random = SeededRandom(seed: 7)
        func word() -> String {
            String((0..<Int.random(in: 1...9, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" })
        }
        for _ in 0..<2_000 {
            let (text, names) = (word(), (0..<5).map { _ in word() })
            let distances = names.map { Self.distance(Array(text), Array($0)) }
            let best = zip(names, distances).filter { $1 <= max(1, $0.utf8.count / 3) }.min { $0.1 < $1.1 }
            #expect(didYouMean(text, among: names) == best?.0, "\(text) among \(names)")
        }
    }

    /// Optimal string alignment, by its recurrence.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [[Int]](repeating: [Int](repeating: 0, count: right.count + 1), count: left.count + 1)
        for i in 0...left.count {
            for j in 0...right.count {
                if i == 0 || j == 0 {
                    rows[i][j] = i + j
                    continue
                }
                let change = rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                rows[i][j] = min(change, rows[i - 1][j] + 1, rows[i][j - 1] + 1)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
                }
            }
        }
        return rows[left.count][right.count]
    }

    /// However many names are asked for, and however many there are: at last no more is found, and that costs next to nothing.
    @Test(arguments: [(10, 10_000), (57, 10_000), (250, 1_000)]) func theWorkIsBounded(_ bytes: Int, _ count: Int) {
        let names = (0..<count)
            .map { number in
                let end = String(number)
                return String(repeating: "a", count: bytes - end.utf8.count) + end
            }
        let suggestions = NameSuggestions()
        #expect(suggestions.name(meantBy: names[0] + "b", among: names) != nil)
        var asked = 1
        while suggestions.name(meantBy: names[0] + "b", among: names) != nil, asked < 10_000 { asked += 1 }
        #expect(asked < 10_000)
        for _ in 0..<10_000 { #expect(suggestions.name(meantBy: names[0], among: names) == nil) }
    }
}
