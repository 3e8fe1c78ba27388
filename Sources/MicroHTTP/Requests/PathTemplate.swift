/// A path with named parameters, such as `/state/{model}` or, for one or more segments, `/state/{model}/{field*}`.
struct PathTemplate: Sendable {
    private enum Part: Sendable {
        case literal([UInt8])
        case parameter(String)
        /// All remaining segments; none is empty.
        case rest(String)
    }

    private let parts: [Part]
    /// The fault of the template, or nil if it is valid.
    ///
    /// A template with a fault must not be matched.
    private(set) var fault: String?

    /// Reads a template.
    init(_ text: String) {
        let segments = text == "/" ? [] : text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        parts = segments.map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .literal(Array(segment.utf8)) }
            let name = segment.dropFirst().dropLast()
            return name.hasSuffix("*") ? .rest(String(name.dropLast())) : .parameter(String(name))
        }
        let names = parameterNames
        let hasBraces = parts.contains {
            if case .literal(let bytes) = $0 { !"{}".utf8.allSatisfy { !bytes.contains($0) } } else { false }
        }
        let hasRestInside = parts.dropLast().contains { if case .rest = $0 { true } else { false } }
        if !text.hasPrefix("/") {
            fault = "the template \"\(text)\" must begin with a slash"
        } else if hasBraces {
            fault = "a parameter must be a whole segment of the template \"\(text)\""
        } else if names.contains("") {
            fault = "a parameter of the template \"\(text)\" has no name"
        } else if hasRestInside {
            fault = "nothing may follow the parameter for the rest of the template \"\(text)\""
        } else if Set(names).count != names.count {
            fault = "two parameters of the template \"\(text)\" have the same name"
        } else if text.utf8.contains(where: { "%?#".utf8.contains($0) }) {
            fault = "the template \"\(text)\" must be a path without a query, and without percent signs"
        } else if segments.contains(where: { $0 == "." || $0 == ".." }) {
            fault = "the template \"\(text)\" must have no segment . or .., which clients leave out"
        }
    }

    /// The template without the names of its parameters: two that are equal match the same paths.
    var shape: String {
        "/"
            + parts.map { part in
                switch part {
                case .literal(let bytes): String(decoding: bytes, as: UTF8.self)
                case .parameter: "{}"
                case .rest: "{*}"
                }
            }
            .joined(separator: "/")
    }

    /// The first segment, unless it is a parameter.
    var firstLiteral: String? {
        if case .literal(let bytes)? = parts.first { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    /// The parameters of a path that the template matches; nil if it does not.
    ///
    /// A parameter is never empty. The path is a raw one without escapes, which `PathSegments` accepts.
    func match(_ path: UnsafeBufferPointer<UInt8>) -> PathParameters? {
        var parameters = PathParameters()
        // Behind the slash before a segment; beyond the end when no segment is left.
        var start = path.count > 1 ? 1 : path.count + 1
        for index in parts.indices {
            guard start <= path.count else { return nil }
            if case .rest(let name) = parts[index] {
                let rest = UnsafeBufferPointer(rebasing: path[start...])
                return parameters.append(rest: rest, name: name) ? parameters : nil
            }
            var end = start
            while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
            let segment = UnsafeBufferPointer(rebasing: path[start..<end])
            guard match(segment, index, &parameters) else { return nil }
            start = end + 1
        }
        return start > path.count ? parameters : nil
    }

    /// The same for decoded segments.
    func match(_ segments: [String]) -> PathParameters? {
        var parameters = PathParameters()
        var segments = segments
        if case .rest(let name)? = parts.last, segments.count >= parts.count {
            // No decoded segment has a slash.
            var rest = segments[(parts.count - 1)...].joined(separator: "/")
            guard rest.withUTF8({ parameters.append(rest: $0, name: name) }) else { return nil }
            segments.removeSubrange((parts.count - 1)...)
        } else if segments.count != parts.count {
            return nil
        }
        for (index, segment) in segments.enumerated() {
            var segment = segment
            guard segment.withUTF8({ match($0, index, &parameters) }) else { return nil }
        }
        return parameters
    }

    private func match(_ segment: UnsafeBufferPointer<UInt8>, _ index: Int, _ parameters: inout PathParameters) -> Bool
    {
        switch parts[index] {
        case .literal(let literal):
            return literal.withUnsafeBufferPointer { segment.equals($0) }
        case .parameter(let name):
            guard !segment.isEmpty else { return false }
            parameters.append(name: name, value: String(decoding: segment, as: UTF8.self))
            return true
        case .rest: return false
        }
    }

    private var parameterNames: [String] {
        parts.compactMap { part in
            switch part {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }
}

/// The values of the parameters in a route's template, percent-decoded.
public struct PathParameters: Sendable {
    /// Most templates have one parameter, for which no array is made.
    private var first: (name: String, value: String)?
    private var others: [(name: String, value: String)] = []

    /// Makes parameters without a value.
    public init() {}

    /// The value of a parameter.
    ///
    /// - Parameter name: its name in the template, without the braces.
    /// - Returns: the value, never empty; that of `{name*}` has the segments with a slash between them. Nil if the template has
    ///   no such parameter.
    public subscript(name: String) -> String? {
        if let first, first.name == name { return first.value }
        return others.first { $0.name == name }?.value
    }

    /// - Returns: false, and nothing is appended, if one of the segments is empty.
    mutating func append(rest: UnsafeBufferPointer<UInt8>, name: String) -> Bool {
        let slash = UInt8(ascii: "/")
        guard rest.first ?? slash != slash, rest.last != slash,
            !zip(rest, rest.dropFirst()).contains(where: { ($0, $1) == (slash, slash) })
        else { return false }
        append(name: name, value: String(decoding: rest, as: UTF8.self))
        return true
    }

    mutating func append(name: String, value: String) {
        if first == nil { first = (name, value) } else { others.append((name, value)) }
    }
}
