/// Which kinds of values a document has in which places.
///
/// A bit stands for each pair of a place and a kind, by its digest. A type that reads back one document reads back all others of
/// the same shape, unless its code depends on single numbers or texts. Elements of an array share a place, so the length of an
/// array does not count, except that it may be 0.
struct DocumentShape: Sendable, Equatable {
    /// What may stand in a place.
    enum Kind: UInt64 {
        case null = 1
        case yes, no, emptyText, text, zero, negative, positive, object, array, nothing
    }

    private var bits = SIMD8<UInt64>(repeating: 0)

    /// Adds a kind of value in a place.
    mutating func insert(_ kind: Kind, at place: UInt64) {
        // The last step of MurmurHash3 without its first shift: the upper bits depend on all.
        let digest = (place &+ kind.rawValue) &* 0x9E37_79B9_7F4A_7C15
        bits[Int(truncatingIfNeeded: digest >> 61)] |= 1 << (digest >> 55 & 63)
    }

    /// Adds a value in a place.
    mutating func insertAll(of value: JSONValue, at place: UInt64) {
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
            for element in elements { insertAll(of: element, at: Self.element(of: place)) }
        case .object(let object):
            insert(object.isEmpty ? .nothing : .object, at: place)
            for (name, value) in object { insertAll(of: value, at: Self.field(Self.digest(name), of: place)) }
        }
    }

    mutating func formUnion(_ other: DocumentShape) { bits |= other.bits }

    func isSubset(of other: DocumentShape) -> Bool { bits & ~other.bits == .zero }

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
    static func digest(_ name: String) -> UInt64 {
        name.utf8.reduce(UInt64(name.utf8.count)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
