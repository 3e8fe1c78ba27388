internal import Primitives

/// The names that models can have: they are used in paths, labels of metrics and file names.
package enum ModelName {
    /// Whether a name has only ASCII letters, digits, `_`, `-` and `.`, and begins with a letter.
    package static func isGood(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isLetter else { return false }
        return name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "_-.".utf8.contains($0) }
    }
}
