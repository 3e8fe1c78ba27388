internal import Myosin
internal import Primitives

/// What a client makes of a document: read-only fields stay, missing optional ones get their defaults, all in the form that documents have.
struct DocumentEdit {
    private let base: JSONObject
    private let place: DocumentPlace
    /// The new document as it was sent, with what clients may not change.
    private(set) var sent: JSONObject
    /// The new document.
    private(set) var document: JSONObject
    private var list = FaultList()

    /// What keeps the change from being made.
    var faults: [ValidationError.Fault] { list.faults }

    init(of base: JSONObject, in place: DocumentPlace) {
        (self.base, self.place, sent, document) = (base, place, base, base)
    }

    /// Puts another document in place of the present one.
    mutating func replace(by new: JSONObject) {
        var arrangement = DocumentArrangement(filling: .optional)
        sent = keepReadOnly(in: new, base, place, [])
        document = arrangement.arrange(sent, in: place, at: [])
        for fault in arrangement.faults { list.note(fault) }
    }

    /// Puts a value in place of a field.
    mutating func replace(at path: [String], by value: JSONValue) {
        var whole = JSONValue.object(base)
        guard whole.put(value, at: path[...]), case .object(let new) = whole else {
            return list.note(.unknown(path.pointer))
        }
        replace(by: new)
    }

    /// Merges a patch into the document (RFC 7396): null makes a field null that may be null, removes another one that may be
    /// missing, and is a fault for one that must be there.
    mutating func merge(_ patch: JSONObject) { replace(by: merge(patch, into: base, place, [])) }

    private mutating func merge(
        _ patch: JSONObject,
        into object: JSONObject,
        _ place: DocumentPlace?,
        _ path: [String]
    ) -> JSONObject {
        var result = object
        var removed: [String] = []
        for (name, value) in patch {
            let field = place?.field(name)
            let way = path + [name]
            switch value {
            case .null:
                if let declared = place?.declaredField(name) {
                    if declared.acceptsNull { result[name] = .null } else { removed.append(name) }
                    let mustStay =
                        place?.required.contains(ExactText(name)) == true || declared.isReadOnly && object[name] != nil
                    if mustStay, !declared.acceptsNull { list.note(.nulled(way.pointer)) }
                } else if field == nil, place != nil {
                    list.note(.unknown(way.pointer))
                } else {
                    removed.append(name)
                }
            case .object(let inner):
                var present = JSONObject()
                if case .object(let object)? = result[name] { present = object }
                result[name] = .object(merge(inner, into: present, field, way))
            default: result[name] = value
            }
        }
        result.remove(removed)
        return result
    }

    /// Keeps what clients may not change: what is missing stays, another value is a fault.
    private mutating func keepReadOnly(
        in new: JSONObject,
        _ base: JSONObject,
        _ place: DocumentPlace,
        _ path: [String]
    ) -> JSONObject {
        var result = new
        var removed: [String] = []
        for name in place.fieldNames {
            guard let field = place.declaredField(name) else { continue }
            let way = path + [name]
            if field.isReadOnly {
                let present = base[name]
                if let value = result[name], value != present { list.note(Self.refusal(way, present)) }
                if let present { result[name] = present } else { removed.append(name) }
            } else if case .object(let inner)? = result[name], field.hasReadOnly {
                var former = JSONObject()
                if case .object(let object)? = base[name] { former = object }
                result[name] = .object(keepReadOnly(in: inner, former, field, way))
            }
        }
        result.remove(removed)
        return result
    }

    private static func refusal(_ path: [String], _ present: JSONValue?) -> ValidationError.Fault {
        let advice = present.map {
            "leave it out, or send \($0.description.utf8.count <= 80 ? $0.description : "what is there")"
        }
        let reason = path == ["id"] ? "is the server's and cannot be changed" : "is read-only"
        return .init(pointer: path.pointer, detail: "\(reason); \(advice ?? "leave it out")", code: .readOnly)
    }
}

extension DocumentPlace {
    /// Whether a field of an object here is read-only, at any depth.
    fileprivate var hasReadOnly: Bool {
        fieldNames.contains { name in declaredField(name).map { $0.isReadOnly || $0.hasReadOnly } ?? false }
    }
}
