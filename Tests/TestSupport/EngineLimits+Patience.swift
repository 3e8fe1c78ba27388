package import Myosin

extension Duration {
    /// A deadline that no test may reach: it is longer than ``patience``, so that the test gives up first.
    package static let beyondPatience = Duration.seconds(3_600)
}

extension EngineLimits {
    /// The limits of tests that are about none of them: however busy a machine is, no wait of the engine ends too early.
    package static let patient = EngineLimits(
        writeWait: .beyondPatience,
        storeWait: .beyondPatience,
        storeLockWait: patience
    )
}
