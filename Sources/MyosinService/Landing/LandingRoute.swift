internal import HTTPTypes
internal import MicroHTTP
internal import Myosin

/// `GET /`: a page for people, whose files stand beside this one.
///
/// It is all in one: the policy lets it load nothing else, and run no script but its own.
struct LandingRoute: Sendable {
    private let gatekeeper: Gatekeeper
    private let urls: ServiceURL
    /// The page between the marks that differ from one request to the next, and these marks.
    private let pieces: [(text: [UInt8], mark: Mark?)]

    /// What is filled in for a request.
    private enum Mark: String {
        case access = "{{access}}"
        case commands = "{{commands}}"
        case nonce = "{{nonce}}"
        case readOnly = "{{read-only}}"
    }

    /// - Parameters:
    ///   - gatekeeper: knows who may write.
    ///   - configuration: the path of the metrics, the external URL, and the program's advice.
    init(_ gatekeeper: Gatekeeper, _ configuration: ServiceConfiguration) {
        (self.gatekeeper, urls) = (gatekeeper, ServiceURL(configuration))
        func advised(_ sentence: String, _ setting: ServiceSetting, _ value: String) -> String {
            Self.escaped(configuration.advised(sentence, setting, value))
        }
        let page = String(decoding: PackageResources.page_html, as: UTF8.self)
            .replacing("{{version}}", with: myosinVersion)
            .replacing("{{metrics}}", with: Self.escaped(configuration.telemetryPath))
            .replacing("{{no-models}}", with: advised("There are no models.", .models, ""))
            .replacing("{{style}}", with: String(decoding: PackageResources.page_css, as: UTF8.self))
            .replacing("{{script}}", with: String(decoding: Self.script, as: UTF8.self))
        pieces = Self.pieces(of: page)
    }

    /// The files of the script, each of which uses what is before it.
    private static var script: [UInt8] {
        let files = [
            PackageResources.schema_js, PackageResources.field_js, PackageResources.editor_js,
            PackageResources.model_js,
            PackageResources.connection_js,
        ]
        return Array(files.joined(separator: [UInt8(ascii: "\n")]))
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }

    private static func pieces(of page: String) -> [(text: [UInt8], mark: Mark?)] {
        var pieces: [(text: [UInt8], mark: Mark?)] = []
        var rest = page[...]
        while let start = rest.firstRange(of: "{{")?.lowerBound,
            let end = rest[start...].firstRange(of: "}}")?.upperBound
        {
            let mark = Mark(rawValue: String(rest[start..<end]))
            precondition(mark != nil, "the landing page has a mark that nothing stands for: \(rest[start..<end])")
            pieces.append((Array(rest[..<start].utf8), mark))
            rest = rest[end...]
        }
        return pieces + [(Array(rest.utf8), nil)]
    }

    var route: Route {
        Route.atOnce(.get, "/") { request, _ in
            if let problem = Problem.notAcceptable(request, ["text/html"]) { return .now(problem.response) }
            let access = gatekeeper.access(of: request)
            let advice =
                access < .write
                ? gatekeeper.advised("From here the state can only be read.", to: request, needing: .write) : ""
            // For a visitor without JavaScript; the script knows the URL of the page better.
            let (state, watch) = (urls.url(["state"], for: request), urls.url(["state"], query: "?watch", for: request))
            return .now(response(access, advice, commands: "curl \(state)\ncurl -N \(watch)"))
        }
    }

    private func response(_ access: AnonymousAccess, _ advice: String, commands: String) -> Response {
        // Of each answer another, which only what is on the page itself has (Content Security Policy Level 3, section 7.1).
        let nonce = [UInt64.random(in: 0 ... .max), .random(in: 0 ... .max)].map { String($0, radix: 16) }.joined()
        var body: [UInt8] = []
        for (text, mark) in pieces {
            body += text
            switch mark {
            case .access: body += access.rawValue.utf8
            case .commands: body += Self.escaped(commands).utf8
            case .nonce: body += nonce.utf8
            case .readOnly: body += Self.escaped(advice).utf8
            case nil: break
            }
        }
        let policy =
            "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; img-src data:; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        let fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .contentSecurityPolicy: policy,
            .referrerPolicy: "no-referrer", .vary: "Accept",
        ]
        return Response(status: .ok, fields: fields, body: .bytes(body))
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = HTTPField.Name(validated: "Referrer-Policy")
}
