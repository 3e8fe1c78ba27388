import Myosin

/// A model with a field of every kind that documents support.
struct Everything: StateModel {
    enum Grade: String, Codable, CaseIterable { case good, poor }
    enum Level: Int, Codable, CaseIterable {
        case low = 1
        case high = 3
    }
    struct Celsius: RawRepresentable, Codable, Equatable, Hashable { var rawValue: Double }
    struct Point: Codable, Equatable, Hashable { var x, y: Int8 }

    var flag = true
    var text = "é\n\"\\"
    var i8 = Int8.min
    var i16 = Int16.min
    var i32 = Int32.min
    var i64 = Int64.min
    var int = Int.min
    var u8 = UInt8.max
    var u16 = UInt16.max
    var u32 = UInt32.max
    var u64 = UInt64.max
    var uint = UInt.max
    var double = 0.1
    var float = Float(0.1)
    var grade = Grade.poor
    var level = Level.high
    var target = Celsius(rawValue: -1.5)
    var point = Point(x: 1, y: -1)
    var note: String?
    var spare: Point? = Point(x: 2, y: 3)
    var list = [Point(x: 0, y: 0), Point(x: 1, y: 1)]
    var grid = [[1, 2], [], [3]]
    var gaps: [Int?] = [1, nil, 3]
    var corners: [Point?] = [nil, Point(x: 4, y: 5)]
    var names: Set<String> = ["b", "a"]
    var table = ["b": 2, "a": 1]
    var holes: [String: Point?] = ["p": Point(x: 6, y: 7), "n": nil]
    var owner: ModelID = 7
    var free: JSONValue = ["z": 1, "a": [nil, true]]
    var id: ModelID = "e1"
}

/// A field of one type, for tests of one type at a time.
struct Field<Value: Codable & Sendable & Equatable>: StateModel {
    var id: ModelID = "f"
    var value: Value

    init(_ value: Value) { self.value = value }
}
