public import HTTPTypes
internal import MicroHTTP
public import Myosin

/// An error as HTTP clients get it: a problem details object, RFC 9457.
///
/// Throw one in your own route to answer with its status and its sentence.
public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The status.
    public let status: HTTPResponse.Status
    /// What happened and what to do, in a sentence or two.
    public let detail: String
    /// The faults of the content sent, if it is the content that is at fault.
    public var faults: [ValidationError.Fault] = []
    /// Additional header fields of the answer, `Retry-After` for example.
    public var fields = HTTPFields()

    /// The fault of the program, which is logged and not sent, or nil if there is none.
    var cause: String?

    /// How many seconds clients are asked to wait before they try again.
    static let retrySeconds = "1"

    /// The status and the sentence.
    public var description: String { "\(status): \(detail)" }

    /// Makes a problem.
    ///
    /// - Parameters:
    ///   - status: the status, 400 or more.
    ///   - detail: the cause and the remedy, in a sentence or two; clients see it.
    ///   - faults: the faults of the sent content, each with its pointer.
    ///   - fields: additional header fields of the answer.
    public init(
        _ status: HTTPResponse.Status,
        _ detail: String,
        faults: [ValidationError.Fault] = [],
        fields: HTTPFields = [:]
    ) {
        (self.status, self.detail, self.faults, self.fields) = (status, detail, faults, fields)
    }

    /// What should not happen, without what a client could do about it.
    static let internalError = Problem(.internalServerError, "Something went wrong that the service does not know of.")

    var response: Response {
        // `about:blank` says that the status tells the kind of problem; the title is then the status' phrase.
        var body = JSONObject()
        body["type"] = "about:blank"
        body["title"] = .string(status.reasonPhrase)
        body["status"] = .number(JSONNumber(status.code))
        body["detail"] = .string(detail)
        if !faults.isEmpty {
            body["errors"] = .array(
                faults.map {
                    [
                        "pointer": .string($0.pointer), "detail": .string($0.detail),
                        "code": .string($0.code.description),
                    ]
                }
            )
        }
        var fields = fields
        fields[.contentType] = "application/problem+json"
        fields[.cacheControl] = "no-store"
        return Response(
            status: status,
            fields: fields,
            body: .bytes(JSONValue.object(body).bytes + [UInt8(ascii: "\n")])
        )
    }
}

extension Problem {
    /// The problem of refused content, with all its faults.
    init(_ error: ValidationError) {
        let reason = error.faults.count == 1 ? "\(error)" : "\(error.faults.count) fields are at fault, see errors"
        self.init(.unprocessableContent, "The content was not taken: \(reason)".asSentence, faults: error.faults)
    }

    /// The answer that is made, or that of the problem that keeps it from being made.
    static func answer(_ make: () throws(Problem) -> Answer) -> Answer {
        do throws(Problem) {
            return try make()
        } catch {
            return .now(error.response)
        }
    }

    /// The problem that an error of the engine stands for.
    ///
    /// - Parameters:
    ///   - error: the error.
    ///   - adviceOnMissing: what to say where a field is missing.
    init(_ error: StateError, adviceOnMissing: String? = nil) {
        let retry: HTTPFields = [.retryAfter: Self.retrySeconds]
        switch error.code {
        // What helps developers is nothing for clients.
        case .notLoaded: self.init(.notFound, error.explanation)
        case .invalid:
            let faults = (error.underlying as? ValidationError)?.faults ?? []
            let isMissing = faults.contains { $0.code == .missing }
            let advice = adviceOnMissing.flatMap { isMissing ? " \($0)" : nil } ?? ""
            self.init(.unprocessableContent, Self.sentence(error, faults) + advice, faults: faults)
        case .conflict: self.init(.preconditionFailed, error.message)
        case .closed:
            let detail = "The service is stopping and takes no changes any more. Try again in a moment."
            self.init(.serviceUnavailable, detail, fields: retry)
        case .storeFailed:
            let outcome =
                "Nothing visible has changed; the store is being opened anew, and then has what is visible."
            self.init(.internalServerError, "\(error.message) \(outcome)")
        case .busy, .storeReadOnly, .storeInUse, .storeTooManyFiles, .storeReplaced, .storeConflict,
            .storeRecovering,
            .storeNotResponding, .storeNoQuorum:
            self.init(.serviceUnavailable, error.message, fields: retry)
        case .documentTooLarge:
            let advice = "Keep less in it, or raise its limit: x-max-bytes in its schema, or that of the state."
            self.init(.contentTooLarge, "\(error.message) \(advice)")
        case .storeFull: self.init(.insufficientStorage, error.message)
        default: self.init(.internalServerError, error.explanation)
        }
    }

    private static func sentence(_ error: StateError, _ faults: [ValidationError.Fault]) -> String {
        let model = error.model ?? "The model"
        let reason =
            faults.count == 1
            ? error.underlying.map { "\($0)" } ?? "it is not valid" : "\(faults.count) fields are at fault, see errors"
        return "\(model) was not changed: \(reason)".asSentence
    }
}

extension Problem {
    /// 404 for a name that no model has, with the one that was probably meant.
    ///
    /// - Parameters:
    ///   - name: what was asked for.
    ///   - names: the models that there are.
    ///   - url: gives the URL of a model, for a shell.
    /// - Returns: the problem.
    static func unknownModel(_ name: String, among names: [String], at url: (String) -> String) -> Problem {
        if let meant = didYouMean(name, among: names) {
            return Problem(
                .notFound,
                "There is no model \(name). Did you mean \(meant)? Type curl \(url(meant)) to read it."
            )
        }
        if names.isEmpty { return Problem(.notFound, "There is no model \(name). This program has none.") }
        return Problem(.notFound, "There is no model \(name). There are: \(names.shortList).")
    }
}

extension [String] {
    /// The first names, with commas between them.
    var shortList: String { prefix(20).joined(separator: ", ") + (count > 20 ? ", …" : "") }
}

extension String {
    /// The text with a capital letter and a full stop, where it lacks them; a path at its beginning stays as it is.
    var asSentence: String {
        let isEnded = hasSuffix(".") || hasSuffix("?") || hasSuffix("!")
        let isWord = prefix { $0 != " " }.allSatisfy(\.isLetter)
        return (isWord ? prefix(1).uppercased() + dropFirst() : self) + (isEnded ? "" : ".")
    }
}

extension HTTPResponse.Status {
    /// 507, RFC 4918 section 11.5.
    static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}

extension HTTPField.Name {
    static let secFetchSite = HTTPField.Name(validated: "Sec-Fetch-Site")
    static let prefer = HTTPField.Name(validated: "Prefer")
    static let preferenceApplied = HTTPField.Name(validated: "Preference-Applied")
    static let acceptPatch = HTTPField.Name(validated: "Accept-Patch")
}
