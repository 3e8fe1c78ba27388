internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// A revision or the number of a publication with the incarnation in which it counts: `k3f9-42`.
///
/// In quotes it is an entity tag. One of another incarnation matches nothing, as its number was given to something else.
struct RevisionTag: Sendable, Equatable, CustomStringConvertible {
    let incarnation: String
    let number: UInt64

    init(_ incarnation: String, _ number: UInt64) { (self.incarnation, self.number) = (incarnation, number) }

    /// Reads a tag; nil for any other text.
    init?(_ text: String) {
        let text = text.trimmed
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, StoredState.isIncarnation(parts[0]), let number = UInt64(parts[1]) else { return nil }
        self.init(String(parts[0]), number)
        if description != text { return nil }
    }

    // Joined and not interpolated: so short a text then needs no memory.
    var description: String { incarnation + "-" + String(number) }

    /// The entity tag, RFC 9110 section 8.8.3.
    var quoted: String { "\"" + description + "\"" }
}

extension DocumentSnapshot {
    /// The tag of the model's last change.
    var tag: RevisionTag { RevisionTag(incarnation, revision) }
}

extension State {
    /// The tag of the last publication.
    var tag: RevisionTag { RevisionTag(incarnation, publication) }
}

extension HTTPFields {
    /// The field with a revision.
    static func stateRevision(_ tag: RevisionTag) -> HTTPFields { [.stateRevision: tag.description] }
}

extension HTTPField.Name {
    /// A revision's tag; in quotes it is the next `If-Match`.
    static let stateRevision = HTTPField.Name(validated: "State-Revision")
}
