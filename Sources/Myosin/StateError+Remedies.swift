extension StateError {
    /// What helps with an error.
    ///
    /// Developers and operators have different means, so each gets a sentence of their own.
    package enum Remedy: Sendable, Hashable {
        /// Nothing is lost: the document was left as it is.
        case isKept

        // MARK: In the program
        /// Load the model before it is used.
        case load(String)
        /// Name a directory that keeps the state.
        case setCache
        /// Open one context with all models.
        case nameAllModels
        /// Open the context with these models.
        case nameModels([String])
        /// Choose a name that a model can have.
        case chooseGoodName
        /// Give one of two types another name.
        case chooseOtherName
        /// Make the model a value type.
        case useValueType
        /// Raise the version of a type's fields.
        case raiseTypeVersion
        /// Change the code that migrates documents, so that it adds these fields.
        case mendMigration(adding: [String])
        /// Let the test of a migration have the defaults of the program.
        case passDefaults
        /// Run the program that knows the newer version.
        case runNewerProgram

        // MARK: In a schema
        /// Raise the version to this one: the stored document is valid once fields are filled and dropped. Fields that seem to be
        /// renamed lose their values.
        case raiseVersion(to: Int, renaming: FieldChanges.Renames = .init())
        /// Accept the stored value in the schema, or change it under the former schema.
        case acceptValue
        /// Change the present value, or the schema.
        case changeValue
        /// Do not go below this version, which is in use.
        case keepVersion(Int)

        // MARK: In the store
        /// Put an intact copy in the place of the store.
        case restoreCopy
        /// Move the document to quarantine and begin with the defaults.
        case useDefaults
        /// Mend the file of Python myosin.
        case mendFile

        /// The sentence for developers.
        var sentence: String {
            switch self {
            case .isKept: "It was left as it is."
            case .load(let model): "Call state.load(\(model)(…)) with its defaults first."
            case .setCache: "Set MYOSIN_CACHE_BASE_PATH, or make the state with State(cache: .directory(…))."
            case .nameAllModels: "Name all models in one context: state.with(A.self, B.self) { … }."
            case .nameModels(let names):
                "Name it too: state.with(\(names.map { "\($0).self" }.joined(separator: ", "))) { … }."
            case .chooseGoodName:
                "Give the type a static modelName of ASCII letters, digits, _, - and . that begins with a letter."
            case .chooseOtherName: "Give one of them a modelName of its own."
            case .useValueType: "Make it a struct."
            case .raiseTypeVersion:
                "If the model's fields have changed, raise its schemaVersion, and rename or retype them in migrate(_:from:)."
            case .mendMigration(adding: []): "Make migrate(_:from:) produce a valid document."
            case .mendMigration(let pointers):
                "migrate(_:from:) must add \(pointers.prefix(20).joined(separator: ", "))\(pointers.count > 20 ? ", …" : "")."
            case .passDefaults:
                "Or pass the program's defaults, as in migrated(from:version:defaults:), which fill missing fields."
            case .runNewerProgram: "Run the newer program, or use another cache directory."
            case .restoreCopy: "Put a copy of the store in its place."
            case .useDefaults:
                "Or load with onCorrupt: .useDefaults, which keeps the document in quarantine and begins with the defaults."
            case .mendFile: "Mend the file, or move it away."
            case .raiseVersion, .acceptValue, .changeValue, .keepVersion: schemaSentence ?? ""
            }
        }

        /// The sentence for authors of schemas; nil for other remedies.
        package var schemaSentence: String? {
            switch self {
            case .raiseVersion(let version, let renames):
                "Raise x-version to \(version) to fill missing fields and drop unknown ones."
                    + (renames.isEmpty ? "" : " Renamed fields lose their values by that: \(renames.description).")
            case .acceptValue:
                "A higher x-version does not help: let the schema accept the value, or put the former schema back and change the "
                    + "value first."
            case .changeValue: "Change the value first, or the schema."
            case .keepVersion(let version):
                "Set x-version to \(version), or higher where fields are added or dropped. To go back to former fields, write them "
                    + "into the schema and raise x-version once more. Quarantine, or a copy of the store, has their values."
            default: nil
            }
        }
    }
}
