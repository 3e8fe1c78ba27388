internal import Synchronization

/// A flag that is set once; of all threads that try, only the first succeeds.
package final class OnceFlag: Sendable {
    private let isSet = Atomic(false)

    /// Makes a flag that is not set.
    package init() {}

    /// Sets the flag.
    ///
    /// What the first caller did before is seen by all whose call came later and failed.
    ///
    /// - Returns: true for the first caller only.
    package func set() -> Bool { !isSet.exchange(true, ordering: .acquiringAndReleasing) }
}
