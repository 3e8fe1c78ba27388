/// A path with named parameters, such as `/state/{model}`.
struct PathTemplate: Sendable {
    private enum Part: Sendable {
        case literal(String)
        case parameter(String)
    }

    private let parts: [Part]

    /// Reads a template; one that makes no sense is a mistake in the program and traps.
    init(_ text: String) {
        precondition(text.hasPrefix("/"), "the template \"\(text)\" must begin with a slash")
        let segments = text == "/" ? [] : text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        parts = segments.map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else {
                precondition(
                    !segment.contains("{") && !segment.contains("}"),
                    "a parameter must be a whole segment of the template \"\(text)\""
                )
                return .literal(String(segment))
            }
            precondition(segment.count > 2, "a parameter of the template \"\(text)\" has no name")
            return .parameter(String(segment.dropFirst().dropLast()))
        }
        let names = parameterNames
        precondition(Set(names).count == names.count, "two parameters of the template \"\(text)\" have the same name")
    }

    /// The parameters of a path that the template matches; nil if it does not.
    ///
    /// A parameter is never empty.
    func match(_ segments: [String]) -> PathParameters? {
        guard segments.count == parts.count else { return nil }
        var parameters = PathParameters()
        for (part, segment) in zip(parts, segments) {
            switch part {
            case .literal(let literal):
                guard literal == segment else { return nil }
            case .parameter(let name):
                guard !segment.isEmpty else { return nil }
                parameters.append(name: name, value: segment)
            }
        }
        return parameters
    }

    private var parameterNames: [String] {
        parts.compactMap { part in
            guard case .parameter(let name) = part else { return nil }
            return name
        }
    }
}

/// The values of the parameters in a route's template, percent-decoded.
public struct PathParameters: Sendable {
    private var pairs: [(name: String, value: String)] = []

    /// The value of a parameter.
    ///
    /// - Parameter name: its name in the template, without the braces.
    /// - Returns: the value, never empty; nil if the template has no such parameter.
    public subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    mutating func append(name: String, value: String) {
        pairs.append((name, value))
    }
}
