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
        ("*", true, true), ("\"k3f9-4\"", true, true), ("W/\"k3f9-4\"", false, true), ("\"k3f9-04\"", false, false),
        ("\"k3f9-3\", \"k3f9-5\"", false, false), ("\"k3f9-3\", \"k3f9-4\"", true, true),
        ("W/\"k3f9-4\", \"k3f9-4\"", true, true),
        ("\"\"", false, false), ("\"4\"", false, false), ("\"k3f8-4\"", false, false), ("\"K3F9-4\"", false, false),
    ])
    func revisionsAreComparedStronglyOrWeakly(text: String, isStrongMatch: Bool, isWeakMatch: Bool) throws {
        let list = try #require(EntityTagList(text))
        let tag = RevisionTag("k3f9", 4)
        #expect(list.contains(tag, isStrong: true) == isStrongMatch)
        #expect(list.contains(tag, isStrong: false) == isWeakMatch)
    }
}
