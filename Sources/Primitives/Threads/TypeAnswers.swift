internal import Synchronization

/// A cache, without a lock, of slow answers about types, each a number from 1 to 7.
///
/// There is one table, for one question: the form of a type's values in documents.
package enum TypeAnswers {
    /// An answer with the address of its type in one word, so that it is read as a whole; it guards no other memory.
    ///
    /// Types with certain address bits in common share a slot, which keeps the last answer. A reader that finds the answer of
    /// another type there computes its own again.
    private static let words = InlineArray<512, Atomic<UInt>> { _ in Atomic(0) }

    private static func place(of address: UInt) -> Int { Int(truncatingIfNeeded: (address >> 3 ^ address >> 12) & 511) }

    /// The answer about a type.
    ///
    /// - Parameter type: the type.
    /// - Returns: the answer, or nil if it is not kept.
    package static func answer(about type: ObjectIdentifier) -> UInt? {
        let address = UInt(bitPattern: type)
        let word = words[place(of: address)].load(ordering: .relaxed)
        return word & ~7 == address ? word & 7 : nil
    }

    /// Keeps an answer.
    ///
    /// - Parameters:
    ///   - answer: from 1 to 7.
    ///   - type: the type that it is about.
    package static func keep(_ answer: UInt, about type: ObjectIdentifier) {
        let address = UInt(bitPattern: type)
        // Addresses of types end in three zero bits, which hold the answer.
        guard address & 7 == 0, 1...7 ~= answer else { return }
        words[place(of: address)].store(address | answer, ordering: .relaxed)
    }
}
