internal import Myosin
internal import Primitives

/// What the name of an entry in a folder of models says about it.
///
/// Editors and programs that synchronize folders leave files beside those of the models. Taken for models, they would show up over
/// HTTP with the fields of another one.
enum ModelFileName: Equatable {
    /// It declares the model of this name.
    case model(String)
    /// A copy, a backup or a part of a model's file, which another program has left.
    case leftover
    /// It may be meant as a model; the fault says what to do.
    case mistaken(String)
    /// Something else, or hidden.
    case other

    /// How the names of models' files end.
    static let ending = ".schema.json"

    /// Endings that are typed instead of the right one, or added to it, in lower case; the longest first.
    private static let wrongEndings = [
        ".schema.json.json", ".schema.json.txt", ".schema.json5", ".schema.jsonc", ".schema.json", ".schema.jsn",
        ".schema.yaml", ".schema.yml", ".schema.txt", ".schema", ".shema.json", ".schemas.json", "-schema.json",
        "_schema.json",
    ]

    /// Reads a name.
    ///
    /// - Parameters:
    ///   - name: the entry's name.
    ///   - names: the names of all entries of the folder.
    init(_ name: String, among names: Set<String>) {
        if name.hasPrefix(".") {
            self = .other
        } else if name.hasSuffix(Self.ending) {
            self = Self.schemaFile(String(name.dropLast(Self.ending.count)), names)
        } else {
            self = Self.markedCopy(name, names) ?? Self.mistyped(name, names)
        }
    }

    /// A name with the right ending.
    private static func schemaFile(_ stem: String, _ names: Set<String>) -> ModelFileName {
        if isConflict(stem) || "~#".contains(stem.first ?? " ") || stem.hasSuffix("~") { return .leftover }
        if ModelName.isGood(stem) { return .model(stem) }
        if let original = original(of: stem) { return copy(of: original, names) }
        let rule = "its name without \(ending) is the model's: use ASCII letters, digits, _, - and ., a letter first"
        let good = String(stem.map { ModelName.isGood("a\($0)") ? $0 : "_" })
        return .mistaken(ModelName.isGood(good) ? "\(rule), as in \(good)\(ending)" : rule)
    }

    /// A name in which the mark of a copy stands before the last ending: `T.schema (1).json`; nil for any other.
    private static func markedCopy(_ name: String, _ names: Set<String>) -> ModelFileName? {
        let (stem, infix) = (name.dropLast(5), ".schema")
        guard name.hasSuffix(".json"), let range = stem.firstRange(of: infix), range.upperBound < stem.endIndex else {
            return nil
        }
        if isConflict(String(stem)) { return .leftover }
        guard let marked = original(of: String(stem)), marked.hasSuffix(infix) else { return nil }
        return copy(of: String(marked.dropLast(infix.count)), names)
    }

    /// A name with another ending.
    private static func mistyped(_ name: String, _ names: Set<String>) -> ModelFileName {
        let text = name.trimmed
        let small = text.lowercased()
        if !"~#".contains(text.first ?? " "), let wrong = wrongEndings.first(where: { small.hasSuffix($0) }),
            small.utf8.count > wrong.utf8.count
        {
            let right = "\(text.dropLast(wrong.count))\(ending)"
            // One of another tool perhaps, which the right one is made from.
            if names.contains(right) { return .leftover }
            return .mistaken("is no model's file: name it \(right), or move it elsewhere if it is none")
        }
        return small.contains(ending) ? .leftover : .other
    }

    /// A copy beside its original; without the original it may be the file that is meant.
    private static func copy(of original: String, _ names: Set<String>) -> ModelFileName {
        if names.contains(original + ending) { return .leftover }
        return .mistaken("looks like a copy of \(original)\(ending), which is not there: rename or remove it")
    }

    /// The name before the mark of a copy: of `T (1)`, `T - Copy`, `T copy 2`, `T 2` and `Copy of T`; nil where there is none.
    private static func original(of stem: String) -> String? {
        // The words of file managers in some languages.
        for prefix in ["Copy of ", "Kopie von ", "Copie de ", "Copia de ", "Copia di ", "Kopia "]
        where stem.hasPrefix(prefix) {
            return String(stem.dropFirst(prefix.count))
        }
        guard let start = stem.firstIndex(where: { " (".contains($0) }), start > stem.startIndex else { return nil }
        let mark = String(stem[start...]).trimmed.lowercased()
        let isMark =
            mark.hasPrefix("(") && mark.hasSuffix(")") || mark.hasPrefix("- ") || mark.hasPrefix("copy")
            || mark.utf8.allSatisfy(\.isDigit)
        return isMark ? String(stem[..<start]) : nil
    }

    /// Whether a program that synchronizes folders has found two versions: `T.sync-conflict-20240101-120000-ABCDEFG` of Syncthing,
    /// `T_conflict-20240101-120000` of Nextcloud, `T (conflicted copy 2024-01-01)` and the like.
    ///
    /// The first two could be names of models, so all of their form is compared.
    private static func isConflict(_ stem: String) -> Bool {
        for mark in [".sync-conflict-", "_conflict-"] {
            guard let range = stem.firstRange(of: mark) else { continue }
            let parts = stem[range.upperBound...].split(separator: "-", omittingEmptySubsequences: false)
            let isDate = parts.count >= 2 && parts[0].utf8.count == 8 && parts[1].utf8.count >= 6
            if isDate, parts[0].utf8.allSatisfy(\.isDigit), parts[1].utf8.prefix(6).allSatisfy(\.isDigit) {
                return true
            }
        }
        let small = stem.lowercased()
        return small.contains("conflict") && small.contains { "([".contains($0) }
    }
}
