internal import Locking

/// Something that is done once, by whoever comes first.
struct Claim: Sendable {
    private let isTaken = Lock(false)

    /// Takes it; true for the first caller only.
    func take() -> Bool {
        isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }
}
