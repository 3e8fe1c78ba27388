/// What a number of commits has cost, as a line of text between the probe and whoever reads it.
package struct CommitCost: Sendable {
    /// How they were made: `lone` or `grouped`.
    package let way: String
    /// How many they were.
    package let commits: Int
    /// Bytes that were given to the system.
    package let bytesGiven: Int
    /// Bytes of whole pages that are to go to a disk; 0 where the directory is in memory.
    package let bytesToDisk: Int

    /// Makes the cost.
    package init(way: String, commits: Int, bytesGiven: Int, bytesToDisk: Int) {
        (self.way, self.commits, self.bytesGiven, self.bytesToDisk) = (way, commits, bytesGiven, bytesToDisk)
    }

    /// The line, without its end.
    package var text: String { "cost \(way) \(commits) \(bytesGiven) \(bytesToDisk)" }

    /// Reads a line; nil when it is another one.
    package init?(_ text: some StringProtocol) {
        let words = text.split(separator: " ")
        guard words.count == 5, words[0] == "cost" else { return nil }
        let numbers = words[2...].compactMap { Int($0) }
        guard numbers.count == 3 else { return nil }
        self.init(way: String(words[1]), commits: numbers[0], bytesGiven: numbers[1], bytesToDisk: numbers[2])
    }
}
