import ArgumentParser
import MyosinCommand

/// Says what a start would do, and does nothing else.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Say what a start would do with the models' files and the stored state, and list everything that is wrong.",
        discussion: "Nothing is changed. It takes the flags of the service, and can run beside it."
    )

    @OptionGroup var options: ServiceOptions
    @OptionGroup(title: "Models") var models: ModelOptions

    func run() throws { try StartCheck(options: options, models: models).print() }
}
