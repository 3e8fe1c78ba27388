import ArgumentParser
import MyosinCommand

/// Checks the files that declare models, and does nothing else.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the models' files and tell everything that is wrong."
    )

    @OptionGroup var models: ModelOptions

    func run() throws {
        print(try models.verdict())
    }
}
