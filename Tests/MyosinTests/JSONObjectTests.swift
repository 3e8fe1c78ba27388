import Myosin
import Testing

@Suite struct JSONObjectTests {
    /// Few fields are searched one by one, many by a table: both must behave alike.
    private static let sizes = [3, 12, 13, 14, 40]

    private func object(_ count: Int) -> JSONObject {
        var object = JSONObject()
        for index in 0..<count { object["k\(index)"] = .number(JSONNumber(index)) }
        return object
    }

    private func expectConsistent(_ object: JSONObject, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(object.count == object.keys.count, sourceLocation: sourceLocation)
        for (key, value) in object { #expect(object[key] == value, sourceLocation: sourceLocation) }
    }

    @Test(arguments: sizes)
    func fieldsStayInTheOrderInWhichTheyWereAdded(_ count: Int) {
        let object = object(count)
        #expect(object.keys == (0..<count).map { "k\($0)" })
        #expect(object["k1"] == 1)
        #expect(object["k"] == nil)
        expectConsistent(object)
    }

    @Test(arguments: sizes)
    func aNewValueKeepsThePlace(_ count: Int) {
        var object = object(count)
        object["k1"] = "new"
        #expect(object.keys == (0..<count).map { "k\($0)" })
        #expect(object["k1"] == "new")
    }

    @Test(arguments: sizes)
    func aRemovedFieldIsGoneAndComesBackAtTheEnd(_ count: Int) {
        var object = object(count)
        object["k0"] = JSONValue?.none
        #expect(object["k0"] == nil)
        #expect(object.count == count - 1)
        expectConsistent(object)
        object["k0"] = true
        #expect(object.keys.last == "k0")
        expectConsistent(object)
    }

    @Test func anUnknownFieldIsRemovedWithoutEffect() {
        var object = object(3)
        object["other"] = JSONValue?.none
        #expect(object.count == 3)
    }

    @Test(arguments: sizes)
    func aRenamedFieldKeepsItsPlaceAndReplacesItsNamesake(_ count: Int) {
        var object = object(count)
        object.rename("k1", to: "new")
        #expect(object.keys[1] == "new")
        #expect(object["new"] == 1)
        #expect(object["k1"] == nil)
        object.rename("new", to: "k0")
        #expect(object["k0"] == 1)
        #expect(object.keys.first == "k0")
        #expect(object.count == count - 1)
        object.rename("missing", to: "k2")
        #expect(object["k2"] == 2)
        expectConsistent(object)
    }

    @Test(arguments: sizes)
    func aFieldMovesToTheFront(_ count: Int) {
        var object = object(count)
        object.moveToFront("k2")
        #expect(Array(object.keys.prefix(3)) == ["k2", "k0", "k1"])
        object.moveToFront("missing")
        #expect(object.count == count)
        expectConsistent(object)
    }

    @Test(arguments: sizes)
    func equalityIgnoresTheOrder(_ count: Int) {
        let left = object(count)
        var right = JSONObject()
        for key in left.keys.reversed() { right[key] = left[key] }
        #expect(left == right)
        right["k0"] = "other"
        #expect(left != right)
        right["k0"] = 0
        right["more"] = nil as JSONValue
        #expect(left != right)
    }

    @Test func literalsKeepTheirOrderAndTheLastOfTwoWins() {
        let value: JSONValue = ["b": 1, "a": [nil, true, 1.5, "x"], "b": 2]
        #expect(value.description == #"{"b":2,"a":[null,true,1.5,"x"]}"#)
    }
}
