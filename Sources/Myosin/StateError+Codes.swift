extension StateError.Code {
    /// Whether an error is a ``StateError`` with the code, for the pattern of a `catch`.
    ///
    /// - Parameters:
    ///   - code: the code.
    ///   - error: any error.
    /// - Returns: true if it is; false for errors of other types, too.
    public static func ~= (code: StateError.Code, error: any Error) -> Bool { (error as? StateError)?.code == code }
}

/// The codes by their short names, so that a `catch` matches them: `catch StateError.conflict { … }`.
///
/// Later versions may add codes. A program built with such a version matches them in the same way. Until then, a last
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
    /// The context has ended; its closure has returned.
    public static var contextEnded: Code { .contextEnded }
    /// A context was opened inside another one.
    public static var nestedContext: Code { .nestedContext }
    /// A model was named twice in a call that makes one copy per model.
    public static var namedTwice: Code { .namedTwice }
    /// The model was changed after the checkout.
    public static var conflict: Code { .conflict }
    /// The locks were not free in time, or too many wait already.
    public static var busy: Code { .busy }
    /// The content is not valid; the underlying error is a ``ValidationError``.
    public static var invalid: Code { .invalid }
    /// The document would exceed its maximum length; nothing was changed.
    public static var documentTooLarge: Code { .documentTooLarge }
    /// A commit with `cache: true` in a state without a store.
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
    /// The path of the cache directory is not a directory, or the directory cannot be made there.
    public static var storeNotDirectory: Code { .storeNotDirectory }
    /// Another process, or another state of this one, uses the store; nothing was changed.
    public static var storeInUse: Code { .storeInUse }
    /// The process or the system has reached its limit of open files; nothing was changed.
    public static var storeTooManyFiles: Code { .storeTooManyFiles }
    /// The stored documents were changed by another program; nothing was changed.
    public static var storeConflict: Code { .storeConflict }
    /// A file of the store was removed or replaced while it was open; the commit was refused.
    public static var storeReplaced: Code { .storeReplaced }
    /// The store's files are damaged; they are left as they are.
    public static var storeCorrupt: Code { .storeCorrupt }
    /// The store's files were made by a newer version of this library; they are left as they are.
    public static var storeNewer: Code { .storeNewer }
    /// Reading or writing the store failed; whether the commit is on disk is unknown.
    public static var storeFailed: Code { .storeFailed }
    /// The store is being opened again after a failure; nothing was changed.
    public static var storeRecovering: Code { .storeRecovering }
    /// The store has not answered in time; whether the commit will take effect is unknown.
    public static var storeNotResponding: Code { .storeNotResponding }
    /// A store on several machines has lost its majority; nothing was changed.
    public static var storeNoQuorum: Code { .storeNoQuorum }
    /// The state was closed.
    public static var closed: Code { .closed }
}
