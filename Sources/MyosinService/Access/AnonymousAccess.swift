/// What clients may do without saying who they are.
public enum AnonymousAccess: String, Sendable, CaseIterable, Comparable {
    /// Nothing.
    case none
    /// `/metrics`, `/healthz` and `/readyz`.
    ///
    /// The metrics include the numbers, booleans and enumerated strings of the state, and the keys of collections with `x-metric-label`.
    case metrics
    /// Also read the state and its schemas.
    case read
    /// Also change the state.
    case write

    /// The fewer rights come first.
    public static func < (left: AnonymousAccess, right: AnonymousAccess) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .none: 0
        case .metrics: 1
        case .read: 2
        case .write: 3
        }
    }
}
