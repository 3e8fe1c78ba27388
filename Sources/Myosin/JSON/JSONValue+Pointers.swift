internal import Primitives

/// Places in a value, named by the fields and positions on the way there.
extension JSONValue {
    /// The value at a place.
    ///
    /// - Parameter path: names of fields, and positions in arrays as decimal numbers; empty for the value itself.
    /// - Returns: the value; nil where there is none.
    package func value(at path: some Sequence<String>) -> JSONValue? {
        var value = self
        for step in path {
            switch value {
            case .object(let object):
                guard let next = object[step] else { return nil }
                value = next
            case .array(let elements):
                guard let index = Self.index(step), index < elements.count else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    /// Puts a value at a place.
    ///
    /// - Parameters:
    ///   - new: the value.
    ///   - path: as for ``value(at:)``; the last name may be new, and null on the way becomes an object.
    /// - Returns: false, and nothing is changed, where there is no such place.
    package mutating func put(_ new: JSONValue, at path: ArraySlice<String>) -> Bool {
        guard let step = path.first else {
            self = new
            return true
        }
        switch self {
        case .array(var elements):
            guard let index = Self.index(step), index < elements.count,
                elements[index].put(new, at: path.dropFirst())
            else { return false }
            self = .array(elements)
            return true
        case .object, .null:
            var object = JSONObject()
            if case .object(let present) = self { object = present }
            var value = object[step] ?? .null
            guard value.put(new, at: path.dropFirst()) else { return false }
            object[step] = value
            self = .object(object)
            return true
        default: return false
        }
    }

    /// The path to the first array or object nested deeper than a number of levels, or nil if there is none.
    package func path(deeperThan levels: Int) -> [String]? {
        if isContainer, levels == 0 { return [] }
        switch self {
        case .object(let object):
            for (name, value) in object {
                if let path = value.path(deeperThan: levels - 1) { return [name] + path }
            }
        case .array(let elements):
            for (index, value) in elements.enumerated() {
                if let path = value.path(deeperThan: levels - 1) { return ["\(index)"] + path }
            }
        case .null, .bool, .number, .string: break
        }
        return nil
    }

    /// The path to the first difference from another value, or nil if there is none.
    package func firstDifference(from other: JSONValue) -> (path: [String], one: JSONValue?, other: JSONValue?)? {
        switch (self, other) {
        case (.object(let one), .object(let other)):
            for (name, value) in one {
                guard let twin = other[name] else { return ([name], value, nil) }
                if let found = value.firstDifference(from: twin) {
                    return ([name] + found.path, found.one, found.other)
                }
            }
            let added = other.keys.first { one[$0] == nil }
            return added.map { ([$0], nil, other[$0]) }
        case (.array(let one), .array(let other)) where one.count == other.count:
            for (index, (value, twin)) in zip(one, other).enumerated() {
                if let found = value.firstDifference(from: twin) {
                    return (["\(index)"] + found.path, found.one, found.other)
                }
            }
            return nil
        default: return bytes == other.bytes ? nil : ([], self, other)
        }
    }

    /// A position in an array: `0`, or digits that do not begin with 0 (RFC 6901, section 4).
    private static func index(_ step: String) -> Int? {
        guard step == "0" || step.utf8.first != UInt8(ascii: "0"), step.utf8.allSatisfy(\.isDigit)
        else { return nil }
        return Int(step)
    }
}

extension Sequence<String> {
    /// A path as a JSON pointer.
    package var pointer: String { reduce("") { $0.appendingPointer(to: $1) } }
}
