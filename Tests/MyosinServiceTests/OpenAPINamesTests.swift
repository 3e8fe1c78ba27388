import Testing

@testable import MyosinService

/// The names of models and their parts in generated code.
@Suite struct OpenAPINamesTests {
    @Test(arguments: [
        ("User", "User"), ("user", "User"), ("pump-1.a_b", "Pump1AB"), ("HTTPServer", "HTTPServer"),
        ("Class", "ClassModel"),
        ("response", "ResponseModel"), ("State", "StateModel"), ("Problem", "ProblemModel"),
        ("Allmodels", "AllmodelsModel"),
    ])
    func aModelHasANameInPascalCase(_ model: String, _ noun: String) {
        #expect(OpenAPINames(models: [model]).noun(of: model) == noun)
    }

    @Test func modelsThatAreOneNameForAGeneratorAreToldApart() {
        let models = ["USER", "User", "user", "us-er", "pump.1", "pump-1", "State", "StateModel"]
        let names = OpenAPINames(models: models)
        let nouns = models.map(names.noun)
        #expect(Set(nouns.map { $0.lowercased() }).count == models.count)
        #expect(nouns[1] == "User" && nouns[7] == "StateModel")
        #expect(nouns[2].wholeMatch(of: #/UserX[0-9a-f]{8}/#) != nil && nouns[6].hasPrefix("StateModelX"))
        // A name does not depend on how many others there are.
        #expect(OpenAPINames(models: ["User", "user"]).noun(of: "user") == nouns[2])
    }

    @Test func partsOfDifferentModelsAreToldApart() {
        let names = OpenAPINames(models: ["User", "UserName", "Other", "Use"])
        var user = names.parts(of: "User")
        #expect(user.name(["email"], of: "/email") == "UserEmail")
        #expect(user.name(["name"], of: "/name").hasPrefix("UserNameX"))
        #expect(user.name(["name", "first"], of: "/name/first").hasPrefix("UserNameFirstX"))
        var name = names.parts(of: "UserName")
        #expect(name.name(["first"], of: "/first") == "UserNameFirst")
        var use = names.parts(of: "Use")
        #expect(use.name(["r"], of: "/r").hasPrefix("UseRX"))
        #expect(use.name(["x"], of: "/x") == "UseX")
    }

    @Test func partsOfOneModelAreToldApart() {
        var parts = OpenAPINames(models: ["M"]).parts(of: "M")
        let names = ["a b", "a-b", "aB", "größe", "grüße", "温度", "$", "1st", "class"].map { parts.name([$0], of: $0) }
        #expect(names[0] == "MAB" && names[3] == "MGrE" && names[5] == "MField" && names[7] == "M1st")
        #expect(Set(names.map { $0.lowercased() }).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: #/[A-Za-z0-9]+/#) != nil })
        // The part of a model that has the name of something else.
        var api = OpenAPINames(models: ["Http"]).parts(of: "Http")
        #expect(api.name(["status"], of: "/status").hasPrefix("HttpStatusX"))
    }

    @Test func longNamesAreCut() {
        var parts = OpenAPINames(models: ["M"]).parts(of: "M")
        let names = (0..<3).map { parts.name([String(repeating: "a", count: 300) + "\($0)"], of: "\($0)") }
        #expect(Set(names).count == 3 && names.allSatisfy { $0.utf8.count < 140 })
    }
}
