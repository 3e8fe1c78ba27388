internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// The conditions of a request, RFC 9110 section 13.
struct Preconditions: Sendable {
    /// What a resource has that conditions ask for.
    struct Validators: Sendable {
        let tag: RevisionTag
        /// When it was changed last, in seconds since 1970; nil where that is not told.
        let time: Double?

        /// The time that is told: no later than that of the answer (RFC 9110 section 8.8.2.1).
        var lastModified: Double? { time.map { min($0, WallClock.coarseSeconds) } }

        /// The fields that tell of a model's last change.
        var fields: HTTPFields {
            var fields = HTTPFields()
            // With what is added to it: the document's type and its entity tag, Cache-Control and Vary.
            fields.reserveCapacity(6)
            fields.append(HTTPField(name: .stateRevision, value: tag.description))
            if let lastModified, let date = HTTPDate.text(lastModified) {
                fields.append(HTTPField(name: .lastModified, value: date))
            }
            return fields
        }
    }

    enum Verdict: Sendable, Equatable {
        case met
        /// The client has it already: 304 for reading, 412 for writing.
        case isKnown
        /// `If-Match` names other tags, or this one as a weak one.
        case isOther(asWeak: Bool)
        /// It was changed after the time of `If-Unmodified-Since`.
        case isNewer
        /// The time of `If-Unmodified-Since` is still to come, so a clock was wrong, and nobody knows what was changed since.
        case isUnknown
    }

    /// The fields that are conditions.
    static let names: [HTTPField.Name] = [.ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince]
    private static let fields = HTTPFieldNameSet(names)

    private var match: EntityTagList?
    private var noneMatch: EntityTagList?
    private var unmodifiedSince: Double?
    private var isUnmodifiedSinceAhead = false
    private var modifiedSince: Double?

    /// Whether there is no condition.
    private var isEmpty = true
    /// Whether there is `If-Match`.
    var hasMatch: Bool { match != nil }

    private init() {}

    /// No condition.
    static let none = Preconditions()

    /// Reads the conditions of a request.
    ///
    /// - Throws: `Problem` for tags that are not written as such, with the command that was probably meant. A date that is
    ///   none is ignored (RFC 9110 sections 13.1.3 and 13.1.4), and so is `If-Modified-Since` with one that is still to come.
    init(of request: borrowing Request, tag: RevisionTag) throws(Problem) {
        guard request.hasHeader(in: Self.fields) else { return }
        isEmpty = false
        match = try Self.tags(.ifMatch, of: request, tag)
        noneMatch = try Self.tags(.ifNoneMatch, of: request, tag)
        unmodifiedSince = request.header(.ifUnmodifiedSince).flatMap(HTTPDate.seconds)
        modifiedSince = request.header(.ifModifiedSince).flatMap(HTTPDate.seconds)
        guard unmodifiedSince != nil || modifiedSince != nil else { return }
        let now = WallClock.coarseSeconds
        isUnmodifiedSinceAhead = unmodifiedSince.map { $0 > now } ?? false
        if let since = modifiedSince, since > now { modifiedSince = nil }
    }

    /// Evaluates the conditions in their order of precedence (RFC 9110 section 13.2.2).
    func verdict(on validators: @autoclosure () -> Validators, isRead: Bool) -> Verdict {
        if isEmpty { return .met }
        let validators = validators()
        let time = validators.time?.rounded(.down)
        if let match {
            if !match.contains(validators.tag, isStrong: true) {
                return .isOther(asWeak: match.contains(validators.tag, isStrong: false))
            }
        } else if let unmodifiedSince, let time {
            if isUnmodifiedSinceAhead { return .isUnknown }
            if time > unmodifiedSince { return .isNewer }
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
        _ current: RevisionTag
    ) throws(Problem) -> EntityTagList? {
        guard let value = request.header(name) else { return nil }
        if let list = EntityTagList(value) { return list }
        let meant = RevisionTag(value) ?? UInt64(value).map { RevisionTag(current.incarnation, $0) } ?? current
        let field = name.rawName
        throw Problem(
            .badRequest,
            "\(field): \(value) is not an entity tag in quotes. Type -H '\(field): \(meant.quoted)'."
        )
    }
}

extension Preconditions.Verdict {
    /// Why a request whose conditions are not met is refused.
    ///
    /// - Parameters:
    ///   - name: what it concerns: a model, or the state.
    ///   - tag: what it is at.
    ///   - count: what the number in that tag is.
    /// - Returns: the problem; nil if the conditions are met.
    func problem(_ name: String, at tag: RevisionTag, _ count: String = "revision") -> Problem? {
        let advice: String
        switch self {
        case .met: return nil
        case .isKnown: advice = ", which If-None-Match rules out. Leave that field out to replace it."
        case .isOther(asWeak: true):
            advice = ", but a weak tag never matches in If-Match. Type -H 'If-Match: \(tag.quoted)'."
        case .isOther: advice = ", which is not the one expected. Read it again and repeat the change."
        case .isNewer: advice = " and was changed after If-Unmodified-Since. Read it again and repeat the change."
        case .isUnknown:
            advice =
                ", and If-Unmodified-Since is later than now. Read it again and repeat the change, with -H 'If-Match: "
                + "\(tag.quoted)'."
        }
        return Problem(.preconditionFailed, "\(name) is at \(count) \(tag)\(advice)", fields: .stateRevision(tag))
    }
}

extension DocumentSnapshot {
    /// What conditions ask for.
    var validators: Preconditions.Validators {
        let time = time
        return .init(tag: tag, time: time.isFinite ? time : nil)
    }
}
