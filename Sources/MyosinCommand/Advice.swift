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

    /// The flag that helps with an error of the engine while declared models are loaded.
    static func sentence(_ code: StateError.Code) -> String? {
        switch code {
        case .corruptDocument, .storeCorrupt:
            "Start with --state.on-corrupt=use-defaults to keep it in quarantine and begin with the defaults."
        default: nil
        }
    }
}
