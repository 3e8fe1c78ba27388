internal import Glibc

/// What the tests of the store run as a process of its own, to kill it or to look at its system calls.
///
///     storage-probe storm DIRECTORY SEED
///     storage-probe group DIRECTORY THREADS COMMITS one|many
///     storage-probe alone DIRECTORY
///     storage-probe measure DIRECTORY free|meeting
///     storage-probe cost DIRECTORY
///     storage-probe full DIRECTORY
///     storage-probe hang DIRECTORY
///     storage-probe faults DIRECTORY ROUNDS PATIENCE WAIT
///     storage-probe keep DIRECTORY
@main enum StorageProbe {
    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        switch (words.first, words.count) {
        case ("storm", 3):
            guard let seed = UInt64(words[2]) else { fallthrough }
            try StormCommand(directory: words[1], seed: seed).run()
        case ("group", 5):
            guard let threadCount = Int(words[2]), let commits = Int(words[3]) else { fallthrough }
            let models = words[4] == "one" ? Array(Numbers.all.prefix(1)) : Numbers.all
            let committers = try Committers(directory: words[1], models: models, meets: true)
            try committers.commit(commits, fromEachOf: threadCount, between: ("begin", "end"))
        case ("alone", 2): try commitAlone(directory: words[1])
        case ("measure", 3): try MeasureCommand(directory: words[1], meets: words[2] == "meeting").run()
        case ("full", 2): try FullDiskCommand(directory: words[1]).run()
        case ("hang", 2): try HangCommand(directory: words[1]).run()
        case ("keep", 2): try KeepCommand(directory: words[1]).run()
        case ("cost", 2): try printCost(directory: words[1])
        case ("faults", 5):
            let numbers = words[2...].compactMap { Int($0) }
            guard numbers.count == 3 else { fallthrough }
            let (patience, wait) = (Duration.milliseconds(numbers[1]), Duration.milliseconds(numbers[2]))
            try FaultsCommand(directory: words[1], rounds: numbers[0], patience: patience, storeWait: wait).run()
        default:
            Output.complain(
                "storm DIRECTORY SEED | group DIRECTORY THREADS COMMITS one|many | measure DIRECTORY free|meeting | "
                    + "alone, cost, full, hang, keep DIRECTORY | faults DIRECTORY ROUNDS PATIENCE WAIT"
            )
            exit(2)
        }
    }
}
