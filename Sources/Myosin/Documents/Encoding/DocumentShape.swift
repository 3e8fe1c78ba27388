/// The kinds of values of a document, each with its place.
///
/// A digest stands for each pair of a place and a kind. A type that reads back one document reads back all others of the same
/// shape, unless its code depends on single numbers or texts. Elements of an array share a place, so of its length only 0 counts.
/// Members of a dictionary and fields of a free value share a place, too.
struct DocumentShape: Sendable {
    /// The kind of a value in a place.
    enum Kind: UInt64 {
        case null = 1
        case yes, no, emptyText, text, zero, negative, positive, object, array, nothing
    }

    /// The names of an object that are values instead of fields of a type.
    enum FreeNames {
        case none
        /// The names of the outermost object, a dictionary.
        case outermost
        /// All names inside a free value, which may be anything.
        case all
    }

    /// The digests, possibly with duplicates.
    private(set) var digests: [UInt64] = []
    /// Whether there are too many to keep.
    private(set) var isTooLarge = false

    private static let maxDigests = 4_096

    /// Adds a kind of value in a place.
    mutating func insert(_ kind: Kind, at place: UInt64) {
        // The last step of MurmurHash3 without its first shift: the upper bits depend on all.
        let digest = (place &+ kind.rawValue) &* 0x9E37_79B9_7F4A_7C15
        if digest == digests.last { return }
        if digests.count == Self.maxDigests { compact() }
        digests.append(digest)
    }

    /// Removes duplicates, or all digests if that does not make room.
    @inline(never) private mutating func compact() {
        digests = Array(Set(digests))
        if digests.count <= Self.maxDigests / 2 { return }
        isTooLarge = true
        digests.removeAll(keepingCapacity: true)
    }

    /// Makes the shape empty, and keeps its capacity.
    mutating func clear() {
        digests.removeAll(keepingCapacity: true)
        isTooLarge = false
    }

    /// Adds a value in a place.
    mutating func insertAll(of value: JSONValue, at place: UInt64, _ freeNames: FreeNames = .none) {
        switch value {
        case .null: insert(.null, at: place)
        case .bool(let flag): insert(flag ? .yes : .no, at: place)
        case .string(let text): insert(text.isEmpty ? .emptyText : .text, at: place)
        case .number(let number):
            let text = number.description.utf8
            insert(
                text.first == UInt8(ascii: "-") ? .negative : text.elementsEqual("0".utf8) ? .zero : .positive,
                at: place
            )
        case .array(let elements):
            insert(elements.isEmpty ? .nothing : .array, at: place)
            for element in elements { insertAll(of: element, at: Self.element(of: place), freeNames.inside) }
        case .object(let object):
            insert(object.isEmpty ? .nothing : .object, at: place)
            for (name, value) in object {
                let member =
                    freeNames == .none ? Self.field(Self.digest(name), of: place) : Self.element(of: place)
                insertAll(of: value, at: member, freeNames.inside)
            }
        }
    }

    // MARK: Places

    /// The place of a field.
    ///
    /// - Parameters:
    ///   - digest: the digest of its name.
    ///   - place: the place of the object.
    /// - Returns: the place.
    static func field(_ digest: UInt64, of place: UInt64) -> UInt64 { (place ^ digest) &* 0x0000_0100_0000_01B3 }

    /// The place of all elements of an array.
    static func element(of place: UInt64) -> UInt64 { (place &+ 0x1000) &* 0x0000_0100_0000_01B3 }

    /// The digest of a name.
    static func digest(_ name: String) -> UInt64 { name.utf8.reduce(empty(name.utf8.count), adding) }

    /// The digest of a name of some length before its bytes are added.
    @inline(__always) static func empty(_ count: Int) -> UInt64 { UInt64(count) }

    /// The digest with one more byte of the name.
    @inline(__always) static func adding(_ digest: UInt64, _ byte: UInt8) -> UInt64 {
        (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
}

extension DocumentShape.FreeNames {
    fileprivate var inside: Self { self == .all ? .all : .none }
}

/// The shapes of the documents of one model that were read back, as their pairs.
///
/// It keeps 4,096 pairs. A document with another pair is read back at each commit.
struct KnownShapes {
    /// Digests by their upper bits, each in the next free slot; 0 is free.
    private var slots: [UInt64] = []
    private var count = 0

    private static let maxCount = 4_096

    /// Returns true if documents with all pairs of a shape were read back.
    func contain(_ shape: DocumentShape) -> Bool {
        !shape.isTooLarge && shape.digests.allSatisfy { digest in slot(of: digest).map { slots[$0] != 0 } ?? false }
    }

    /// Adds the pairs of a shape.
    mutating func insert(_ shape: DocumentShape) {
        for digest in shape.digests where digest != 0 {
            if 2 * (count + 1) > slots.count { grow() }
            guard count < Self.maxCount, let slot = slot(of: digest), slots[slot] == 0 else { continue }
            slots[slot] = digest
            count += 1
        }
    }

    /// The slot that has a digest or is free for it, or nil if there are no slots.
    private func slot(of digest: UInt64) -> Int? {
        if slots.isEmpty || digest == 0 { return nil }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: digest >> 32) & mask
        // It ends: at least half of the slots are free.
        while slots[slot] != digest, slots[slot] != 0 { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        guard count < Self.maxCount else { return }
        let former = slots
        slots = Array(repeating: 0, count: max(64, 2 * former.count))
        for digest in former where digest != 0 { if let slot = slot(of: digest) { slots[slot] = digest } }
    }
}
