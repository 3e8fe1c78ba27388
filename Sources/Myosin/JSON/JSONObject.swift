internal import Primitives

/// The fields of a JSON object, in the order in which they were read or added.
///
/// Names are equal only if they have the same code points (RFC 8259, section 8.3): an accented letter is not the plain letter
/// with a combining accent.
public struct JSONObject: Sendable {
    /// The names, in order.
    public private(set) var keys: [String] = []
    private var values: [JSONValue] = []
    /// Whether each name has one spelling, so that `String` finds no other name for it.
    private(set) var hasPlainNames = true
    /// Positions by name, kept once a linear search would be slower than a look-up.
    private var positions: [ExactText: Int]?
    private static let maxLinearSearch = 12
    private static let usualCount = 8

    /// Makes an object without fields.
    public init() {}

    /// How many fields there are.
    public var count: Int { keys.count }

    /// Whether there is no field.
    public var isEmpty: Bool { keys.isEmpty }

    /// The value of a field: nil where there is none; setting nil removes it, setting a new one adds it at the end.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { values[$0] } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): values[position] = value
            case (let position?, nil): remove(at: position)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Gives a field another name and keeps its place; a field that already has the new name is replaced.
    ///
    /// - Parameters:
    ///   - key: the present name; nothing happens when there is no such field.
    ///   - newKey: the name it gets.
    public mutating func rename(_ key: String, to newKey: String) {
        guard !key.isSpelled(as: newKey), self[key] != nil else { return }
        self[newKey] = nil
        guard let position = position(of: key) else { return }
        keys[position] = newKey
        hasPlainNames = hasPlainNames && newKey.hasOneSpelling
        positions?[ExactText(key)] = nil
        positions?[ExactText(newKey)] = position
    }

    /// Moves a field to the front, where there is one of that name.
    package mutating func moveToFront(_ key: String) {
        guard let position = position(of: key), position > 0, let value = self[key] else { return }
        remove(at: position)
        keys.insert(key, at: 0)
        values.insert(value, at: 0)
        indexAgain()
    }

    /// Adds a field that is known not to be there; false, and nothing is added, when it is.
    mutating func appendIfNew(_ key: String, _ value: JSONValue) -> Bool {
        guard position(of: key) == nil else { return false }
        append(key, value)
        return true
    }

    /// The same for a field that is probably at a place.
    func position(of key: String, probably place: Int) -> Int? {
        if place < keys.count, hasPlainNames ? keys[place] == key : keys[place].isSpelled(as: key) { return place }
        return position(of: key)
    }

    /// The place of a field among ``keys``; nil where there is none.
    func position(of key: String) -> Int? {
        if let positions { return positions[ExactText(key)] }
        // The lengths are compared first: that is quick, and most names differ in it.
        if hasPlainNames { return keys.firstIndex { $0.utf8.count == key.utf8.count && $0 == key } }
        return keys.firstIndex { $0.isSpelled(as: key) }
    }

    /// Whether a field has a value of some kind.
    func containsValue(where isMatch: (JSONValue) -> Bool) -> Bool { values.contains(where: isMatch) }

    /// The value of the field at a place among ``keys``.
    func value(at position: Int) -> JSONValue { values[position] }

    private mutating func append(_ key: String, _ value: JSONValue) {
        if keys.isEmpty {
            // Room for what most objects have, instead of growing four times.
            keys.reserveCapacity(Self.usualCount)
            values.reserveCapacity(Self.usualCount)
        }
        keys.append(key)
        hasPlainNames = hasPlainNames && key.hasOneSpelling
        values.append(value)
        if positions != nil {
            positions?[ExactText(key)] = keys.count - 1
        } else if keys.count > Self.maxLinearSearch {
            indexAgain()
        }
    }

    /// Removes fields, all in one pass.
    package mutating func remove(_ names: some Sequence<String>) {
        let names = names.exactTexts
        guard !names.isEmpty else { return }
        let kept = keys.indices.filter { !names.contains(ExactText(keys[$0])) }
        guard kept.count < keys.count else { return }
        (keys, values) = (kept.map { keys[$0] }, kept.map { values[$0] })
        indexAgain()
    }

    private mutating func remove(at position: Int) {
        keys.remove(at: position)
        values.remove(at: position)
        indexAgain()
    }

    private mutating func indexAgain() {
        positions =
            keys.count > Self.maxLinearSearch
            ? Dictionary(uniqueKeysWithValues: zip(keys.map(ExactText.init), keys.indices)) : nil
    }
}

extension JSONObject: Sequence {
    /// Goes through the fields in order.
    public func makeIterator() -> Zip2Sequence<[String], [JSONValue]>.Iterator {
        zip(keys, values).makeIterator()
    }
}

extension JSONObject: Equatable {
    /// Two objects are equal when they have the same fields with equal values, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { key, value in right[key] == value }
    }
}
