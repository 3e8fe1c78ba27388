extension StateError.Code {
    /// Whether an error is one of the engine with the code, for the pattern of a `catch`.
    ///
    /// - Parameters:
    ///   - code: the code.
    ///   - error: any error.
    /// - Returns: false also for errors that are none of the engine's.
    public static func ~= (code: StateError.Code, error: any Error) -> Bool { (error as? StateError)?.code == code }
}

/// The codes by their short names, so that a `catch` matches them: `catch StateError.conflict { … }`.
///
/// Later versions may add codes. A program that is built with that version matches them in the same way. Before, a last
/// `catch let error as StateError` gets them, and `error.code` has their name.
extension StateError {
    /// The model was not loaded into this state.
    public static var notLoaded: Code { .notLoaded }
    /// Another type was loaded under the same name.
    public static var nameTaken: Code { .nameTaken }
    /// The model's name has characters that a name cannot have.
    public static var badName: Code { .badName }
    /// The model is a class; only value types can be copied in and out.
    public static var notAValue: Code { .notAValue }
    /// The context was not opened with this model.
    public static var notInContext: Code { .notInContext }
    /// The context is over; its closure has returned.
    public static var contextEnded: Code { .contextEnded }
    /// A context was opened inside another one.
    public static var nestedContext: Code { .nestedContext }
    /// A model was named twice where each gets a copy of its own.
    public static var namedTwice: Code { .namedTwice }
    /// The model was changed after the checkout.
    public static var conflict: Code { .conflict }
    /// The locks were not free in time, or too many wait already.
    public static var busy: Code { .busy }
    /// The content is not valid; the underlying error is a ``ValidationError``.
    public static var invalid: Code { .invalid }
    /// The document would be longer than it may be; nothing was changed.
    public static var documentTooLarge: Code { .documentTooLarge }
    /// A `cache: true` commit where there is no store.
    public static var noCache: Code { .noCache }
    /// A stored document cannot be read.
    public static var corruptDocument: Code { .corruptDocument }
    /// A stored document was written by a newer version of the program.
    public static var newerDocument: Code { .newerDocument }
    /// The disk is full; nothing was changed.
    public static var storeFull: Code { .storeFull }
    /// The store can be read but not written; nothing was changed.
    public static var storeReadOnly: Code { .storeReadOnly }
    /// The operating system denies access to the store; nothing was changed.
    public static var storePermission: Code { .storePermission }
    /// The cache directory is none, or cannot be made there.
    public static var storeNotDirectory: Code { .storeNotDirectory }
    /// Another process, or another state of this one, uses the store; nothing was changed.
    public static var storeInUse: Code { .storeInUse }
    /// The process, or the system, has as many files open as it may; nothing was changed.
    public static var storeTooManyFiles: Code { .storeTooManyFiles }
    /// Somebody else has changed what is stored; nothing was changed.
    public static var storeConflict: Code { .storeConflict }
    /// A file of the store was removed or replaced while it was open; the commit was refused.
    public static var storeReplaced: Code { .storeReplaced }
    /// The store's files are damaged; they are left as they are.
    public static var storeCorrupt: Code { .storeCorrupt }
    /// The store's files were made by a newer version of this library; they are left as they are.
    public static var storeNewer: Code { .storeNewer }
    /// Reading or writing the store failed; whether the commit is on disk is unknown.
    public static var storeFailed: Code { .storeFailed }
    /// The store is being opened anew after it has failed; nothing was changed.
    public static var storeRecovering: Code { .storeRecovering }
    /// The store has not answered for too long; whether the commit takes effect once it does is unknown.
    public static var storeNotResponding: Code { .storeNotResponding }
    /// A store on several machines has no majority of them; nothing was changed.
    public static var storeNoQuorum: Code { .storeNoQuorum }
    /// The state was closed.
    public static var closed: Code { .closed }
}
