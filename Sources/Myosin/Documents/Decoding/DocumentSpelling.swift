internal import Primitives

/// Finds the texts of a document that its type has taken for others that look the same.
///
/// Swift compares strings by canonical equivalence: the raw value of an enumeration accepts each spelling of itself, and a dictionary
/// keeps one of two keys that look alike. A client that reads its document again would not find what it has sent.
struct DocumentSpelling {
    private var list: [ValidationError.Fault] = []

    /// Checks that a value has kept the texts of the document that it was read from.
    ///
    /// - Throws: ``ValidationError`` with the places of those that came out with other code points.
    static func check(_ model: some StateModel, readFrom document: JSONObject) throws(ValidationError) {
        guard JSONValue.object(document).mayBeRespelled, let kept = try? model.document() else {
            // What cannot be encoded is an error of the commit, which says why.
            return
        }
        var spelling = DocumentSpelling()
        spelling.compare(document, kept, at: [])
        if !spelling.list.isEmpty { throw ValidationError(spelling.list) }
    }

    private mutating func compare(_ sent: JSONValue, _ kept: JSONValue, at path: [String]) {
        switch (sent, kept) {
        case (.string(let sent), .string(let kept)):
            if sent == kept, !sent.isSpelled(as: kept) { note(path, kept, got: sent) }
        case (.object(let sent), .object(let kept)): compare(sent, kept, at: path)
        case (.array(let sent), .array(let kept)): compare(sent, kept, at: path)
        default: break
        }
    }

    private mutating func compare(_ sent: JSONObject, _ kept: JSONObject, at path: [String]) {
        var others: [String: String]?
        for (name, value) in sent {
            if let keptValue = kept[name] {
                compare(value, keptValue, at: path + [name])
                continue
            }
            let known = others ?? Dictionary(kept.keys.map { ($0, $0) }) { $1 }
            others = known
            if let other = known[name] { note(path + [name], other, got: name) }
        }
    }

    private mutating func compare(_ sent: [JSONValue], _ kept: [JSONValue], at path: [String]) {
        // Those of a set have another order, and each is there once.
        let texts = kept.compactMap(\.string)
        let (exact, known) = (texts.exactTexts, Dictionary(texts.map { ($0, $0) }) { $1 })
        for (index, element) in sent.enumerated() {
            let place = path + ["\(index)"]
            if let text = element.string {
                if !exact.contains(ExactText(text)), let other = known[text] { note(place, other, got: text) }
            } else if index < kept.count {
                compare(element, kept[index], at: place)
            }
        }
    }

    private mutating func note(_ path: [String], _ kept: String, got: String) {
        if list.count < ValidationError.maxFaults { list.append(.spelling(path.pointer, kept, got: got)) }
    }
}

extension JSONValue {
    /// Whether a text in it may be canonically equivalent to another one.
    fileprivate var mayBeRespelled: Bool {
        switch self {
        case .string(let text): !text.hasOneSpelling
        case .array(let elements): elements.contains(where: \.mayBeRespelled)
        case .object(let object): !object.hasPlainNames || object.containsValue(where: \.mayBeRespelled)
        case .null, .bool, .number: false
        }
    }
}
