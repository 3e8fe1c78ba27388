internal import HTTPTypes
internal import MicroHTTP
internal import Myosin

/// The conditions of a request, RFC 9110 section 13.
struct Preconditions: Sendable {
    /// What a resource has that conditions ask for.
    struct Validators: Sendable {
        /// The number in its entity tag.
        let tag: UInt64
        /// When it was changed last, in seconds since 1970; nil where that is not told.
        let time: Double?
    }

    enum Verdict: Sendable, Equatable {
        case met
        /// The client has it already: 304 for reading, 412 for writing.
        case isKnown
        /// `If-Match` names other tags, or this one as a weak one.
        case isOther(asWeak: Bool)
        /// It was changed after the time of `If-Unmodified-Since`.
        case isNewer
    }

    /// The fields that are conditions.
    static let names: [HTTPField.Name] = [.ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince]
    private static let fields = HTTPFieldNameSet(names)

    private var match: EntityTagList?
    private var noneMatch: EntityTagList?
    private var unmodifiedSince: Double?
    private var modifiedSince: Double?

    /// Whether there is `If-Match`.
    var hasMatch: Bool { match != nil }

    /// Reads the conditions of a request.
    ///
    /// - Throws: `Problem` for tags that are not written as such, with the command that was probably meant. A date that is
    ///   none is ignored (RFC 9110 sections 13.1.3 and 13.1.4).
    init(of request: borrowing Request, tag: UInt64) throws(Problem) {
        guard request.hasHeader(in: Self.fields) else { return }
        match = try Self.tags(.ifMatch, of: request, tag)
        noneMatch = try Self.tags(.ifNoneMatch, of: request, tag)
        unmodifiedSince = request.header(.ifUnmodifiedSince).flatMap(HTTPDate.seconds)
        modifiedSince = request.header(.ifModifiedSince).flatMap(HTTPDate.seconds)
    }

    /// Evaluates the conditions in their order of precedence (RFC 9110 section 13.2.2).
    func verdict(on validators: Validators, isRead: Bool) -> Verdict {
        let time = validators.time?.rounded(.down)
        if let match {
            if !match.contains(validators.tag, isStrong: true) {
                return .isOther(asWeak: match.contains(validators.tag, isStrong: false))
            }
        } else if let unmodifiedSince, let time, time > unmodifiedSince {
            return .isNewer
        }
        if let noneMatch {
            if noneMatch.contains(validators.tag, isStrong: false) { return .isKnown }
        } else if isRead, let modifiedSince, let time, time <= modifiedSince {
            return .isKnown
        }
        return .met
    }

    private static func tags(
        _ name: HTTPField.Name,
        of request: borrowing Request,
        _ current: UInt64
    ) throws(Problem) -> EntityTagList? {
        guard let value = request.header(name) else { return nil }
        if let list = EntityTagList(value) { return list }
        let tag = value.allSatisfy(\.isNumber) && !value.isEmpty ? value : "\(current)"
        let field = name.rawName
        throw Problem(.badRequest, "\(field): \(value) is not an entity tag in quotes. Type -H '\(field): \"\(tag)\"'.")
    }
}

extension Preconditions.Verdict {
    /// Why a request whose conditions are not met is refused.
    ///
    /// - Parameters:
    ///   - name: what it concerns: a model, or the state.
    ///   - tag: the number in the present entity tag.
    ///   - count: what that number is.
    /// - Returns: the problem; nil if the conditions are met.
    func problem(_ name: String, at tag: UInt64, _ count: String = "revision") -> Problem? {
        let advice: String
        switch self {
        case .met: return nil
        case .isKnown: advice = ", which If-None-Match rules out. Leave that field out to replace it."
        case .isOther(asWeak: true):
            advice = ", but a weak tag never matches in If-Match. Type -H 'If-Match: \"\(tag)\"'."
        case .isOther: advice = ", which is not the one expected. Read it again and repeat the change."
        case .isNewer: advice = " and was changed after If-Unmodified-Since. Read it again and repeat the change."
        }
        return Problem(.preconditionFailed, "\(name) is at \(count) \(tag)\(advice)", fields: .stateRevision(tag))
    }
}

extension DocumentSnapshot {
    /// What conditions ask for.
    var validators: Preconditions.Validators { .init(tag: revision, time: time) }

    /// The fields that tell of a model's last change.
    var fields: HTTPFields {
        var fields = HTTPFields()
        // With what is added to it: the document's type and its entity tag, and Cache-Control.
        fields.reserveCapacity(5)
        fields.append(HTTPField(name: .stateRevision, value: "\(revision)"))
        if let date = HTTPDate.text(time) { fields.append(HTTPField(name: .lastModified, value: date)) }
        return fields
    }
}
