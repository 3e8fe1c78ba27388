#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
public import Myosin

/// Directories whose files `<Model>.schema.json` declare models, each by a JSON Schema.
///
/// ```swift
/// try ModelDirectory(["models"]).load(into: state)
/// try state.update(declared: "Thermostat", cache: true) { $0["target"] = 21.5 }
/// ```
public struct ModelDirectory: Sendable {
    /// A fault of a file.
    public struct Fault: Sendable, Hashable, CustomStringConvertible {
        /// The file's path; empty for a fault without a file.
        public let file: String
        /// The place in the file as a JSON pointer (RFC 6901); empty for the whole of it.
        public let pointer: String
        /// The fault and the remedy.
        public let detail: String
        /// The engine's reason for refusing the model; nil for a fault of the file itself.
        public let code: StateError.Code?
        /// The detail without the remedies, and the remedies, where the engine has refused the model.
        private let (explanation, remedies): (String, [StateError.Remedy])

        package init(_ file: String, _ pointer: String, _ detail: String) {
            (self.file, self.pointer, self.detail, code) = (file, pointer, detail, nil)
            (explanation, remedies) = (detail, [])
        }

        /// The fault of a file that is the engine's error.
        package init(_ file: String, _ error: StateError) {
            (self.file, pointer, detail, code) = (file, "", error.message, error.code)
            (explanation, remedies) = (error.explanation, error.remedies)
        }

        private init(_ fault: Fault, detail: String) {
            (file, pointer, self.detail, code) = (fault.file, fault.pointer, detail, fault.code)
            (explanation, remedies) = (detail, [])
        }

        /// The fault with its remedies in a program's own words; nil for one that does not concern its operators.
        package func worded(_ word: (StateError.Remedy) -> String?) -> Fault {
            Fault(self, detail: ([explanation] + remedies.compactMap(word)).joined(separator: " "))
        }

        /// The file, the place and the fault, on one line.
        public var description: String {
            [file.isEmpty ? "" : "\(file):", pointer, detail].filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    /// All faults of the files, which keep the models from being used.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// The faults, in the order of the files.
        public let faults: [Fault]

        private let heading: String

        package init(_ faults: [Fault], heading: String = "The models cannot be used") {
            (self.faults, self.heading) = (faults, heading)
        }

        /// The faults in a program's own words, as ``Fault/worded(_:)``.
        package func worded(_ word: (StateError.Remedy) -> String?) -> Failure {
            Failure(faults.map { $0.worded(word) }, heading: heading)
        }

        /// The faults, each on a line.
        public var description: String {
            if faults.count == 1 { return "\(heading).\n  \(faults[0])" }
            return "\(heading), for \(faults.count) reasons.\n"
                + faults.map { "  \($0)" }.joined(separator: "\n")
        }
    }

    /// What the files declare.
    package struct Models: Sendable {
        /// The declarations, in order of their names.
        package let declarations: [JSONSchemaDeclaration]
        /// The file that declares a model, by the model's name.
        package let files: [String: String]
        /// The files that are no models because another program seems to have left them.
        package let leftovers: [String]
    }

    /// How long a file may be, in bytes.
    package static let maxFileBytes = 1 << 20
    private static let ending = ModelFileName.ending

    private let paths: [String]

    /// Names the directories.
    ///
    /// - Parameter paths: the directories' paths.
    public init(_ paths: [String]) { self.paths = paths }

    /// Reads all files and replaces the declared models of a state by theirs, all of them or none.
    ///
    /// You can call it again at any time. Models that stay keep their value, their lock and their subscribers, if the value is valid
    /// under the new schema. A higher `x-version` fills missing fields with defaults and drops unknown ones. A model without its file
    /// leaves the state; the store keeps its document. Directories without any model's file are a fault, unless the state and its store
    /// have no model yet.
    ///
    /// - Parameters:
    ///   - state: the state that gets the models.
    ///   - onCorrupt: the treatment of stored documents that do not fit a new model.
    /// - Returns: the names of the models, sorted.
    /// - Throws: ``Failure`` with all faults, without any change to the state; a `StateError` when the store fails.
    @discardableResult
    public func load(into state: State, onCorrupt: State.OnCorrupt = .fail) throws -> [String] {
        try load(into: state, onCorrupt: onCorrupt) { _ in [] }.declarations.map(\.name)
    }

    /// The same with a further check of all declarations together, and with all that was read.
    package func load(
        into state: State,
        onCorrupt: State.OnCorrupt,
        check: (Models) -> [Fault]
    ) throws -> Models {
        // Without its files a state that has models would lose them all: the folder is another one, or not mounted yet.
        let models = try read(mayBeEmpty: state.isNew, check)
        do {
            try state.declare(models.declarations, onCorrupt: onCorrupt)
        } catch let error as DeclarationError {
            throw Failure(
                error.errors.map { Fault($0.model.flatMap { models.files[$0] } ?? "", $0) }
            )
        }
        return models
    }

    /// Reads all files.
    ///
    /// Other files and those whose names begin with a dot are left alone. A file that an editor or another program has left, such
    /// as `T.schema.json~` or a copy of Syncthing's, is noted. One whose name may be a mistyped one is a fault.
    ///
    /// - Parameters:
    ///   - mayBeEmpty: whether a directory may have no model.
    ///   - check: what else may be wrong with the declarations together.
    /// - Returns: the declarations.
    /// - Throws: ``Failure`` with everything that is wrong: directories and files that cannot be read, names that cannot be
    ///   those of models or are taken twice, faults of the schemas, and those of the check.
    package func read(
        mayBeEmpty: Bool = false,
        _ check: (Models) -> [Fault] = { _ in [] }
    ) throws(Failure) -> Models {
        let (models, faults) = examine(mayBeEmpty: mayBeEmpty, check)
        if !faults.isEmpty { throw Failure(faults) }
        return models
    }

    /// Reads all files as ``read(mayBeEmpty:_:)``, and returns the good ones beside all faults.
    package func examine(
        mayBeEmpty: Bool = false,
        _ check: (Models) -> [Fault] = { _ in [] }
    ) -> (models: Models, faults: [Fault]) {
        var faults: [Fault] = []
        var declarations: [String: JSONSchemaDeclaration] = [:]
        var files: [String: String] = [:]
        var leftovers: [String] = []
        for path in paths {
            for (name, file) in Self.list(path, mayBeEmpty, &leftovers, &faults) {
                if let other = files[name] {
                    faults.append(
                        Fault(file, "", "declares \(name), which \(other) declares too; give one another name")
                    )
                    continue
                }
                files[name] = file
                declarations[name] = Self.declaration(name, file, &faults)
            }
        }
        let sorted = declarations.values.sorted { $0.name < $1.name }
        let models = Models(declarations: sorted, files: files, leftovers: leftovers)
        return (models, faults + check(models))
    }

    /// The models' names and files in a directory, sorted.
    private static func list(
        _ path: String,
        _ mayBeEmpty: Bool,
        _ leftovers: inout [String],
        _ faults: inout [Fault]
    ) -> [(name: String, file: String)] {
        if path.utf8.contains(0) {
            faults.append(Fault(path, "", "has a NUL byte, which no path can have. Name a directory with models"))
            return []
        }
        guard let directory = opendir(path) else {
            faults.append(
                Fault(path, "", "cannot be read: \(String(cString: strerror(errno))). Name a directory with models")
            )
            return []
        }
        defer { closedir(directory) }
        // Names that look alike are several files.
        var entries: [String] = []
        _ = SystemCall.readNames(in: directory) { entries.append($0) }
        let names = Set(entries)
        let prefix = path.hasSuffix("/") ? path : path + "/"
        var models: [(name: String, file: String)] = []
        let formerCount = faults.count
        var passedOver: [String] = []
        for name in entries.sorted() {
            switch ModelFileName(name, among: names) {
            case .model(let model): models.append((model, prefix + name))
            case .leftover: passedOver.append(name)
            // The name of a folder was not mistyped.
            case .mistaken where isDirectory(prefix + name): break
            case .mistaken(let detail): faults.append(Fault(prefix + name, "", detail))
            case .other: break
            }
        }
        if models.isEmpty, !mayBeEmpty, faults.count == formerCount {
            let others = passedOver.isEmpty ? "" : "; passed over: \(passedOver.joined(separator: ", "))"
            let detail = "has no file that ends with \(ending); such a file declares a model\(others)"
            faults.append(Fault(path, "", detail))
        }
        leftovers += passedOver.map { prefix + $0 }
        return models
    }

    private static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    private static func declaration(_ name: String, _ file: String, _ faults: inout [Fault]) -> JSONSchemaDeclaration? {
        do {
            return try JSONSchemaDeclaration(name: name, text: try text(of: file))
        } catch {
            faults += error.faults.map { Fault(file, $0.pointer, $0.detail) }
            return nil
        }
    }

    private static func text(of file: String) throws(JSONSchemaError) -> [UInt8] {
        func failure(_ number: Int32) -> JSONSchemaError {
            JSONSchemaError([.init("", "cannot be read: \(String(cString: strerror(number)))")])
        }
        let descriptor = SystemCall.retry { open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw failure(errno) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw JSONSchemaError([.init("", "cannot be read: it is not a file")])
        }
        guard information.st_size <= maxFileBytes else {
            throw JSONSchemaError([.init("", "is longer than \(maxFileBytes) bytes")])
        }
        var text: [UInt8] = []
        guard SystemCall.readPieces(of: descriptor, { text += $0.prefix(maxFileBytes + 1 - text.count) }) else {
            throw failure(errno)
        }
        return text
    }
}
