import Myosin
import StateSchema
import Testing

@Suite struct ModelSchemaTests {
    private static let start = #"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"#
    private static let identity = #""id":{"type":["string","integer"],"readOnly":true}"#

    private func schema(of model: any StateModel) -> String {
        JSONValue.object(ModelDerivation(of: model).document).description
    }

    private func expected(_ title: String, _ rest: String...) -> String {
        Self.start + "\"\(title)\"," + #""type":"object","properties":{"# + Self.identity + "," + rest.joined() + "}"
    }

    @Test func aModelOfAStringIsToldWhole() {
        #expect(
            schema(of: User())
                == #"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"User","type":"object","#
                + #""properties":{"id":{"type":["string","integer"],"readOnly":true},"name":{"type":"string"}},"#
                + #""required":["name"],"additionalProperties":false}"#
        )
    }

    @Test func theIdentityComesFirstAndOptionalsAreNotRequired() {
        #expect(
            schema(of: Telemetry())
                == expected(
                    "Telemetry",
                    #""temperature":{"type":"number"},"isOnline":{"type":"boolean"},"note":{"type":["string","null"]}},"#,
                    #""required":["temperature","isOnline"],"additionalProperties":false"#
                )
        )
    }

    @Test func integersHaveTheRangeOfTheirWidth() {
        #expect(
            schema(of: Widths())
                == expected(
                    "Widths",
                    #""a":{"type":"integer","minimum":-128,"maximum":127},"#,
                    #""b":{"type":"integer","minimum":0,"maximum":65535},"#,
                    #""c":{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807},"#,
                    #""d":{"type":"integer","minimum":0,"maximum":18446744073709551615},"e":{"type":"number"},"#,
                    #""f":{"type":["integer","null"],"minimum":-2147483648,"maximum":2147483647}},"#,
                    #""required":["a","b","c","d","e"],"additionalProperties":false"#
                )
        )
    }

    @Test func collectionsTellWhatTheyHold() {
        let position =
            #""type":"object","properties":{"x":{"type":"integer","minimum":-128,"maximum":127},"#
            + #""y":{"type":["number","null"]}},"required":["x"],"additionalProperties":false"#
        #expect(
            schema(of: Collections())
                == expected(
                    "Collections",
                    #""history":{"type":"array","items":{"type":"number"}},"#,
                    #""route":{"type":"array","items":{\#(position)}},"#,
                    #""tags":{"type":"object","additionalProperties":{"type":"integer","#,
                    #""minimum":-9223372036854775808,"maximum":9223372036854775807}},"#,
                    #""names":{"type":"array","items":{"type":"string"}},"#,
                    #""gaps":{"type":"array","items":{"type":["integer","null"],"minimum":-128,"maximum":127}},"#,
                    #""grid":{"type":"array","items":{"type":"array","items":{"type":"boolean"}}},"#,
                    #""places":{"type":["object","null"],"additionalProperties":{\#(position)}}},"#,
                    #""required":["history","route","tags","names","gaps","grid"],"additionalProperties":false,"#,
                    #""examples":[{"history":[],"route":[],"tags":{},"names":[],"gaps":[],"grid":[],"#,
                    #""places":{"a":{"x":1,"y":null}}}]"#
                )
        )
    }

    @Test func enumerationsIdentitiesAndFreeValuesAreTold() {
        let range = #""minimum":-9223372036854775808,"maximum":9223372036854775807}"#
        #expect(
            schema(of: Kinds())
                == expected(
                    "Kinds",
                    #""quality":{"type":"string","enum":["good","poor"]},"#,
                    #""level":{"type":["integer","null"],"enum":[1,3,null]},"#,
                    #""spare":{"type":["string","null"],"enum":["good","poor",null]},"#,
                    #""target":{"type":"number"},"colour":{"type":["string","null"]},"anything":{},"note":{},"#,
                    #""owner":{"type":["string","integer"],\#(range),"#,
                    #""parent":{"type":["string","integer","null"],\#(range)},"#,
                    #""required":["quality","target","anything","owner"],"additionalProperties":false"#
                )
        )
    }

    @Test func typesFoundAgainInsideThemselvesAcceptAnything() {
        #expect(
            schema(of: Tree())
                == expected(
                    "Tree",
                    #""root":{"type":"object","properties":{"name":{"type":"string"},"#,
                    #""children":{"type":"array","items":{}}},"#,
                    #""required":["name","children"],"additionalProperties":false},"#,
                    #""others":{"type":"array","items":{}},"#,
                    #""twins":{"type":["object","null"],"additionalProperties":{}}},"#,
                    #""required":["root","others"],"additionalProperties":false"#
                )
        )
    }

    @Test func typesThatNestWithoutEndAreCutOff() {
        let text = schema(of: Bottomless())
        #expect(text.contains(#""items":{}"#))
        #expect(text.utf8.count < 10_000)
    }

    @Test func aTypeThatRefusesMostValuesGetsNoOthers() {
        #expect(
            schema(of: Demanding())
                == expected(
                    "Demanding",
                    #""code":{"type":"string"}},"required":["code"],"additionalProperties":false"#
                )
        )
    }

    @Test func aTypeThatAsksForItsFieldsSaysThatItTakesAny() {
        #expect(
            schema(of: Curious())
                == expected(
                    "Curious",
                    #""inner":{"type":"object","additionalProperties":true}},"required":["inner"],"#,
                    #""additionalProperties":false"#
                )
        )
    }

    @Test func whatATypeSaysIsMergedIntoWhatItTells() {
        #expect(
            schema(of: Described())
                == expected(
                    "Described",
                    #""level":{"type":"integer","minimum":0,"maximum":9,"x-unit":"percent"},"#,
                    #""note":{"type":["string","null"],"description":"What comes to mind."}},"#,
                    #""required":["level"],"additionalProperties":false,"description":"A model."#
                )
                .replacing(/A model\.}$/, with: #"A model."}"#)
        )
    }

    @Test func whatATypeSaysGoesBeforeWhatIsLearned() {
        #expect(
            schema(of: SaidWhole())
                == expected(
                    "SaidWhole",
                    #""code":{"type":"string","const":"open sesame"}},"required":["code"],"additionalProperties":false"#
                )
        )
    }

    @Test func whatIsNoObjectSaysNothing() {
        #expect(
            schema(of: Mute())
                == expected("Mute", #""a":{"type":"boolean"}},"required":["a"],"#, #""additionalProperties":false"#)
        )
    }

    @Test func aTypeThatRefusesTheEmptyStringGetsItsOwn() {
        #expect(
            schema(of: Checked())
                == expected(
                    "Checked",
                    #""serial":{"type":"string"},"count":{"type":"integer","minimum":-128,"maximum":127}},"#,
                    #""required":["serial","count"],"additionalProperties":false"#
                )
        )
    }

    @Test func decodingByHandIsNotedAsItAsks() {
        #expect(
            schema(of: ByHand())
                == expected(
                    "ByHand",
                    #""limit":{"type":["integer","null"],"minimum":-128,"maximum":127},"#,
                    #""step":{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807},"#,
                    #""inner":{"type":"object","properties":{"depth":{"type":"boolean"}},"#,
                    #""required":["depth"],"additionalProperties":false}},"#,
                    #""required":["inner"],"additionalProperties":false"#
                )
        )
    }

    @Test func theSameTypeGivesTheSameBytes() {
        let first = schema(of: Collections())
        for _ in 0..<20 { #expect(schema(of: Collections()) == first) }
    }
}
