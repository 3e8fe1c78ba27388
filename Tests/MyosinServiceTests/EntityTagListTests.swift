import Testing

@testable import MyosinService

@Suite struct EntityTagListTests {
    private static func strong(_ texts: String...) -> EntityTagList {
        .tags(texts.map { EntityTagList.Tag(text: $0, isWeak: false) })
    }

    private static func weak(_ text: String) -> EntityTagList.Tag { .init(text: text, isWeak: true) }
    private static func tag(_ text: String) -> EntityTagList.Tag { .init(text: text, isWeak: false) }

    private static let lists: [(String, EntityTagList)] = [
        ("*", .any), (" \t* ", .any), ("\"*\"", strong("*")),
        ("\"4\"", strong("4")), ("\t\"4\" ", strong("4")), ("\"\"", strong("")),
        ("\"1\",\"2\"", strong("1", "2")), ("\"1\" ,\t\"2\"", strong("1", "2")),
        (",, \"1\",, ,\"2\", ", strong("1", "2")),
        ("\"a,b\", \"c\"", strong("a,b", "c")), ("\"W/\"", strong("W/")),
        ("W/\"4\"", .tags([weak("4")])), ("\"1\", W/\"2\"", .tags([tag("1"), weak("2")])),
        ("\"é\"", strong("é")),
    ]

    @Test(arguments: lists) func listsAreRead(text: String, list: EntityTagList) {
        #expect(EntityTagList(text) == list)
    }

    @Test(arguments: [
        "", " ", ",", " , ,", "42", "\"", "\"4", "4\"", "'4'", "\"4\"x", "\"4\" \"5\"", "\"4\", 5", "w/\"4\"", "W\"4\"",
        "W/ \"4\"", "W/4", "W/", "*, \"4\"", "\"4\", *", "**", "“4”", "\"4\";q=1",
    ])
    func otherTextIsNoList(text: String) { #expect(EntityTagList(text) == nil) }

    @Test(arguments: [
        ("*", true, true), ("\"4\"", true, true), ("W/\"4\"", false, true), ("\"04\"", false, false),
        ("\"3\", \"5\"", false, false), ("\"3\", \"4\"", true, true), ("W/\"4\", \"4\"", true, true),
        ("\"\"", false, false),
    ])
    func revisionsAreComparedStronglyOrWeakly(text: String, isStrongMatch: Bool, isWeakMatch: Bool) throws {
        let list = try #require(EntityTagList(text))
        #expect(list.contains(4, isStrong: true) == isStrongMatch)
        #expect(list.contains(4, isStrong: false) == isWeakMatch)
    }
}
