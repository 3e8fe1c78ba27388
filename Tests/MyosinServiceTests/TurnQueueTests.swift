import Testing

@testable import MyosinService

/// The places of handlers, and the order in which requests get them.
@Suite struct TurnQueueTests {
    private var queue = TurnQueue<String>(places: 2)

    /// Lets an entry wait.
    private mutating func enter(_ entry: String) -> Int {
        let number = queue.makeNumber()
        queue.append(entry, number)
        return number
    }

    @Test mutating func entriesGetTheirTurnsInOrderWhileThereArePlaces() {
        for entry in ["a", "b", "c", "d"] { _ = enter(entry) }
        #expect(queue.takeNext() == "a" && queue.takeNext() == "b" && queue.takeNext() == nil)
        queue.leave()
        #expect(queue.takeNext() == "c" && queue.takeNext() == nil)
        queue.leave()
        queue.leave()
        #expect(queue.takeNext() == "d" && queue.takeNext() == nil)
        #expect(queue.waiting.isEmpty)
    }

    @Test mutating func whatWasTakenOutGetsNoTurn() {
        let numbers = ["a", "b", "c", "d", "e"].map { enter($0) }
        #expect(queue.remove(numbers[0]) == "a" && queue.remove(numbers[0]) == nil)
        #expect(queue.remove(numbers[2]) == "c" && queue.remove(numbers[3]) == "d")
        #expect(queue.takeNext() == "b" && queue.remove(numbers[1]) == nil)
        #expect(Array(queue.waiting) == ["e"])
        #expect(queue.takeNext() == "e" && queue.takeNext() == nil)
    }

    /// A task makes its number, and may wait after another one that has made its own later.
    @Test mutating func anEntryThatComesLateIsFound() {
        let number = queue.makeNumber()
        _ = enter("b")
        #expect(queue.takeNext() == "b")
        queue.append("a", number)
        #expect(queue.takeNext() == "a")
    }

    @Test mutating func thereIsAPlaceAtLeast() {
        queue = TurnQueue(places: 0)
        _ = enter("a")
        #expect(queue.takeNext() == "a")
    }
}
