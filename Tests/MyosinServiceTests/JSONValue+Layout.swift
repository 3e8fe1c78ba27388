import Myosin

extension JSONValue {
    /// The value as text whose lines are as long as they may be, for literals that people read.
    func laidOut(width: Int = 120, indent: Int = 0, used: Int = 0) -> String {
        let line = description
        guard indent + used + line.count > width else { return line }
        let inner = String(repeating: " ", count: indent + 2)
        let outer = String(repeating: " ", count: indent)
        switch self {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + $0.laidOut(width: width, indent: indent + 2, used: 1) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
        case .object(let object) where !object.isEmpty:
            let lines = object.map { name, value in
                let name = JSONValue.string(name).description
                let text = value.laidOut(width: width, indent: indent + 2, used: name.count + 3)
                return "\(inner)\(name): \(text)"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
        default: return line
        }
    }
}
