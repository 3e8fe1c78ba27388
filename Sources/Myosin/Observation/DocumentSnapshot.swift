internal import Primitives

/// A model's published value as a document.
package struct DocumentSnapshot: Sendable {
    /// The model's name.
    package let model: String
    /// The compact JSON text, UTF-8.
    package let document: [UInt8]
    /// The incarnation in which the revision counts.
    package let incarnation: String
    /// The revision of the model's last change.
    package let revision: UInt64
    private let changeTime: ChangeTime
    /// The number of the publication by which the value became visible; no less than that where it was stored by another process.
    package let publication: UInt64
    /// A place for one object that is made of the model's last revision.
    package let revisionCache: RevisionCache

    init(_ cell: ModelCell, _ version: AnyVersion) {
        (model, incarnation) = (cell.name, cell.incarnation)
        revisionCache = cell.revisionCache
        (document, revision, changeTime) = (version.document, version.revision, version.time)
        publication = version.publication
    }

    /// When the model was changed last, in seconds since 1970; not finite where the store has nonsense.
    ///
    /// Whoever puts the wall clock forward moves it. Where it was put back, also before the process began, the time may be still to
    /// come: it is later than that of the value before.
    package var time: Double { changeTime.secondsSince1970(by: .system) }
}

/// An object that was made of one revision of a model, kept so that it need not be made again.
package final class RevisionCache: Sendable {
    private let kept = Lock<(revision: UInt64, object: any AnyObject & Sendable)?>(nil)

    /// What was kept of a revision; nil if that is something of another one, or nothing.
    package func object(of revision: UInt64) -> (any AnyObject & Sendable)? {
        kept.withLock { $0?.revision == revision ? $0?.object : nil }
    }

    /// Keeps something of a revision, unless there is something of a later one.
    package func keep(_ object: any AnyObject & Sendable, of revision: UInt64) {
        let former = kept.withLock { kept in
            let former = kept
            if (kept?.revision ?? 0) <= revision { kept = (revision, object) }
            return former
        }
        // It goes outside of the lock, as its last reference may.
        withExtendedLifetime(former) {}
    }
}
