/// Why the engine refused or failed to do something.
public struct StateError: Error, Sendable, CustomStringConvertible {
    /// The kinds of errors, of which more may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        private init(_ name: String) { description = name }

        /// The model was not loaded into this state.
        public static let notLoaded = Code("notLoaded")
        /// Another type was loaded under the same name.
        public static let nameTaken = Code("nameTaken")
        /// The model's name has characters that a name cannot have.
        public static let badName = Code("badName")
        /// The model is a class; only value types can be copied in and out.
        public static let notAValue = Code("notAValue")
        /// The context was not opened with this model.
        public static let notInContext = Code("notInContext")
        /// The context is over; its closure has returned.
        public static let contextEnded = Code("contextEnded")
        /// A context was opened inside another one.
        public static let nestedContext = Code("nestedContext")
        /// A model was named twice in a call that makes one copy per model.
        public static let namedTwice = Code("namedTwice")
        /// The model was changed after the checkout.
        public static let conflict = Code("conflict")
        /// The locks were not free in time, or too many wait already.
        public static let busy = Code("busy")
        /// The content is not valid; the underlying error is a ``ValidationError``.
        public static let invalid = Code("invalid")
        /// The document would be longer than it may be; nothing was changed.
        public static let documentTooLarge = Code("documentTooLarge")
        /// A `cache: true` commit where there is no store.
        public static let noCache = Code("noCache")
        /// A stored document cannot be read.
        public static let corruptDocument = Code("corruptDocument")
        /// A stored document was written by a newer version of the program.
        public static let newerDocument = Code("newerDocument")
        /// The disk is full; nothing was changed.
        public static let storeFull = Code("storeFull")
        /// The store can be read but not written; nothing was changed.
        public static let storeReadOnly = Code("storeReadOnly")
        /// The operating system denies access to the store; nothing was changed.
        public static let storePermission = Code("storePermission")
        /// The cache directory is none, or cannot be made there.
        public static let storeNotDirectory = Code("storeNotDirectory")
        /// Another process, or another state of this one, uses the store; nothing was changed.
        public static let storeInUse = Code("storeInUse")
        /// The process, or the system, has as many files open as it may; nothing was changed.
        public static let storeTooManyFiles = Code("storeTooManyFiles")
        /// Somebody else has changed what is stored; nothing was changed.
        public static let storeConflict = Code("storeConflict")
        /// A file of the store was removed or replaced while it was open; the commit was refused.
        public static let storeReplaced = Code("storeReplaced")
        /// The store's files are damaged; they are left as they are.
        public static let storeCorrupt = Code("storeCorrupt")
        /// The store's files were made by a newer version of this library; they are left as they are.
        public static let storeNewer = Code("storeNewer")
        /// Reading or writing the store failed; whether the commit is on disk is unknown.
        public static let storeFailed = Code("storeFailed")
        /// The store is being opened anew after it has failed; nothing was changed.
        public static let storeRecovering = Code("storeRecovering")
        /// The store has not answered for too long; whether the commit takes effect once it does is unknown.
        public static let storeNotResponding = Code("storeNotResponding")
        /// A store on several machines has no majority of them; nothing was changed.
        public static let storeNoQuorum = Code("storeNoQuorum")
        /// The state was closed.
        public static let closed = Code("closed")

        /// All codes.
        package static let all = [
            notLoaded, nameTaken, badName, notAValue, notInContext, contextEnded, nestedContext, namedTwice,
            conflict, busy, invalid, documentTooLarge, noCache, corruptDocument, newerDocument, storeFull,
            storeReadOnly, storePermission,
            storeNotDirectory, storeInUse, storeTooManyFiles, storeConflict, storeReplaced, storeCorrupt, storeNewer,
            storeFailed, storeRecovering, storeNotResponding, storeNoQuorum, closed,
        ]

        /// Whether a store that has thrown this can be used further as it is.
        var leavesStoreUsable: Bool { self == .storeFull || self == .storeInUse || self == .storeNoQuorum }
    }

    /// What kind of error this is.
    public let code: Code
    /// What happened and what to do about it, as a sentence or two.
    public let message: String
    /// The message without what ``remedies`` say.
    package let explanation: String
    /// What helps, for a program that words it for its operators; the message has it in words for developers.
    package let remedies: [Remedy]
    /// The model concerned, by name.
    public let model: String?
    /// The error behind this one.
    public let underlying: (any Error)?
    /// For a conflict: the revision of the checkout.
    public let expectedRevision: UInt64?
    /// For a conflict: the revision that the model has.
    public let currentRevision: UInt64?

    /// Makes an error, for stores of your own.
    ///
    /// - Parameters:
    ///   - code: the kind.
    ///   - message: what happened and what to do about it.
    ///   - model: the model concerned.
    ///   - underlying: the error behind this one.
    public init(_ code: Code, _ message: String, model: String? = nil, underlying: (any Error)? = nil) {
        self.init(code, message, [], model: model, underlying: underlying)
    }

    /// Makes an error whose message ends with what helps.
    init(_ code: Code, _ explanation: String, _ remedies: Remedy..., model: String?, underlying: (any Error)? = nil) {
        self.init(code, explanation, remedies, model: model, underlying: underlying)
    }

    init(
        _ code: Code,
        _ explanation: String,
        _ remedies: [Remedy],
        model: String?,
        underlying: (any Error)?,
        expected: UInt64? = nil,
        current: UInt64? = nil
    ) {
        message = ([explanation] + remedies.map(\.sentence)).joined(separator: " ")
        (self.code, self.explanation, self.remedies) = (code, explanation, remedies)
        (self.model, self.underlying) = (model, underlying)
        (expectedRevision, currentRevision) = (expected, current)
    }

    /// The message.
    public var description: String { message }
}

extension StateError {
    static func conflict(_ model: String, expected: UInt64, current: UInt64) -> StateError {
        StateError(
            .conflict,
            "\(model) was changed since its checkout: it is at revision \(current), the checkout at \(expected). "
                + "Check it out again and repeat the change.",
            [],
            model: model,
            underlying: nil,
            expected: expected,
            current: current
        )
    }

    static func conflictInContext(_ model: String) -> StateError {
        StateError(
            .conflict,
            "\(model) was committed in this context already, from a checkout that this one does not know of. Check it "
                + "out again in the context and repeat the change.",
            model: model
        )
    }

    static func unexpected(_ model: String, current: UInt64) -> StateError {
        StateError(
            .conflict,
            "\(model) is at revision \(current), which is not the one expected. Read it again and repeat the change.",
            [],
            model: model,
            underlying: nil,
            expected: nil,
            current: current
        )
    }

    static func notLoaded(_ model: String) -> StateError {
        StateError(.notLoaded, "\(model) is not loaded.", .load(model), model: model)
    }

    /// Tells whoever has waited for a model that was removed meanwhile.
    static func removed(_ model: String) -> StateError {
        StateError(.notLoaded, "\(model) is not among the models any more.", model: model)
    }

    static func invalid(_ model: String, _ error: ValidationError) -> StateError {
        StateError(.invalid, "\(model) is not valid: \(error).", model: model, underlying: error)
    }

    static func documentTooLarge(_ model: String, _ bytes: Int, limit: Int) -> StateError {
        StateError(
            .documentTooLarge,
            "\(model) would have \(bytes) bytes of JSON beside its id, and may have \(limit).",
            model: model
        )
    }

    /// Tells of several models that their content is not valid.
    package static func invalidState(_ faults: [ValidationError.Fault]) -> StateError {
        let error = ValidationError(faults)
        return StateError(.invalid, "The state is not valid: \(error).", model: "The state", underlying: error)
    }

    static func noCache(_ model: String) -> StateError {
        StateError(.noCache, "\(model) cannot be cached since no cache directory is set.", .setCache, model: model)
    }

    static func namedTwice(_ model: String) -> StateError {
        StateError(
            .namedTwice,
            "\(model) is named twice, and of two copies only one could be committed. Name each model once.",
            model: model
        )
    }

    static let nestedContextError = StateError(
        .nestedContext,
        "This thread is in a context already.",
        .nameAllModels,
        model: nil
    )

    /// Refuses durable commits after the store has failed, until it works again.
    static func recovering(from error: StateError) -> StateError {
        // Of these the message says already what is the matter and that nothing was changed.
        if error.code != .storeFailed && error.code != .storeConflict { return error }
        return StateError(
            .storeRecovering,
            "The store is being opened anew after an error, and nothing was changed. Try again later. The error: "
                + error.message,
            underlying: error
        )
    }

    /// Tells whoever waits for a store that does not answer.
    static func notResponding(for duration: Duration) -> StateError {
        StateError(
            .storeNotResponding,
            "The store has not answered for \(duration.components.seconds) seconds. What was being written takes effect if "
                + "the disk comes back; look at it and at the system's log."
        )
    }

    static let closedError = StateError(.closed, "The state was closed. Keep it open for as long as it is used.")
}

extension StateError {
    /// Leaves an error of the engine as it is and tells any other as a failure of the store.
    init(wrapping error: any Error) {
        self =
            error as? StateError
            ?? StateError(.storeFailed, "The store failed: \(error).", underlying: error)
    }
}
