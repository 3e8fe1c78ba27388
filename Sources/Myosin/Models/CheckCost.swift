/// How much it takes to hold a document against the rules of its model.
package struct CheckCost: Sendable, Equatable {
    /// The rules for the places that each document has once.
    package let once: Int
    /// The rules for a place that a document can have many times, such as an element of an array, at most.
    package let repeated: Int

    /// Makes a cost.
    package init(once: Int, repeated: Int) { (self.once, self.repeated) = (once, repeated) }

    /// How many rules a document of so many bytes is held against at most: each of its values takes two bytes or more.
    package func rules(forBytes bytes: Int) -> Int { once + repeated * (bytes / 2) }
}
