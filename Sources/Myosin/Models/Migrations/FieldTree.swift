internal import Primitives

/// Fields to remove from a document, as a tree of the steps to them.
///
/// One pass removes all of them. Their removal one by one would copy an array once per element.
struct FieldTree {
    /// The fields to remove from the object at this place.
    private var names: [String] = []
    /// The trees of fields and elements at this place.
    private var inner: [ExactText: FieldTree] = [:]

    /// Adds a field.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - path: the path to its object.
    mutating func insert(_ name: String, at path: ArraySlice<any CodingKey>) {
        guard let step = path.first else { return names.append(name) }
        inner[ExactText(step.stringValue), default: FieldTree()].insert(name, at: path.dropFirst())
    }

    /// Removes the fields from a value that has no other reference, so that nothing is copied.
    func remove(from value: inout JSONValue) {
        switch value {
        case .object(var object):
            value = .null
            remove(from: &object)
            value = .object(object)
        case .array(var elements):
            value = .null
            for (step, tree) in inner {
                if let index = Int(step.text), elements.indices.contains(index) { tree.remove(from: &elements[index]) }
            }
            value = .array(elements)
        case .null, .bool, .number, .string: break
        }
    }

    /// Removes the fields from an object.
    func remove(from object: inout JSONObject) {
        object.remove(names)
        for (step, tree) in inner {
            guard var value = object[step.text] else { continue }
            object[step.text] = .null
            tree.remove(from: &value)
            object[step.text] = value
        }
    }
}
