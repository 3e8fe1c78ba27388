internal import Primitives

/// The fields that a migration has changed, with one path for the same field of all elements of an array.
///
/// In a path `{index}` stands for any element, and `{name}` for any member of an object with free names.
package struct FieldPatterns {
    /// The distinct paths, in the order of their notes.
    package private(set) var paths: [[String]] = []
    private var seen: Set<ExactText> = []

    /// Makes an empty list.
    package init() {}

    /// The paths as JSON pointers.
    package var pointers: [String] { paths.map(\.pointer) }

    /// Adds a path unless it is present.
    package mutating func note(_ path: [String]) {
        if seen.insert(ExactText(path.pointer)).inserted { paths.append(path) }
    }

    /// Puts the paths in the order of their first names; other paths follow.
    mutating func sort(by names: [String]) {
        let order = Dictionary(names.enumerated().map { (ExactText($1), $0) }, uniquingKeysWith: { $1 })
        let places = paths.map { $0.first.flatMap { order[ExactText($0)] } ?? .max }
        paths = paths.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { paths[$0] }
    }
}
