import Myosin

/// Fields of the types that the standard library has.
enum StandardShapes {
    struct Booleans: StateModel { var id: ModelID = "s", on = true, maybe: Bool? }
    struct Texts: StateModel { var id: ModelID = "s", name = "", note: String?, said: String? = "x" }
    struct Numbers: StateModel {
        var id: ModelID = "s", a = 0.5, b: Double?, c: Float = 1.5, d: Float?, e: Float16 = 2, f: Float16?
    }
    struct Halves: StateModel {
        var id: ModelID = "s", maybe: Float16?, list: [Float16] = [], byName: [String: Float16?] = [:]
        static var samples: [Self] { [Self(maybe: 0.1, list: [-0, 65_504, 6e-08], byName: ["a": 0.3, "b": nil])] }
    }
    struct Signed: StateModel {
        var id: ModelID = "s", a: Int8 = -1, b: Int16 = -2, c: Int32 = -3, d: Int64 = -4, e = -5, f: Int8?, g: Int16?
        var h: Int32?, i: Int64?, j: Int?
    }
    struct Unsigned: StateModel {
        var id: ModelID = "s", a: UInt8 = 1, b: UInt16 = 2, c: UInt32 = 3, d: UInt64 = 4, e: UInt = 5, f: UInt8?,
            g: UInt16?
        var h: UInt32?, i: UInt64?, j: UInt?
    }
    struct Wide: StateModel { var id: ModelID = "s", a: Int128 = -1, b: UInt128?, c: [Int128] = [] }
    struct Identities: StateModel { var id: ModelID = "s", owner: ModelID = 7, parent: ModelID? }
    struct Whatever: StateModel { var id: ModelID = "s", free: JSONValue = ["a": 1], none: JSONValue? }
    struct Doubly: StateModel { var id: ModelID = "s", list: [Int?]? = [1, nil], twice: [String: [Int8]?]? }

    struct Lists: StateModel {
        var id: ModelID = "s", empty: [Double] = [], grid: [[Bool]] = [], cube: [[[Int8]]] = [[[1]]], gaps: [Int8?] = []
        var maybe: [String]?, fast = ContiguousArray<Int8>()
    }
    struct Sets: StateModel { var id: ModelID = "s", tags: Set<String> = ["b", "a"], numbers: Set<Int8> = [] }
    struct Maps: StateModel {
        enum Room: String, Codable, CodingKeyRepresentable, CaseIterable { case hall, attic }
        var id: ModelID = "s", named = ["b": 1.5, "a": 2.5], none: [String: Int8] = [:], numbered = [7: true, 3: false]
        var rooms: [Room: Double] = [.hall: 20], nested: [String: [String: Bool]] = [:], maybe: [String: Int8?]?
    }
    struct Pairs: StateModel {
        enum Key: String, Codable { case a, b }
        var id: ModelID = "s", byCase: [Key: Double] = [.b: 1, .a: 2], byWidth: [Int8: Int8] = [:],
            byFlag = [true: "on"]
    }
    struct Ranges: StateModel {
        var id: ModelID = "s", half = 1..<5, closed = 0.5...1.5, from: PartialRangeFrom<Int8> = 3...,
            upTo: PartialRangeUpTo<Int8> = ..<4
        var through: PartialRangeThrough<Int8> = ...5, maybe: Range<Int8>?
    }
    struct Vectors: StateModel {
        var id: ModelID = "s", place = SIMD2<Double>(1, 2), colour: SIMD4<UInt8>?, half: SIMD3<Float16>?
    }
    struct Nevers: StateModel { var id: ModelID = "s", impossible: Never?, nothing: [Never] = [] }
    struct Differences: StateModel { var id: ModelID = "s", changes = [1, 2].difference(from: [2, 3]) }
    struct Priorities: StateModel { var id: ModelID = "s", priority = TaskPriority.low, maybe: TaskPriority? }
}

extension PartialRangeFrom: @retroactive Equatable where Bound: Equatable {
    /// Whether the bounds are equal.
    public static func == (one: Self, other: Self) -> Bool { one.lowerBound == other.lowerBound }
}

extension PartialRangeUpTo: @retroactive Equatable where Bound: Equatable {
    /// Whether the bounds are equal.
    public static func == (one: Self, other: Self) -> Bool { one.upperBound == other.upperBound }
}

extension PartialRangeThrough: @retroactive Equatable where Bound: Equatable {
    /// Whether the bounds are equal.
    public static func == (one: Self, other: Self) -> Bool { one.upperBound == other.upperBound }
}
