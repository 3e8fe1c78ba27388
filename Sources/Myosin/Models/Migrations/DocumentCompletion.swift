internal import Primitives

/// Fills the fields that a stored document lacks and drops those that its type does not know, also inside nested objects.
///
/// The type itself determines these fields by decoding. A required field gets its default while the type decodes, so the type
/// sees the completed document. An optional field gets its default only if its object in the defaults has each field that the
/// type has read. Objects with values as names, such as dictionaries and enumerations with payloads, stay as they are. Nothing is
/// filled inside arrays.
final class DocumentCompletion {
    private let defaults: JSONValue
    /// The stored fields that the type does not read, with the paths to their objects.
    private var dropped: [(name: String, path: [any CodingKey])] = []
    private var filled: [[String]] = []
    private var filledPointers: Set<ExactText> = []
    /// The number of fields that were made up because a type cannot be read without them.
    private var needCount = 0

    private init(defaults: JSONValue) { self.defaults = defaults }

    /// Completes a document.
    ///
    /// - Parameters:
    ///   - document: the document.
    ///   - type: the type that reads it.
    ///   - defaults: the defaults of the fields.
    /// - Returns: the pointers of the fields that were dropped and filled.
    static func complete<Model: Decodable>(
        _ document: inout JSONObject,
        of type: Model.Type,
        with defaults: JSONObject
    ) -> FieldChanges {
        let completion = DocumentCompletion(defaults: .object(defaults))
        DocumentDecoder.complete(type, in: .object(document), completion)
        let present = document.keys
        for path in completion.filled { document.set(completion.defaults.value(at: path), at: path[...]) }
        var (removals, dropped, filled) = (FieldTree(), FieldPatterns(), FieldPatterns())
        for field in completion.dropped {
            removals.insert(field.name, at: field.path[...])
            dropped.note(field.path.map { $0.isPosition ? "{index}" : $0.stringValue } + [field.name])
        }
        removals.remove(from: &document)
        completion.filled.forEach { filled.note($0) }
        // In the order of the defaults and of the document; fields of nested objects follow in the order of the search.
        dropped.sort(by: present)
        filled.sort(by: defaults.keys)
        return FieldChanges(dropped: dropped.pointers, filled: filled.pointers)
    }

    /// The default of a field that the type needs and the document lacks, or nil if there is none.
    func need(_ key: any CodingKey, at path: [any CodingKey]) -> JSONValue? {
        guard let names = Self.names(path + [key]), let value = defaults.value(at: names) else { return nil }
        fill(names)
        needCount += 1
        return value
    }

    /// The position in the notes at a moment.
    struct Mark {
        fileprivate let dropped: Int, filled: Int, needs: Int
    }

    var mark: Mark { Mark(dropped: dropped.count, filled: filled.count, needs: needCount) }

    /// Whether a field was dropped, or made up so that a type can be read, since a mark.
    func hasForced(since mark: Mark) -> Bool { dropped.count > mark.dropped || needCount > mark.needs }

    /// Removes the notes since a mark: a value is valid without them.
    func goBack(to mark: Mark) {
        dropped.removeLast(dropped.count - mark.dropped)
        for path in filled[mark.filled...] { filledPointers.remove(ExactText(path.pointer)) }
        filled.removeLast(filled.count - mark.filled)
        needCount = mark.needs
    }

    /// Notes the fields that a type requested in vain, and the stored fields that it did not read.
    func note(missed: Set<String>, read: [String], unread: [String], at path: [any CodingKey]) {
        dropped += unread.map { ($0, path) }
        guard let names = Self.names(path), case .object(let fields)? = defaults.value(at: names),
            path.isEmpty || read.allSatisfy({ fields[$0] != nil })
        else { return }
        for name in fields.keys where missed.contains(name) { fill(names + [name]) }
    }

    private func fill(_ names: [String]) {
        if filledPointers.insert(ExactText(names.pointer)).inserted { filled.append(names) }
    }

    /// The names of a path, or nil for a path through an array.
    private static func names(_ path: [any CodingKey]) -> [String]? {
        path.contains(where: \.isPosition) ? nil : path.map(\.stringValue)
    }
}
