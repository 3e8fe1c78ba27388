/// What became visible at one moment: what one context has changed, or models that have come or gone.
package struct Publication: Sendable {
    /// The incarnation in which its number counts.
    package let incarnation: String
    /// Its number; later ones of the same incarnation have higher ones, also in later processes.
    package let number: UInt64
    /// The models that were changed or have come, each with its new value.
    package let changes: [DocumentSnapshot]
    /// The names of the models that have gone.
    package let removed: [String]
}

/// Whoever is told of every publication.
package final class PublicationObserver: Sendable {
    let tell: @Sendable (Publication) -> Void

    /// Makes an observer.
    ///
    /// - Parameter tell: called with the engine's lock held, in order: it must only put the publication aside.
    package init(_ tell: @escaping @Sendable (Publication) -> Void) { self.tell = tell }
}

/// The single registration point for observers of publications.
extension State {
    /// Tells an observer of every publication from now on.
    package func add(_ observer: PublicationObserver) { commits.add(observer) }

    /// Tells an observer of no further publication.
    package func remove(_ observer: PublicationObserver) { commits.remove(observer) }

    /// In which the state's revisions and publications are numbered: that of the store, or one of this process where there is none.
    ///
    /// A number says nothing of what has the same number in another incarnation. Emptying the state keeps it, as numbers go on.
    package var incarnation: String { commits.incarnation }

    /// The last number that may have been used before this process; publications up to it were seen by others only.
    package var firstPublication: UInt64 { commits.firstPublication }

    /// The number of the last publication with which models have gone; 0 if none have.
    package var lastRemoval: UInt64 { commits.lastRemoval }
}
