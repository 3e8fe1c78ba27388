import TestSupport
import Testing

@testable import StateSchema

/// The keywords of schemas in the manuals.
@Suite struct KeywordTests {
    @Test(arguments: [
        "Sources/StateSchema/StateSchema.docc/WhatASchemaMaySay.md",
        "Sources/MyosinService/MyosinService.docc/DeclaringModels.md",
    ])
    func theArticleNamesEveryKeyword(_ article: String) throws {
        let text = try Article(article).text
        for keyword in JSONSchemaKeywords.known {
            let isNamed = text.contains("`\(keyword)`")
            #expect(isNamed, "\(keyword)")
        }
    }
}
