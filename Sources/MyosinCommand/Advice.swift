internal import Myosin
internal import MyosinService
internal import Primitives

/// The flags that help where the libraries refuse something; they know none.
enum Advice {
    /// The flag that changes a setting of the service.
    static func sentence(_ setting: ServiceSetting, _ value: String) -> String? {
        switch setting {
        case .allowedHosts: "Start the server with --web.allowed-hosts=\(value.shellQuoted) to allow that name."
        case .anonymousAccess: "Start the server with --web.anonymous=\(value) to allow it."
        case .externalURL: "Or start the server with --web.external-url=\(value.shellQuoted)."
        case .listeners: "Start the server with --web.listen-address=\(value.shellQuoted) to allow it."
        case .maxWatchers: "Start the server with a higher --web.max-watchers for more."
        case .models: "Start the server with --state.models DIRECTORY to read some from files."
        default: nil
        }
    }

    /// What an operator can do about an error of the engine; nil for what only the program's developers can do.
    static func sentence(_ remedy: StateError.Remedy) -> String? {
        switch remedy {
        case .isKept: "It was left as it is."
        case .useDefaults:
            "Or start with --state.on-corrupt=use-defaults to keep it in quarantine and begin with the defaults."
        case .restoreCopy: "Restore a copy with the command restore."
        case .keepVersion(let version):
            "Set x-version to \(version), or higher where fields are added or dropped. To go back to former fields, write them into "
                + "the schema and raise x-version once more; the command quarantine shows their values. Or restore a copy that "
                + "was made before, with the command restore."
        case .setCache: "Name a directory with --state.path."
        case .chooseGoodName: "Name it with ASCII letters, digits, _, - and ., a letter first."
        case .mendFile: "Mend the file, or move it away."
        case .runNewerProgram: "Run the newer program, or name another directory with --state.path."
        case .raiseVersion, .acceptValue, .changeValue: remedy.schemaSentence
        case .load, .nameAllModels, .nameModels, .chooseOtherName, .useValueType, .raiseTypeVersion, .mendMigration,
            .passDefaults:
            nil
        }
    }
}
