/// Entries that wait for one of a few places, and get it in order of arrival.
///
/// An entry leaves the queue once, by its turn or taken out. So if two threads want it, only one gets it.
struct TurnQueue<Entry> {
    private let places: Int
    /// The number of taken places.
    private var taken = 0
    private var entries: [Int: Entry] = [:]
    /// Entries with smaller numbers have left the queue.
    private var first = 0
    private var nextNumber = 0

    init(places: Int) { self.places = max(1, places) }

    /// The entries that wait, in any order.
    var waiting: some Collection<Entry> { entries.values }

    /// Makes a number for taking an entry out again.
    mutating func makeNumber() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }

    /// Lets an entry wait; entries get their turns in the order of their numbers.
    mutating func append(_ entry: Entry, _ number: Int) {
        entries[number] = entry
        first = min(first, number)
    }

    /// Takes out an entry that needs no turn, or returns nil if it has left the queue already.
    mutating func remove(_ number: Int) -> Entry? { entries.removeValue(forKey: number) }

    /// Takes the next entry and gives it a place, or returns nil if all places are taken or nothing waits.
    mutating func takeNext() -> Entry? {
        guard taken < places, !entries.isEmpty else { return nil }
        // Each number is passed once, except numbers that were made early and used late. So a turn costs little, even after many
        // removals.
        while first < nextNumber {
            defer { first += 1 }
            guard let next = entries.removeValue(forKey: first) else { continue }
            taken += 1
            return next
        }
        return nil
    }

    /// Gives a place back.
    mutating func leave() { taken -= 1 }
}
