/// A field of a model as a key path, which becomes a JSON pointer once there is a value of the model.
struct FieldPath: Sendable {
    private let path: any AnyKeyPath & Sendable
    private let find: @Sendable (any StateModel) -> String?

    init<Model: StateModel, Value>(_ path: any KeyPath<Model, Value> & Sendable) {
        self.path = path
        find = { model in (model as? Model).flatMap { FieldSearch(path, in: $0)?.pointer } }
    }

    /// The pointer of the field as it is encoded; nil where it cannot be found, or the model is another one.
    func pointer(in model: any StateModel) -> String? { find(model) }
}

extension FieldPath: Hashable {
    static func == (left: FieldPath, right: FieldPath) -> Bool { left.path == right.path }
    func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

/// Finds the document field for a key path.
///
/// A field that can be written is found by what changes in the document when it has another value. Any other is found by the
/// values that the model encodes: it is the one of its type and value, or else what those have in common. Of the model's own code
/// only `encode(to:)` runs. Properties with code of their own, also those inside of fields, are not written to, so they are not
/// found.
private struct FieldSearch<Model: StateModel, Value> {
    private let path: KeyPath<Model, Value>
    private let model: Model
    private let document: JSONValue
    private let trace = EncodingTrace()

    init?(_ path: KeyPath<Model, Value>, in model: Model) {
        // A model that cannot be encoded has other faults, which are found with its document.
        guard let document = try? DocumentEncoder.encode(model, tracing: trace) else { return nil }
        (self.path, self.model, self.document) = (path, model, document)
    }

    var pointer: String? {
        let isStored = MemoryLayout<Model>.offset(of: path) != nil
        if !isStored, mayHaveOwnCode { return nil }
        return byChange() ?? byValue()?.pointer
    }

    /// The key path in words: `\Tank.inner?.litres`, where `<computed …>` stands for a property with code and for an element.
    private var names: [Substring] {
        path.debugDescription.split(separator: ".").dropFirst().map { $0.prefix { $0 != "?" && $0 != "!" } }
    }

    /// Whether a step may be a property with code of its own, and not the element of an array or dictionary.
    private var mayHaveOwnCode: Bool {
        if names.isEmpty { return true }
        var value: Any? = model
        for name in names {
            let present = value.map(unwrapped)
            if name.hasPrefix("<") {
                guard let elements = present as? any ElementHolder else { return true }
                value = elements.anyElement
            } else {
                value = present.flatMap { property(name, of: $0) }
            }
        }
        return false
    }

    /// A stored property of any value; nil where there is none.
    private func property(_ name: some StringProtocol, of value: Any) -> Any? {
        Mirror(reflecting: value).children.first { $0.label.map { $0 == name } ?? false }?.value
    }

    // MARK: By change

    private func byChange() -> String? {
        // Writing through a reference would change what others see.
        guard let path = path as? WritableKeyPath<Model, Value>, !(path is ReferenceWritableKeyPath<Model, Value>),
            let samples = Value.self as? any Sampled.Type
        else { return nil }
        var hasChanged = false
        for sample in samples.samples {
            guard let sample = sample as? Value else { continue }
            var changed = model
            changed[keyPath: path] = sample
            // What cannot be encoded with this value may be with the next.
            guard let other = try? DocumentEncoder.encode(changed) else { continue }
            hasChanged = true
            if let place = document.place(ofDifferenceTo: other) { return place.pointer }
        }
        // It is not part of the document.
        return hasChanged ? "" : nil
    }

    // MARK: By value

    private func byValue() -> [String]? {
        let names = names.map(String.init)
        guard !names.contains(where: { $0.hasPrefix("<") }),
            let value = unwrapped(model[keyPath: path]) as? any Encodable, let text = text(of: value)
        else { return nil }
        let places = trace.values.filter { type(of: $0.value) == type(of: value) && self.text(of: $0.value) == text }
            .map(\.place)
        if let named = places.first(where: { $0 == names }) { return named }
        guard let first = places.first else { return nil }
        // One of the properties that are equal is not encoded, and that may be this one.
        if propertyCount(equalTo: text, of: type(of: value), beside: names) > places.count { return [] }
        return places.reduce(first) { $0.commonPrefix(with: $1) }
    }

    /// The number of properties with a type and text, among those of the value that has the last of some names.
    private func propertyCount(equalTo text: [UInt8], of type: any Encodable.Type, beside names: [String]) -> Int {
        let parent = names.dropLast()
            .reduce(model as Any?) { value, name in
                value.flatMap { property(name, of: unwrapped($0)) }
            }
        guard let parent else { return 0 }
        return Mirror(reflecting: unwrapped(parent)).children
            .filter { child in
                guard let value = unwrapped(child.value) as? any Encodable else { return false }
                return Swift.type(of: value) == type && self.text(of: value) == text
            }
            .count
    }

    /// A value as JSON; nil for one that cannot be encoded, which equals no other.
    private func text(of value: any Encodable) -> [UInt8]? { try? DocumentEncoder.encode(value).bytes }

    private func unwrapped(_ value: Any) -> Any { (value as? any OptionalValue)?.content.map(unwrapped) ?? value }
}

extension [String] {
    fileprivate func commonPrefix(with other: [String]) -> [String] {
        zip(self, other).prefix { $0 == $1 }.map(\.0)
    }
}

extension JSONValue {
    /// The deepest place that has everything in which two documents differ; nil when they are the same.
    fileprivate func place(ofDifferenceTo other: JSONValue) -> [String]? {
        var steps: [(step: String, mine: JSONValue, other: JSONValue)] = []
        switch (self, other) {
        case (.object(let mine), .object(let others)) where mine.keys.elementsEqual(others.keys):
            for key in mine.keys { if let one = mine[key], let two = others[key] { steps.append((key, one, two)) } }
        case (.array(let mine), .array(let others)) where mine.count == others.count:
            steps = zip(mine, others).enumerated().map { ("\($0)", $1.0, $1.1) }
        default: return bytes == other.bytes ? nil : []
        }
        let different = steps.filter { $0.mine.bytes != $0.other.bytes }
        guard let first = different.first else { return nil }
        if different.count > 1 { return [] }
        return [first.step] + (first.mine.place(ofDifferenceTo: first.other) ?? [])
    }
}

/// The values of a document under way, each with its place.
final class EncodingTrace {
    private(set) var values: [(place: [String], value: any Encodable)] = []

    func note(_ value: any Encodable, at path: [any CodingKey]) { values.append((path.map(\.stringValue), value)) }
}

// MARK: Values to try

/// A type with values that a field may have for a moment; of two, one differs from any other value.
private protocol Sampled {
    static var samples: [Any] { get }
}

/// A collection whose elements have key paths.
private protocol ElementHolder {
    /// One of the elements, nil where there is none.
    var anyElement: Any? { get }
}

extension Array: ElementHolder { fileprivate var anyElement: Any? { first } }
extension Dictionary: ElementHolder { fileprivate var anyElement: Any? { first?.value } }

private protocol OptionalValue {
    /// What is in it, if anything is.
    var content: Any? { get }
}

extension FixedWidthInteger where Self: Sampled { static var samples: [Any] { [Self(0), Self(1)] } }
extension BinaryFloatingPoint where Self: Sampled { static var samples: [Any] { [Self(0), Self(1)] } }
extension Int: Sampled {}
extension Int8: Sampled {}
extension Int16: Sampled {}
extension Int32: Sampled {}
extension Int64: Sampled {}
extension UInt: Sampled {}
extension UInt8: Sampled {}
extension UInt16: Sampled {}
extension UInt32: Sampled {}
extension UInt64: Sampled {}
extension Double: Sampled {}
extension Float: Sampled {}
extension Bool: Sampled { static var samples: [Any] { [false, true] } }
extension String: Sampled { static var samples: [Any] { ["", "x"] } }
extension ModelID: Sampled { static var samples: [Any] { [ModelID("x"), ModelID("y")] } }
extension JSONValue: Sampled { static var samples: [Any] { [JSONValue.null, JSONValue.bool(true)] } }
extension Array: Sampled {
    static var samples: [Any] { [[Element]()] + elementSamples(of: Element.self).map { [$0] } }
}
extension Set: Sampled {
    static var samples: [Any] { [Set<Element>()] + elementSamples(of: Element.self).map { Set([$0]) } }
}
extension Dictionary: Sampled {
    static var samples: [Any] {
        let pairs = zip(elementSamples(of: Key.self), elementSamples(of: Value.self))
        return [[Key: Value]()] + pairs.map { [$0: $1] }
    }
}
extension Optional: Sampled, OptionalValue {
    static var samples: [Any] { [Self.none as Any] + elementSamples(of: Wrapped.self).map { Self.some($0) as Any } }
    var content: Any? { self }
}

private func elementSamples<Element>(of type: Element.Type) -> [Element] {
    (type as? any Sampled.Type)?.samples.compactMap { $0 as? Element } ?? []
}
