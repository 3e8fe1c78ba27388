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

    /// Checks that a value has kept the names of a path that leads to a changed field.
    ///
    /// The keys of a dictionary have one spelling in documents, and types also read others: UUIDs in upper case, or integers with a plus.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - document: the document that the value was read from.
    ///   - model: the value.
    /// - Throws: ``ValidationError`` with the name that the document has for a key.
    static func checkNames(
        of path: [String],
        in document: JSONValue,
        of model: some StateModel
    ) throws(ValidationError) {
        // A field of the model itself has one name.
        guard path.count > 1, let whole = try? model.document() else { return }
        var (sent, kept) = (document, JSONValue.object(whole))
        for (depth, name) in path.enumerated() {
            guard case .object(let sentObject) = sent, case .object(let keptObject) = kept else {
                guard let below = sent.value(at: [name]), let keptBelow = kept.value(at: [name]) else { return }
                (sent, kept) = (below, keptBelow)
                continue
            }
            if let below = sentObject[name], let keptBelow = keptObject[name] {
                (sent, kept) = (below, keptBelow)
            } else if let other = keptObject.keys.first(where: { sentObject[$0] == nil }) {
                let detail = "has the name \(other.quoted) in documents; use that name in the path"
                throw ValidationError(Array(path[...depth]).pointer, detail, code: .format)
            } else {
                return
            }
        }
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
