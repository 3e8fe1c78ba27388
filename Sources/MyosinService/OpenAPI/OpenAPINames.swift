internal import Primitives

/// The names of models in generated code: the classes and functions that generators make of the document.
///
/// Generators write a name as their language has it, and what differs in case or punctuation only becomes the same there. So a
/// name here has ASCII letters and digits only, in Pascal case, and names differ by more than case. A name depends on the
/// model alone, unless another model has the same one, or a name that begins with it.
struct OpenAPINames: Sendable {
    private let nouns: [String: String]
    /// The nouns without case, sorted.
    private let keys: [String]

    /// Names models.
    ///
    /// - Parameter models: the names of all models of the state.
    init(models: [String]) {
        var groups: [String: [String]] = [:]
        for model in models { groups[Self.wish(for: model).lowercased(), default: []].append(model) }
        var nouns: [String: String] = [:]
        var taken = Set(groups.keys).union(Self.reserved)
        for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
            // The one that is already spelled like that keeps its name when another one comes, and User rather than USER.
            let sorted = group.sorted { ($0.filter(\.isUppercase).count, $0) < ($1.filter(\.isUppercase).count, $1) }
            let first = sorted.first { Self.wish(for: $0) == $0 } ?? sorted[0]
            for model in sorted {
                let wish = Self.wish(for: model)
                nouns[model] = model == first ? wish : Self.make(wish, of: model, unless: &taken)
            }
        }
        self.nouns = nouns
        keys = nouns.values.map { $0.lowercased() }.sorted()
    }

    /// The name of a model.
    func noun(of model: String) -> String { nouns[model] ?? Self.wish(for: model) }

    /// The names of a model's parts, before any is given.
    func parts(of model: String) -> Parts {
        let noun = noun(of: model)
        let key = noun.lowercased()
        let first = keys.partitioningIndex { $0 > key }
        return Parts(model: model, noun: noun, rivals: keys[first...].prefix { $0.hasPrefix(key) }.map(\.self))
    }

    /// The names of the parts of one model, which begin with its name.
    struct Parts: Sendable {
        let model: String
        /// The model's name in generated code.
        let noun: String
        /// The names of other models that begin with it, without case.
        let rivals: [String]
        private var taken: Set<String> = []
        /// Files are named after functions, and their names end at 255 bytes.
        private static let maxLength = 120

        init(model: String, noun: String, rivals: [String]) {
            (self.model, self.noun, self.rivals, taken) = (model, noun, rivals, [noun.lowercased()])
        }

        /// Gives a part a name of its own.
        ///
        /// - Parameters:
        ///   - words: what it is called in its model.
        ///   - identity: what it alone is in its model.
        /// - Returns: the name.
        mutating func name(_ words: [String], of identity: String) -> String {
            let wish = noun + words.map { OpenAPINames.pascal($0) }.joined()
            let key = wish.lowercased()
            let isFree = !taken.contains(key) && !OpenAPINames.reserved.contains(key)
            if isFree, wish.utf8.count <= Self.maxLength, !rivals.contains(where: key.hasPrefix) {
                taken.insert(key)
                return wish
            }
            return OpenAPINames.make(String(wish.prefix(Self.maxLength)), of: identity, unless: &taken)
        }
    }

    /// Whether two names are the same in some language.
    static func areAlike(_ name: String, _ other: String) -> Bool {
        pascal(name).lowercased() == pascal(other).lowercased()
    }

    private static func wish(for model: String) -> String {
        let name = pascal(model)
        return reserved.contains(name.lowercased()) ? name + "Model" : name
    }

    /// A name with a mark that follows from what it is the name of.
    private static func make(_ wish: String, of identity: String, unless taken: inout Set<String>) -> String {
        for attempt in 0... {
            // FNV-1a.
            let mark = "\(identity)\(attempt)".utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
            let name = "\(wish)X\(mark.padded(to: 8, radix: 16))"
            if taken.insert(name.lowercased()).inserted { return name }
        }
        return wish
    }

    /// The words of a name, each with a capital, without what is neither an ASCII letter nor a digit.
    private static func pascal(_ text: String) -> String {
        var result = ""
        var isStart = true
        for byte in text.utf8 {
            guard byte.isLetter || byte.isDigit else {
                isStart = true
                continue
            }
            let character = Character(Unicode.Scalar(byte))
            result += isStart ? character.uppercased() : String(character)
            isStart = false
        }
        return result.isEmpty ? "Field" : result
    }

    /// What models cannot be called: shared schemas and whole operations have these names, or languages and generated clients.
    private static let reserved: Set<String> = [
        "fault", "health", "jsonschema", "landingpage", "metrics", "modelname", "openapi",
        "openapidocument", "problem", "readiness", "readinessreason", "readinessreasonkind", "schemas", "state",
        "statepatch",
        "allmodels", "allmodelspatch", "changedmodels",
        "any", "api", "apiclient", "apiexception", "array", "authenticatedclient", "bool", "boolean", "byte", "bytesio",
        "character", "class", "client", "configuration", "date", "datetime", "decimal", "default", "double", "enum",
        "error", "exception", "false", "file", "float", "function", "generator", "generic", "httpstatus", "import",
        "int", "integer", "interface", "iterable", "iterator", "json", "list", "literal", "long", "map", "mapping",
        "model", "models", "none", "null", "number", "object", "optional", "option", "package", "promise", "protocol",
        "record", "request", "requestbody", "response", "result", "self", "set", "string", "struct", "symbol", "thread",
        "true", "type", "typevar", "types", "undefined", "union", "unset", "url", "uuid", "vec", "void",
    ]
}
